"""``loc-dev serve`` where saved pages are shown in place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import applied, visit
from tests.browser.serve.conftest import HEAD, text
from tests.support.loc_dev import LocDev
from tests.support.page_marks import is_marked, reloaded, shows
from tests.support.scripted_pages import knows_itself
from tests.support.web_servers import Site


@pytest.fixture
def served(site: Site) -> Iterator[LocDev]:
    with LocDev("serve", site.folder, "--port", "0", "--in-place", "on") as served:
        yield served


@pytest.fixture
def tabs(context: BrowserContext, served: LocDev) -> list[Page]:
    tabs = [visit(context, served, path) for path in ("/", "/index.html", "/about/")]
    for tab in tabs:
        knows_itself(tab)
    return tabs


def test_a_saved_page_changes_in_the_tabs_that_show_it(tabs: list[Page], site: Site, served: LocDev) -> None:
    for number in ("one", "two"):
        since = served.mark()
        site.save("index.html", f"{HEAD}<body><p>new home {number}")
        for tab in tabs[:2]:
            text(tab, f"new home {number}")
        applied(served, "index.html", "nothing", "/about/", since)
        for path in ("/", "/index.html"):
            applied(served, "index.html", "in-place", path, since)
    assert all(is_marked(tab) for tab in tabs)


def test_a_page_and_its_sheet_are_saved_together(tabs: list[Page], site: Site, served: LocDev) -> None:
    since = served.mark()
    site.save("site.css", "p { order: 2 }")
    site.save("index.html", f"{HEAD}<body><p>new home")
    for tab in tabs[:2]:
        text(tab, "new home")
        shows(tab, "p", "order", "2")
    applied(served, "index.html", "in-place", "/", since)
    assert all(is_marked(tab) for tab in tabs)


def test_a_script_in_the_page_needs_a_reload(tabs: list[Page], site: Site, served: LocDev) -> None:
    site.save("index.html", f"{HEAD}<body><p>new home<script>window.own = 1</script>")
    for tab in tabs[:2]:
        text(tab, "new home")
        reloaded(tab)
    assert is_marked(tabs[2])


def test_an_empty_file_and_half_a_page_show_as_they_are(
    context: BrowserContext, served: LocDev, site: Site
) -> None:
    tab = visit(context, served, "/")
    knows_itself(tab)
    whole = f"{HEAD}<body><main><p>home</p><b>and</b></main><p>more"
    for part in (whole, whole[: whole.index("</b>")], whole, "", whole):
        site.save("index.html", part)
        tab.wait_for_function(
            "(html) => document.body?.textContent === "
            "new DOMParser().parseFromString(html, 'text/html').body.textContent",
            arg=part,
        )
    assert tab.evaluate("() => document.body.innerHTML.trim()") == (
        "<main><p>home</p><b>and</b></main><p>more</p>"
    )
