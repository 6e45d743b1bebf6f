"""The panel over the page: what a failed build said, and how it goes again."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from livereload_loc.pipeline.steps.build.outputs import LATE_SECONDS
from tests.browser.conftest import applied, joined
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import is_marked, mark
from tests.support.scripted_pages import knows_itself
from tests.support.web_servers import Site, http_server

BUILD = """
import pathlib, sys
source = pathlib.Path(sys.argv[1], "site.scss").read_text()
if "oops" in source:
    print("\\033[31msite.scss:1\\033[0m <img src=x onerror=\\"document.title = 'owned'\\">")
    sys.exit(65)
"""
STRICT = "default-src 'none'; script-src http:; connect-src ws: http:; require-trusted-types-for 'script'"


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    build = folder.with_name("build.py")
    build.write_text(BUILD)
    (folder / "site.scss").write_text("a {}")
    with (
        LocDev("watch", folder, "--port", "0", "--exec", f"{sys.executable} {build} {folder}") as dev,
        http_server(Site(folder, f'<script src="{dev.url}" async></script>')) as site,
    ):
        site.dev = dev  # type: ignore[attr-defined]
        site.page("index.html", "<dialog>A dialog</dialog><input autofocus>")
        dev.wait_for("change", lambda event: "index.html" in event["paths"])
        yield site
        print(*dev.events, sep="\n")


def tool(site: Site) -> LocDev:
    return site.dev  # type: ignore[attr-defined,no-any-return]


def opened(context: BrowserContext, site: Site) -> Page:
    page = context.new_page()
    since = tool(site).mark()
    page.goto(f"{site.url}/index.html")
    joined(tool(site), "/index.html", since)
    knows_itself(page)
    return page


def fail(site: Site) -> None:
    site.save("site.scss", "oops", old=False)
    tool(site).wait_for("problem")


def test_it_shows_text_over_everything_and_goes_when_the_build_is_mended(
    context: BrowserContext, site: Site
) -> None:
    page, other = opened(context, site), opened(context, site)
    page.evaluate("document.querySelector('dialog').showModal()")
    for each in (page, other):
        mark(each)
    fail(site)
    for each in (page, other):
        panel = each.locator("loc-dev")
        expect(panel).to_be_visible()
        expect(panel.locator("b")).to_contain_text("Build failed: ")
        expect(panel.locator("b")).to_contain_text("build.py")
        expect(panel.locator("pre")).to_have_text(
            "It ended with exit code 65.\nsite.scss:1 <img src=x onerror=\"document.title = 'owned'\">"
        )
        assert each.title() == "index.html"
        assert is_marked(each), "the last good page stays"
    above = page.evaluate("document.querySelector('loc-dev').matches(':popover-open')")
    assert above, "not in the top layer, where the dialog is"
    site.save("site.scss", "b {}", old=False)
    tool(site).wait_for("solved")
    for each in (page, other):
        expect(each.locator("loc-dev")).to_have_count(0)
        assert is_marked(each)


def test_it_survives_a_reload_and_greets_those_who_come_later(context: BrowserContext, site: Site) -> None:
    page = opened(context, site)
    fail(site)
    expect(page.locator("loc-dev")).to_be_visible()
    page.reload()
    expect(page.locator("loc-dev")).to_have_count(1)
    late = opened(context, site)
    expect(late.locator("loc-dev")).to_have_count(1)
    since = tool(site).mark()
    time.sleep(LATE_SECONDS)  # until then it may be the build's own, whose same failure is said once
    site.save("site.scss", "oops again", old=False)
    tool(site).wait_for("problem", since=since)
    expect(page.locator("loc-dev")).to_have_count(1)


@pytest.mark.parametrize("way", ["key", "click"])
def test_it_can_be_dismissed_and_takes_nothing_from_the_page(
    context: BrowserContext, site: Site, way: str
) -> None:
    page = opened(context, site)
    page.locator("input").focus()
    fail(site)
    expect(page.locator("loc-dev")).to_be_visible()
    expect(page.locator("input")).to_be_focused()
    if way == "key":
        page.keyboard.press("Escape")
    else:
        page.locator("loc-dev").get_by_role("button", name="Close").click()
    expect(page.locator("loc-dev")).to_have_count(0)
    site.save("site.scss", "b {}", old=False)
    tool(site).wait_for("solved")
    applied(tool(site), "site.scss", "same")


def test_a_strict_policy_lets_it_look_as_it_should(context: BrowserContext, site: Site) -> None:
    site.headers["Content-Security-Policy"] = STRICT
    page = opened(context, site)
    fail(site)
    panel = page.locator("loc-dev")
    expect(panel).to_be_visible()
    assert panel.evaluate("(panel) => getComputedStyle(panel).position") == "fixed"
    assert panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor") == "rgb(28, 28, 31)"


def test_frames_show_none_of_their_own(context: BrowserContext, site: Site) -> None:
    site.page("outer.html", '<iframe src="index.html"></iframe>')
    tool(site).wait_for("change", lambda event: "outer.html" in event["paths"])
    page = context.new_page()
    since = tool(site).mark()
    page.goto(f"{site.url}/outer.html")
    for path in ("/outer.html", "/index.html"):
        joined(tool(site), path, since)
    fail(site)
    expect(page.locator("loc-dev")).to_be_visible()
    expect(page.frame_locator("iframe").locator("loc-dev")).to_have_count(0)
