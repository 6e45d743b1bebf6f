"""The widget of the visitor counter: recipes, options and manners."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.widget.conftest import RECIPE, Visit, figure
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.paths import PACKAGE
from tests.support.web_servers import Site, http_server

pytestmark = pytest.mark.every_engine


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


@pytest.mark.not_in("webkit", "WebDriver sets no clock")
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
    page.clock.run_for(40_000)  # the clock goes on beside that
    expect(said).to_have_text("1 online")
    context.new_page().goto(site.url)
    expect(figure(page)).to_have_text("3")
    page.clock.run_for(22_000)
    expect(said).to_have_text("3 online")
    assert page.locator("#_loc [aria-live], #_loc [role=status]").count() == 0


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
