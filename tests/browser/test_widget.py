"""The widget of the visitor counter, in pages of real sites beside ``loc-dev count``."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.loc_dev import LocDev
from tests.support.paths import PACKAGE
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site, http_server

RECIPE = '<script src="{url}"></script><script>locWidget.init();</script>'
Visit = Callable[..., Page]


@pytest.fixture
def counter() -> Iterator[LocDev]:
    with LocDev("count", "--port", "0", "--linger", "0") as counter:
        yield counter


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    with http_server(Site(folder)) as site:
        yield site


@pytest.fixture
def visit(context: BrowserContext, site: Site) -> Visit:
    """Save a page with this head and body, and open it in a new tab."""

    def visit(
        head: str, body: str = "<h1>Hi</h1>", host: str = "localhost", path: str = "index.html"
    ) -> Page:
        site.save(path, f"<!doctype html><html><head><title>t</title></head><body>{body}{head}</body></html>")
        page = context.new_page()
        page.goto(site.url.replace("localhost", host) + f"/{path}")
        return page

    return visit


def figure(page: Page) -> Locator:
    return page.locator("#_loc > #_lo_count")


def test_the_recipe_shows_how_many_pages_of_its_site_are_open(visit: Visit, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    first = visit(recipe)
    expect(figure(first)).to_have_text("1")
    second = visit(recipe)
    expect(figure(first)).to_have_text("2")
    expect(figure(second)).to_have_text("2")
    elsewhere = visit(recipe, host="127.0.0.1")
    expect(figure(elsewhere)).to_have_text("1")
    expect(figure(first)).to_have_text("2")
    second.close()
    expect(figure(first)).to_have_text("1")
    expect(figure(elsewhere)).to_have_text("1")


def test_the_recipe_works_in_the_head_too(context: BrowserContext, site: Site, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    site.save("index.html", f"<!doctype html><html><head>{recipe}</head><body>Hi</body></html>")
    page = context.new_page()
    page.goto(site.url)
    expect(figure(page)).to_have_text("1")


def test_a_style_overrides_the_look_and_the_page_wins(visit: Visit, counter: LocDev) -> None:
    styled = (
        f'<script src="{counter.url}"></script>'
        "<script>locWidget.style = 'color: rgb(1, 2, 3); left: 7px'; locWidget.init();</script>"
    )
    page = visit(styled)
    expect(figure(page)).to_have_text("1")
    assert _style(page, "color") == "rgb(1, 2, 3)"
    assert _style(page, "left") == "7px"
    assert _style(page, "position") == "static"

    of_page = visit("<style>div { color: rgb(4, 5, 6) }</style>" + styled, path="other.html")
    expect(figure(of_page)).to_have_text("2")
    assert _style(of_page, "color") == "rgb(4, 5, 6)", "any rule of the page is stronger"


def test_whole_rules_may_be_a_style(visit: Visit, counter: LocDev) -> None:
    page = visit(
        f'<script src="{counter.url}"></script>'
        "<script>locWidget.style = '#_loc { top: 9px }'; locWidget.init();</script>"
    )
    expect(figure(page)).to_have_text("1")
    assert _style(page, "top") == "9px"


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
    assert _style(page, "position") == "fixed", "the look is there, though no inline style is allowed"


def test_with_integrity_on_a_versioned_address(
    visit: Visit, counter: LocDev, context: BrowserContext
) -> None:
    status = context.new_page()
    status.goto(counter.url)
    tag = status.locator("code").inner_text()
    assert 'integrity="sha256-' in tag
    assert "?v=" in tag
    page = visit(tag)
    expect(figure(page)).to_have_text("1")
    broken = visit(tag.replace("sha256-", "sha256-A"), path="broken.html")
    expect(figure(page)).to_have_text("1")
    assert broken.locator("#_loc").count() == 0


def test_attributes_say_where(visit: Visit, counter: LocDev) -> None:
    page = visit(
        f'<script src="{counter.url}" data-auto data-target="footer" data-label="" async></script>',
        "<footer>Visitors: </footer>",
    )
    expect(page.locator("footer #_loc")).to_have_text("1")
    assert _style(page, "position") == "static", "within a text it stands where it was put"


def test_a_script_from_elsewhere_may_name_its_server(visit: Visit, counter: LocDev, site: Site) -> None:
    site.save("copy.js", (PACKAGE / "counter/widget.js").read_bytes())
    page = visit(f'<script src="/copy.js" data-auto data-server="{counter.url}"></script>')
    expect(figure(page)).to_have_text("1")


def test_options_say_where_how_and_who_is_told(visit: Visit, counter: LocDev) -> None:
    page = visit(
        f'<script src="{counter.url}"></script><script>'
        "window.told = []; window.heard = [];"
        "document.addEventListener('loc:change', (e) => heard.push(`${e.detail.total} ${e.detail.state}`));"
        "locWidget.init({target: document.querySelector('main'), format: (n) => `<b>${n}</b>`,"
        " onChange: (total, state) => told.push(`${total} ${state}`)});</script>",
        "<main></main>",
    )
    expect(page.locator("main #_lo_count")).to_have_text("<b>1</b>")  # text, not markup
    assert page.evaluate("told") == page.evaluate("heard") == ["1 live"]


def test_what_the_page_throws_stays_there(visit: Visit, counter: LocDev) -> None:
    page = visit(
        f'<script src="{counter.url}"></script><script>window.failed = 0;'
        "addEventListener('error', () => failed++); addEventListener('unhandledrejection', () => failed++);"
        "locWidget.init({target: '???', onChange() { throw new Error('of the page') }});"
        "locWidget.init();</script>"
        f'<script src="{counter.url}"></script>'
    )
    page.wait_for_function("window.locWidget")
    other = visit(RECIPE.format(url=counter.url), path="other.html")
    expect(figure(other)).to_have_text(re.compile("1|2"))
    assert page.evaluate("failed") == 0


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


def test_the_figure_is_said_politely_and_seldom(context: BrowserContext, site: Site, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    site.save("index.html", f"<!doctype html><html><body>{recipe}</body></html>")
    page = context.new_page()
    page.clock.install()
    page.goto(site.url)
    expect(figure(page)).to_have_text("1")
    said = page.get_by_role("status")
    page.clock.run_for(100)
    expect(said).to_have_text("1 online")
    other = context.new_page()
    other.goto(site.url)
    expect(figure(page)).to_have_text("2")
    page.clock.run_for(58_000)
    expect(said).to_have_text("1 online")
    context.new_page().goto(site.url)
    expect(figure(page)).to_have_text("3")
    page.clock.run_for(3_000)
    expect(said).to_have_text("3 online")
    assert page.locator("#_loc [aria-live], #_loc [role=status]").count() == 0


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
        assert _style(page, "opacity") == "0.55"
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


def test_without_linger_a_page_that_goes_is_gone_at_once(visit: Visit, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    watching, leaving = visit(recipe), visit(recipe)
    expect(figure(watching)).to_have_text("2")
    leaving.close()
    expect(figure(watching)).to_have_text("1")


def test_a_page_kept_for_the_way_back_is_nobodys(visit: Visit, site: Site, counter: LocDev) -> None:
    recipe = RECIPE.format(url=counter.url)
    watching = visit(recipe)
    site.save("plain.html", "<!doctype html><p>nothing here")
    moving = visit(recipe)
    expect(figure(watching)).to_have_text("2")
    moving.evaluate("window.kept = true")
    moving.goto(f"{site.url}/plain.html")
    expect(figure(watching)).to_have_text("1")
    moving.go_back(until="commit")
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


def test_a_browser_that_lacks_much_still_has_a_page(visit: Visit, counter: LocDev) -> None:
    page = visit(
        "<script>window.failed = 0; addEventListener('error', () => failed++); delete URL.canParse</script>"
        f'<script src="{counter.url}" data-server="http://"></script>'
        "<script>locWidget.init(); window.after = true</script>"
    )
    assert page.evaluate("[failed, after]") == [0, True]


def test_nothing_is_stored(visit: Visit, counter: LocDev, context: BrowserContext) -> None:
    page = visit(RECIPE.format(url=counter.url))
    expect(figure(page)).to_have_text("1")
    assert context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


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


def test_both_features_come_with_one_tag(folder: Path, context: BrowserContext) -> None:
    with (
        LocDev("watch", folder, "--port", "0", "--counter") as dev,
        http_server(Site(folder, f'<script src="{dev.url}" data-auto async></script>')) as site,
    ):
        site.page("index.html", "one")
        page = context.new_page()
        page.goto(site.url)
        expect(figure(page)).to_have_text("1")
        dev.wait_for("client")
        dev.wait_for("total", lambda event: event["total"] == 1)
        site.page("index.html", "two")
        expect(page.locator("body")).to_contain_text("two")
        expect(figure(page)).to_have_text("1")


def test_a_served_site_can_have_it(folder: Path, context: BrowserContext) -> None:
    (folder / "index.html").write_text(
        '<!doctype html><p>Hi<script src="/_loc/widget.js" data-auto></script></p>'
    )
    with LocDev("serve", folder, "--port", "0", "--counter") as dev:
        page = context.new_page()
        page.goto(dev.url)
        expect(figure(page)).to_have_text("1")


def _style(page: Page, name: str) -> str:
    return str(page.evaluate(f"getComputedStyle(document.querySelector('#_loc')).{name}"))
