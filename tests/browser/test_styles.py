"""Style sheets are swapped in place, in the pages that use them, with no flash."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open, applied
from tests.support.engines import Engine
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, reloaded, shows
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine

SHEET = '<link rel="stylesheet" href="site.css">'
# Whether the sheet of an alternate link counts as disabled differs by engine.
SHEETS = """() => [...document.querySelectorAll("link")].map((link) =>
  [link.id, link.media, link.title, link.disabled, Boolean(link.sheet?.disabled),
   new URL(link.href).searchParams.get("theme")])"""


def test_a_style_sheet_is_swapped_where_it_is_used_and_other_tabs_stay(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.save("site.css", "p { color: rgb(1, 0, 0) }")
    site.save("other.css", "p { color: rgb(9, 9, 9) }")
    site.page("index.html", "<p>one", SHEET)
    site.page("second.html", "<p>two", SHEET)
    site.page("third.html", "<p>three", '<link rel="stylesheet" href="other.css">')
    first, second, third = open_page(), open_page("second.html"), open_page("third.html")
    for page in (first, second, third):
        mark(page)
    site.save("site.css", "p { color: rgb(2, 0, 0) }")
    for page in (first, second):
        shows(page, "p", "color", "rgb(2, 0, 0)")
    applied(dev, "site.css", "nothing", "/third.html")
    applied(dev, "site.css", "css", "/index.html")
    assert all(is_marked(page) for page in (first, second, third))
    assert first.locator("link[rel=stylesheet]").count() == 1


def test_a_swap_never_shows_the_page_unstyled(site: Site, open_page: Open) -> None:
    site.save("inner.css", "em { color: rgb(1, 1, 1) }")
    site.save("site.css", "@import 'inner.css'; p { color: rgb(1, 0, 0) }")
    site.page("index.html", "<p>one <em>two</em>", SHEET)
    page = open_page()
    page.evaluate(
        """() => {
          window.seen = new Set();
          const look = () => {
            seen.add(getComputedStyle(document.querySelector("p")).color);
            seen.add(getComputedStyle(document.querySelector("em")).color);
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    site.save("site.css", "@import 'inner.css'; p { color: rgb(2, 0, 0) }")
    shows(page, "p", "color", "rgb(2, 0, 0)")
    site.save("inner.css", "em { color: rgb(2, 2, 2) }")
    shows(page, "em", "color", "rgb(2, 2, 2)")
    assert set(page.evaluate("() => [...seen]")) <= {
        "rgb(1, 0, 0)",
        "rgb(2, 0, 0)",
        "rgb(1, 1, 1)",
        "rgb(2, 2, 2)",
    }


def test_imported_sheets_are_swapped_and_stay_new_when_the_outer_one_is_swapped(
    site: Site, open_page: Open
) -> None:
    site.save("deep.css", "em { color: rgb(1, 0, 0) }")
    site.save("inner.css", "@import url(deep.css) screen; i { color: rgb(1, 0, 0) }")
    site.save("site.css", "@import 'inner.css' layer(inner); p { color: rgb(1, 0, 0) }")
    site.page(
        "index.html",
        "<p>one</p><i>two</i><em>three</em><b>four</b>",
        SHEET,
    )
    page = open_page()
    mark(page)
    site.save("deep.css", "em { color: rgb(2, 0, 0) }")
    shows(page, "em", "color", "rgb(2, 0, 0)")
    site.save("inner.css", "@import url(deep.css) screen; i { color: rgb(3, 0, 0) }")
    shows(page, "i", "color", "rgb(3, 0, 0)")
    site.save("site.css", "@import 'inner.css' layer(inner); p { color: rgb(4, 0, 0) }")
    shows(page, "p", "color", "rgb(4, 0, 0)")
    shows(page, "i", "color", "rgb(3, 0, 0)")
    shows(page, "em", "color", "rgb(2, 0, 0)")
    assert is_marked(page)


def test_a_sheet_that_a_style_imports_shows_each_save(site: Site, open_page: Open, engine: Engine) -> None:
    site.save("site.css", "p { order: 1 }")
    site.page("index.html", "<p>one</p>", "<style>@import 'site.css';</style>")
    page = open_page()
    mark(page)
    for order in ("2", "3", "4"):
        site.save("site.css", f"p {{ order: {order} }}")
        shows(page, "p", "order", order)
    # Firefox remembers what a style of the same text imports.
    assert is_marked(page) or engine.name == "firefox"
    assert page.locator("style").count() == 1


def test_saves_in_quick_succession_end_with_the_newest_and_one_link(site: Site, open_page: Open) -> None:
    site.save("site.css", "p { order: 0 }")
    site.page("index.html", "<p>one", SHEET)
    page = open_page()
    mark(page)
    for number in range(1, 13):
        site.save("site.css", f"p {{ order: {number} }}")
    shows(page, "p", "order", "12")
    page.wait_for_function("() => document.querySelectorAll('link').length === 1")
    shows(page, "p", "order", "12")
    assert is_marked(page)


def test_what_a_link_says_is_kept(site: Site, open_page: Open) -> None:
    site.save("site.css", "p { color: rgb(1, 0, 0) }")
    site.page(
        "index.html",
        "<p>one",
        '<link rel="stylesheet" href="site.css?theme=a" media="screen" title="main" id="sheet">'
        '<link rel="alternate stylesheet" href="site.css?theme=b" title="other" id="other">'
        '<link rel="stylesheet" href="site.css?theme=c" disabled id="off">'
        '<link rel="stylesheet" href="site.css?theme=d" id="quiet">',
    )
    page = open_page()
    page.evaluate("() => { quiet.sheet.disabled = true }")
    before = page.evaluate(SHEETS)
    assert [sheet[0] for sheet in before] == ["sheet", "other", "off", "quiet"]
    assert before[3][4] is True
    site.save("site.css", "p { color: rgb(2, 0, 0) }")
    shows(page, "p", "color", "rgb(2, 0, 0)")
    holds(page, "document.querySelectorAll('link').length === 4")
    assert page.evaluate(SHEETS) == before


def test_sheets_in_shadow_roots_and_frames_of_the_origin_are_swapped(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.save("site.css", "p { color: rgb(1, 0, 0) }")
    site.save("frame.html", f"<!doctype html>{SHEET}<p>frame")
    site.page(
        "index.html",
        "<div id=host><template shadowrootmode=open>"
        "<link rel=stylesheet href=site.css><p>shadow</p></template></div>"
        "<iframe src=frame.html></iframe>",
    )
    page = open_page()
    dev.wait_for("client", lambda event: event["page"] == "/frame.html")
    mark(page)
    site.save("site.css", "p { color: rgb(2, 0, 0) }")
    page.wait_for_function(
        "() => getComputedStyle(host.shadowRoot.querySelector('p')).color === 'rgb(2, 0, 0)'"
        " && getComputedStyle(frames[0].document.querySelector('p')).color === 'rgb(2, 0, 0)'"
    )
    assert is_marked(page)


@pytest.mark.not_in("webkit", "it imports no style sheets as modules")
def test_a_sheet_that_cannot_be_swapped_reloads_the_page(site: Site, dev: LocDev, open_page: Open) -> None:
    site.save("site.css", "p { color: rgb(1, 0, 0) }")
    site.page(
        "index.html",
        "<p>one",
        "<script type=module>import sheet from './site.css' with { type: 'css' };"
        "document.adoptedStyleSheets = [sheet]; window.adopted = true</script>",
    )
    page = open_page()
    page.wait_for_function("() => window.adopted")
    site.save("site.css", "p { color: rgb(2, 0, 0) }")
    shows(page, "p", "color", "rgb(2, 0, 0)")
    applied(dev, "site.css", "reload")


def test_the_longest_run_of_segments_says_which_sheet_is_meant(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    for name in ("one/styles/site.css", "two/site.css"):
        site.save(name, "p { color: rgb(1, 0, 0) }")
    site.page(
        "index.html",
        "<p>one",
        '<link rel="stylesheet" href="one/styles/site.css?v=1"><link rel="stylesheet" href="two/site.css">',
    )
    page = open_page()
    site.save("one/styles/site.css", "p { color: rgb(2, 0, 0) !important }")
    shows(page, "p", "color", "rgb(2, 0, 0)")
    holds(page, "document.querySelectorAll('link').length === 2")  # the old one has gone
    hrefs = page.evaluate("() => [...document.querySelectorAll('link')].map((link) => link.href)")
    assert "_loc=" in hrefs[0]
    assert "_loc=" not in hrefs[1]


def test_names_with_spaces_and_umlauts_are_found(site: Site, open_page: Open) -> None:
    site.save("grüße & more.css", "p { color: rgb(1, 0, 0) }")
    site.page("index.html", "<p>one", '<link rel="stylesheet" href="gr%C3%BC%C3%9Fe%20&amp;%20more.css">')
    page = open_page()
    mark(page)
    site.save("grüße & more.css", "p { color: rgb(2, 0, 0) }")
    shows(page, "p", "color", "rgb(2, 0, 0)")
    assert is_marked(page)


def test_an_asset_that_no_page_uses_reloads_them_since_the_server_may_read_it(
    site: Site, dev: LocDev, open_page: Open
) -> None:
    site.page("index.html", "<p>one")
    page = open_page()
    mark(page)
    site.save("inlined.css", "p { color: red }")
    reloaded(page)
    applied(dev, "inlined.css", "nothing")
    applied(dev, "inlined.css", "reload")
