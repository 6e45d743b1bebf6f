"""How the widget looks, where it stands, and that it shifts nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.widget.conftest import RECIPE, Visit, figure, style_of
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine


def test_a_style_overrides_the_look_and_the_page_wins(visit: Visit, counter: LocDev) -> None:
    styled = (
        f'<script src="{counter.url}"></script>'
        "<script>locWidget.style = 'color: rgb(1, 2, 3); left: 7px'; locWidget.init();</script>"
    )
    page = visit(styled)
    expect(figure(page)).to_have_text("1")
    assert style_of(page, "color") == "rgb(1, 2, 3)"
    assert style_of(page, "left") == "7px"
    assert style_of(page, "position") == "static"

    of_page = visit("<style>div { color: rgb(4, 5, 6) }</style>" + styled, path="other.html")
    expect(figure(of_page)).to_have_text("2")
    assert style_of(of_page, "color") == "rgb(4, 5, 6)", "any rule of the page is stronger"


def test_whole_rules_may_be_a_style(visit: Visit, counter: LocDev) -> None:
    page = visit(
        f'<script src="{counter.url}"></script>'
        "<script>locWidget.style = '#_loc { top: 9px }'; locWidget.init();</script>"
    )
    expect(figure(page)).to_have_text("1")
    assert style_of(page, "top") == "9px"


def test_an_element_of_the_page_is_used(visit: Visit, counter: LocDev) -> None:
    page = visit(RECIPE.format(url=counter.url), "<p>Now <b id=_lo_count>?</b> people</p>")
    expect(page.locator("p")).to_have_text("Now 1 people")
    assert page.locator("#_loc").count() == 0
    page.evaluate("locWidget.close()")
    assert page.locator("p").count() == 1


def test_without_inline_code_under_a_strict_policy(visit: Visit, site: Site, counter: LocDev) -> None:
    ws = counter.url.replace("http", "ws")
    site.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {counter.url}; connect-src {ws}; require-trusted-types-for 'script'"
    )
    page = visit(f'<script src="{counter.url}/_loc/widget.js" data-auto data-label="here" async></script>')
    expect(page.locator("#_loc")).to_have_text("1 here")
    assert style_of(page, "position") == "fixed", "the look is there, though no inline style is allowed"


def test_attributes_say_where(visit: Visit, counter: LocDev) -> None:
    page = visit(
        f'<script src="{counter.url}" data-auto data-target="footer" data-label="" async></script>',
        "<footer>Visitors: </footer>",
    )
    expect(page.locator("footer #_loc")).to_have_text("1")
    assert style_of(page, "position") == "static", "within a text it stands where it was put"


def test_no_layout_shifts(context: BrowserContext, site: Site, counter: LocDev) -> None:
    site.save(
        "index.html",
        f'<!doctype html><html><head><script src="{counter.url}"></script>'
        "<script>locWidget.init();</script></head>"
        "<body><p>Now <span id=_lo_count></span> people, and more text</p><script>window.shift = 0;"
        "new PerformanceObserver((list) => shift +="
        " list.getEntries().reduce((sum, entry) => sum + entry.value, 0))"
        ".observe({type: 'layout-shift', buffered: true})</script></body></html>",
    )
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator("#_lo_count")).to_have_text("1")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    before = page.locator("p").bounding_box()
    width = page.locator("#_lo_count").bounding_box()
    for _ in range(12):
        context.new_page().goto(site.url)
    expect(page.locator("#_lo_count")).to_have_text("13")
    assert page.locator("p").bounding_box() == before
    assert page.locator("#_lo_count").bounding_box() == width
    assert page.evaluate("shift") < 0.0001, "only the figure itself moves, in its own room"
