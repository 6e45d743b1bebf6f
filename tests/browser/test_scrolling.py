"""The page and its boxes are scrolled as before, also where scripts add the content after the load."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.support.page_marks import OWN_SCRIPT, holds, mark, reloaded
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

BOX = "<div id=box style='width: 200px; height: 100px; overflow: auto'>"
WIDE = "<div style='width: 3000px; height: 900px'></div>"
TALL = "<div style='width: 4000px; height: 3000px'></div>"
PLACE = (
    "scrollX === 700 && scrollY === 1200"
    " && document.querySelector('#box')?.scrollLeft === 600 && box.scrollTop === 300"
)

# Adds the content in three steps, the first of them 300 ms after the load.
GROW = f"""<script>
addEventListener("load", () => [`{BOX}</div>`, `{WIDE}`, `{TALL}`].forEach((part, index) =>
  setTimeout(() => (index === 1 ? box : root).insertAdjacentHTML("beforeend", part), 300 + 200 * index)));
</script>"""


def scrolled(site: Site, open_page: Open) -> Page:
    site.page("index.html", f"<div id=root>{BOX}{WIDE}</div>{TALL}</div>")
    page = open_page()
    page.evaluate("() => { scrollTo(700, 1200); box.scrollTo(600, 300) }")
    holds(page, PLACE)
    mark(page)
    return page


def test_what_scripts_add_after_the_load_is_scrolled_as_before(site: Site, open_page: Open) -> None:
    page = scrolled(site, open_page)
    site.page("index.html", f"<div id=root></div>{GROW}")
    reloaded(page)
    holds(page, PLACE)


def test_the_place_is_left_alone_once_it_is_reached(site: Site, open_page: Open) -> None:
    page = scrolled(site, open_page)
    site.page("index.html", f"<div id=root></div>{GROW}")
    reloaded(page)
    holds(page, PLACE)
    page.evaluate("() => { scrollTo(0, 50); box.scrollTo(0, 0) }")
    page.wait_for_timeout(500)
    assert page.evaluate("() => [scrollY, box.scrollTop]") == [50, 0]


def test_a_page_that_the_user_scrolls_while_it_grows_stays_there(site: Site, open_page: Open) -> None:
    page = scrolled(site, open_page)
    site.page(
        "index.html",
        "<div id=root><div style='height: 1500px'></div></div>"
        f"<script>grow = () => root.insertAdjacentHTML('beforeend', `{TALL}`)</script>",
    )
    reloaded(page)
    holds(page, "scrollY > 100")
    page.keyboard.press("Home")
    holds(page, "scrollY === 0")
    page.evaluate("() => grow()")
    page.wait_for_timeout(500)
    assert page.evaluate("() => [scrollX, scrollY]") == [0, 0]


def test_a_scroll_that_no_event_announces_counts_too(site: Site, open_page: Open) -> None:
    page = scrolled(site, open_page)
    site.page("index.html", "<div id=root><div style='height: 1500px'></div></div>", OWN_SCRIPT)
    reloaded(page)
    holds(page, "scrollY > 100")
    page.wait_for_timeout(200)
    page.evaluate("() => scrollTo(0, 20)")
    page.wait_for_timeout(500)
    assert page.evaluate("() => scrollY") == 20
