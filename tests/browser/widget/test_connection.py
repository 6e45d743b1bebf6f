"""The connection of the widget: who counts, while it is away, and when it comes back."""

from __future__ import annotations

import signal

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.widget.conftest import RECIPE, Visit, figure, style_of
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine


def test_it_hides_while_the_server_is_away_and_comes_back(visit: Visit) -> None:
    with LocDev("count", "--port", "0") as counter:
        page = visit(RECIPE.format(url=counter.url))
        expect(figure(page)).to_have_text("1")
        expect(page.locator("#_loc")).to_be_visible()
    expect(page.locator("#_loc")).to_be_hidden()
    assert "1" not in (page.locator("body").text_content() or "").replace("locWidget", "").split()
    with LocDev("count", "--port", str(counter.port)):
        expect(page.locator("#_loc")).to_be_visible(timeout=2 * DEADLINE * 1000)
        expect(figure(page)).to_have_text("1")


def test_a_figure_that_may_be_wrong_is_seen_as_such(visit: Visit) -> None:
    with LocDev("count", "--port", "0", "--redis", "redis://127.0.0.1:1") as counter:
        page = visit(RECIPE.format(url=counter.url))
        expect(figure(page)).to_have_text("1")
        expect(page.locator("#_loc")).to_have_attribute("data-loc-state", "stale")
        assert style_of(page, "opacity") == "0.55"
        assert page.locator("#_loc").get_attribute("title") == "This figure may be out of date"


def test_a_reload_moves_nobody_else(visit: Visit) -> None:
    with LocDev("count", "--port", "0") as counter:
        recipe = RECIPE.format(url=counter.url)
        watching, moving = visit(recipe), visit(recipe)
        expect(figure(watching)).to_have_text("2")
        expect(figure(moving)).to_have_text("2")
        watching.evaluate(
            "window.seen = []; document.addEventListener('loc:change', ({detail}) => seen.push(detail.total))"
        )
        for _ in range(3):
            moving.reload()
            expect(figure(moving)).to_have_text("2")
        moving.goto(moving.url + "?a-click-on-a-link")
        expect(figure(moving)).to_have_text("2")
        assert watching.evaluate("seen") == []
        moving.close()
        expect(figure(watching)).to_have_text("1")  # once it has lingered


def test_a_link_that_leads_to_no_page_moves_nobody(visit: Visit, site: Site) -> None:
    """Firefox cuts the sockets of a page that it may be about to leave."""
    site.save("archive.zip", b"PK")
    with LocDev("count", "--port", "0") as counter:
        recipe = RECIPE.format(url=counter.url)
        watching, moving = visit(recipe), visit(recipe)
        expect(figure(watching)).to_have_text("2")
        watching.evaluate(
            "window.seen = []; document.addEventListener('loc:change', ({detail}) => seen.push(detail.total))"
        )
        moving.evaluate("() => setTimeout(() => location.href = 'archive.zip')")
        moving.wait_for_timeout(4000)
        expect(figure(moving)).to_have_text("2")
        assert watching.evaluate("seen") == []


def test_without_linger_a_page_that_goes_is_gone_at_once(visit: Visit, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    watching, leaving = visit(recipe), visit(recipe)
    expect(figure(watching)).to_have_text("2")
    leaving.close()
    expect(figure(watching)).to_have_text("1")


@pytest.mark.not_in("firefox", "an open socket keeps a page out of its back/forward cache")
def test_a_page_kept_for_the_way_back_is_nobodys(visit: Visit, site: Site, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    watching = visit(recipe)
    site.save("plain.html", "<!doctype html><p>nothing here")
    moving = visit(recipe)
    expect(figure(watching)).to_have_text("2")
    moving.evaluate("window.kept = true")
    moving.goto(f"{site.url}/plain.html")
    expect(figure(watching)).to_have_text("1")
    moving.go_back(wait_until="commit")
    expect(figure(watching)).to_have_text("2")
    assert moving.evaluate("window.kept") is True, "it came out of the back/forward cache"
    expect(figure(moving)).to_have_text("2")


def test_a_socket_that_the_server_holds_still_is_no_second_visitor(
    visit: Visit, counter: LocDev, context: BrowserContext
) -> None:
    page = visit(RECIPE.format(url=counter.url))
    expect(figure(page)).to_have_text("1")
    # The network goes without a word, and comes back: the old socket is a ghost for 45 s.
    counter.process.send_signal(signal.SIGSTOP)
    try:
        page.evaluate("locWidget.close(); setTimeout(() => locWidget.init(), 0)")
        page.wait_for_function("document.querySelector('#_loc')")
    finally:
        counter.process.send_signal(signal.SIGCONT)
    expect(figure(page)).to_have_text("1")


@pytest.mark.not_in("webkit", "WebDriver sets no clock")
def test_a_connection_that_died_without_a_word_is_not_believed(
    visit: Visit, counter: LocDev, context: BrowserContext
) -> None:
    page = visit(RECIPE.format(url=counter.url))
    page.clock.install()
    page.reload()
    expect(figure(page)).to_have_text("1")
    counter.process.send_signal(signal.SIGSTOP)
    try:
        page.clock.run_for(61_000)
        expect(page.locator("#_loc")).to_be_hidden()
    finally:
        counter.process.send_signal(signal.SIGCONT)
    page.clock.resume()
    expect(figure(page)).to_have_text("1")
    context.set_offline(True)
    expect(page.locator("#_loc")).to_be_hidden()
    context.set_offline(False)
    expect(figure(page)).to_have_text("1")


def test_close_takes_it_away_and_init_brings_it_back(visit: Visit, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    page, other = visit(recipe), visit(recipe)
    expect(figure(other)).to_have_text("2")
    page.evaluate("locWidget.close()")
    expect(figure(other)).to_have_text("1")
    assert page.locator("#_loc, #_lo_said").count() == 0
    page.evaluate("locWidget.init()")
    expect(figure(other)).to_have_text("2")
    expect(figure(page)).to_have_text("2")
    assert page.evaluate("document.adoptedStyleSheets.length") == 1


def test_it_comes_back_with_jitter_and_more_and_more_seldom(visit: Visit) -> None:
    with LocDev("count", "--port", "0") as counter:
        page = visit(RECIPE.format(url=counter.url))
        expect(figure(page)).to_have_text("1")
        page.evaluate(
            """() => {
              window.waits = [];
              const real = window.setTimeout;
              window.setTimeout = (work, ms) => {
                if (ms > 20000) return real(work, ms);
                waits.push(ms);
                return real(work, Math.min(ms, 5));
              };
            }"""
        )
    page.wait_for_function("waits.length > 12")
    waits = page.evaluate("waits.slice(0, 13)")
    # The first is the server's own word; the others are ours, between 0.5 s and a bound that doubles.
    assert 0 <= waits[0] <= 1000
    for attempt, wait in enumerate(waits[1:], 1):
        assert 500 <= wait <= min(20_000, 1000 * 2**attempt)
    assert max(waits) > 4000


def test_it_comes_back_where_the_policy_of_the_page_allows_the_socket_alone(visit: Visit, site: Site) -> None:
    with LocDev("count", "--port", "0") as counter:
        site.headers["Content-Security-Policy"] = f"connect-src ws://localhost:{counter.port}"
        page = visit(RECIPE.format(url=counter.url))
        expect(figure(page)).to_have_text("1")
    expect(page.locator("#_loc")).to_be_hidden()
    with LocDev("count", "--port", str(counter.port)):
        expect(figure(page)).to_have_text("1", timeout=2 * DEADLINE * 1000)
