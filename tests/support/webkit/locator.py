"""Elements of a page in WebKit, found anew for each use, as Playwright's locators are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from selenium.webdriver.common.keys import Keys

from tests.support.waiting import until

if TYPE_CHECKING:
    from selenium.webdriver.remote.webelement import WebElement

    from tests.support.webkit.browser import Page

# Into open shadow roots, too, as Playwright finds them.
FIND = """
const roots = (root) => [root, ...[root, ...root.querySelectorAll("*")]
  .filter(({ shadowRoot }) => shadowRoot).flatMap(({ shadowRoot }) => roots(shadowRoot))];
const query = (root, css) => [...new Set(roots(root).flatMap((each) => [...each.querySelectorAll(css)]))];
const textOf = (node) => node.nodeType === Node.TEXT_NODE ? node.data
  : /^(script|style|noscript|head)$/i.test(node.nodeName) ? ""
  : [...(node.shadowRoot?.childNodes ?? []), ...node.childNodes].map(textOf).join("");
const words = (text) => text.replace(/\\s+/g, " ").trim();
const has = (text, part) => words(text).toLowerCase().includes(part.toLowerCase());
const nameOf = (node) => node.getAttribute("aria-label") ?? node.getAttribute("alt") ?? textOf(node);
const isShown = (node) => node.checkVisibility({ visibilityProperty: true })
  && node.getBoundingClientRect().width > 0 && node.getBoundingClientRect().height > 0;
const steps = {
  css: (roots, css) => roots.flatMap((root) => query(root, css)),
  role: (roots, [role, name]) => steps.css(roots, `[role=${role}]${role === "button" ? ", button" : ""}`)
    .filter((node) => isShown(node) || role === "status").filter((node) => has(nameOf(node), name)),
  text: (roots, text) => steps.css(roots, "*").filter((node) => has(textOf(node), text))
    .filter((node, _, all) => !all.some((other) => other !== node && node.contains(other))),
  frame: (roots, css) => steps.css(roots, css).map(({ contentDocument }) => contentDocument).filter(Boolean),
  nth: (roots, number) => [roots.at(number)].filter(Boolean),
};
const found = () => path.reduce((roots, [step, value]) => steps[step](roots, value), [document]);
"""


class Locator:
    """A way to elements: from the document, step by step."""

    def __init__(self, page: Page, *path: tuple[str, object]) -> None:
        self.page = page
        self._path = path

    def __repr__(self) -> str:
        return f"Locator({' > '.join(f'{step} {value}' for step, value in self._path)})"

    def _then(self, step: str, value: object) -> Self:
        return type(self)(self.page, *self._path, (step, value))

    def locator(self, css: str) -> Self:
        return self._then("css", css)

    def get_by_role(self, role: str, *, name: str = "") -> Self:
        return self._then("role", (role, name))

    def get_by_text(self, text: str) -> Self:
        return self._then("text", text)

    def frame_locator(self, css: str) -> Self:
        return self._then("frame", css)

    def nth(self, number: int) -> Self:
        return self._then("nth", number)

    @property
    def first(self) -> Self:
        return self.nth(0)

    def read(self, expression: str, *arguments: object) -> Any:
        """Return what an expression says of ``all``, the elements that are there now."""
        script = f"const [path, ...given] = arguments; {FIND} const all = found(); return ({expression});"
        return self.page.driver.execute_script(script, self._path, *arguments)

    def count(self) -> int:
        return int(self.read("all.length"))

    def all_inner_texts(self) -> list[str]:
        return list(self.read("all.map(({ innerText }) => innerText)"))

    def evaluate(self, function: str) -> Any:
        self.element()
        return self.read(f"({function})(all[0])")

    def text_content(self) -> str:
        return str(self.evaluate("({ textContent }) => textContent"))

    def inner_text(self) -> str:
        return str(self.evaluate("({ innerText }) => innerText"))

    def get_attribute(self, name: str) -> str | None:
        self.element()
        value: str | None = self.read("all[0].getAttribute(given[0])", name)
        return value

    def bounding_box(self) -> dict[str, float]:
        box: dict[str, float] = self.evaluate(
            "(it) => { const { x, y, width, height } = it.getBoundingClientRect();"
            " return { x, y, width, height } }"
        )
        return box

    def element(self, *, shown: bool = False) -> WebElement:
        """Wait for the one element that there is to be."""
        elements: list[WebElement] = []

        def is_there() -> bool:
            elements[:] = self.read("all.filter((node) => !given[0] || isShown(node))", shown)
            return len(elements) == 1

        until(is_there, f"not one: {self}")
        return elements[0]

    def click(self) -> None:
        self.element(shown=True).click()

    def focus(self) -> None:
        self.evaluate("(it) => it.focus()")

    def fill(self, value: str) -> None:
        element = self.element(shown=True)
        element.clear()
        element.send_keys(value.replace("\n", Keys.ENTER))

    def press_sequentially(self, text: str) -> None:
        self.element(shown=True).send_keys(text)

    def check(self) -> None:
        element = self.element(shown=True)
        if not element.is_selected():
            element.click()

    def select_option(self, values: str | list[str]) -> None:
        """Choose options as Playwright does: a list that drops down is no part of the page."""
        self.element(shown=True)
        self.read(
            "[...all[0].options].forEach((each) => { each.selected = given[0].includes(each.value) }),"
            "['input', 'change'].forEach((kind) => all[0].dispatchEvent(new Event(kind, { bubbles: true })))",
            [values] if isinstance(values, str) else values,
        )

    def set_input_files(self, path: Path) -> None:
        self.element().send_keys(str(path))
