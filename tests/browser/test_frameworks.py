"""Fields that a framework keeps in step with its own state have what the user typed after a reload."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.support.frameworks.build import FRAMEWORKS, build
from tests.support.page_marks import holds, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

TYPED = {"text": "typed", "area": "words", "check": True, "radio": "b", "select": "two"}
START = {"text": "", "area": "", "check": False, "radio": "", "select": "one"}

# How the page comes to its form: at once, some time after it has loaded, or as the server has rendered it.
RENDER = {
    "at once": "app.mount(root)",
    "later": "addEventListener('load', () => setTimeout(() => app.mount(root), 700))",
    "hydrated": "app.hydrate(root)",
    "hydrated later": "addEventListener('load', () => setTimeout(() => app.hydrate(root), 700))",
}


@pytest.fixture(scope="session", params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The module of a framework's form."""
    return build(request.param, tmp_path_factory.mktemp("frameworks") / request.param)


def save(site: Site, render: str, markup: str = "") -> None:
    site.page(
        "index.html",
        f"<div id=root>{markup}</div><script type=module>import * as app from './app.js'; {render}</script>",
    )


def has_state(page: Page, wanted: dict[str, object]) -> None:
    """Wait until the framework and its fields have this state."""
    shown = json.dumps(json.dumps(wanted, separators=(",", ":")))
    holds(page, f"document.querySelector('#state')?.textContent === {shown}")
    holds(page, f"text.value === {json.dumps(wanted['text'])} && area.value === {json.dumps(wanted['area'])}")
    holds(page, f"check.checked === {json.dumps(wanted['check'])} && select.value === '{wanted['select']}'")
    holds(page, f"b.checked === {json.dumps(wanted['radio'] == 'b')}")


def type_all(page: Page) -> None:
    # Playwright fills fields in Firefox in a way that React takes for a script's.
    page.locator("#text").press_sequentially("typed")
    page.locator("#area").press_sequentially("words")
    page.check("#check")
    page.check("#b")
    page.select_option("#select", "two")


@pytest.mark.parametrize("how", RENDER)
def test_a_form_of_a_framework_has_what_the_user_typed(
    site: Site, open_page: Open, framework: str, how: str
) -> None:
    site.save("app.js", framework)
    save(site, RENDER["at once"])
    page = open_page()
    has_state(page, START)
    markup = page.evaluate("() => root.innerHTML")
    type_all(page)
    has_state(page, TYPED)
    mark(page)
    save(site, RENDER[how], markup if "hydrated" in how else "")
    reloaded(page)
    has_state(page, TYPED)
