"""Pages of a plain site whose socket leads to the scripted server."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from tests.support.page_marks import holds, is_marked, mark, reloaded
from tests.support.scripted_server import Message, Scripted, Talk
from tests.support.web_servers import Site


def visit(
    context: BrowserContext, site: Site, server: Scripted, path: str = "index.html"
) -> tuple[Page, Talk]:
    """Open a page; its tab and its socket."""
    page = context.new_page()
    page.goto(f"{site.url}/{path}")
    talk = server.next()
    holds(page, "document.readyState === 'complete'")
    return page, talk


def warnings(page: Page) -> list[str]:
    """The list that the console's warnings of the tool go to, as they come."""
    texts: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "warning" and message.text.startswith("loc-dev"):
            texts.append(message.text)

    page.on("console", note)
    return texts


IN_PLACE = (
    "performance.getEntriesByType('resource').find(({ name }) => name.includes('/_loc/inplace.js'))?.name"
)


def knows_itself(page: Page) -> None:
    """Wait until the client of a page that changes in place knows what it is made of."""
    holds(page, IN_PLACE)
    # That it came is known before it has run; this import of it is fulfilled after the client's.
    page.evaluate(
        f"() => import({IN_PLACE}.replace(/#.*|$/, '#0')).then(() => new Promise((done) => setTimeout(done)))"
    )


def knows_its_text(page: Page) -> None:
    """Wait until the client of a page with scripts has looked for the page in the browser's cache."""
    knows_itself(page)
    page.evaluate(
        "() => fetch(location, { cache: 'only-if-cached', mode: 'same-origin' }).then((copy) => copy.text())"
        ".catch(() => 0).then(() => new Promise((done) => setTimeout(done)))"
    )


class KnownPage:
    """A page in a new tab, marked once its client knows what it is made of."""

    def __init__(
        self, context: BrowserContext, site: Site, server: Scripted, body: str, head: str = ""
    ) -> None:
        self._site, self._seq = site, 0
        site.page("index.html", body, head)
        self.tab, self._talk = visit(context, site, server)
        knows_itself(self.tab)
        mark(self.tab)

    def tell(self, *paths: str) -> None:
        """Tell the page which files were saved."""
        self._seq += 1
        self._talk.update(self._seq, "reload", *paths)

    def answer(self) -> Message:
        """What the page says that it did."""
        return self._talk.hear("applied")

    def changes_to(self, body: str, head: str = "") -> None:
        """Save the page, and wait until it has changed in place."""
        self._site.page("index.html", body, head)
        self.tell("index.html")
        assert self.answer() == {"type": "applied", "seq": self._seq, "did": "in-place", "why": ""}
        assert is_marked(self.tab)

    def reloads_for(self, *paths: str) -> None:
        """Tell the page which files were saved, and wait until it is reloaded."""
        self.tell(*paths)
        reloaded(self.tab)
