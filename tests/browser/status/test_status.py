"""The status page in a browser: what it shows, as it happens, and as text."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext
from websockets.sync.client import connect

from tests.browser.status.conftest import PAGE, Status, visit
from tests.support.engines import Engine
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.pseudo_terminals import Terminal
from tests.support.scripted_pages import knows_itself

pytestmark = pytest.mark.not_in("webkit", "WebDriver runs no script before the page's own")

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> &amp; <b>.css"


def test_a_save_is_accounted_for_as_it_happens(
    context: BrowserContext, dev: LocDev, status: Status, site: Path
) -> None:
    page = status.page
    expect(page.locator("#headline")).to_have_text("No page is open")
    expect(page.locator("#detail")).to_contain_text("Open your page")
    visit(context, dev, "/")
    visit(context, dev, "/about.html")
    expect(page.locator("#pages tbody tr")).to_have_count(2)
    expect(page.locator("#pages tbody tr").nth(1)).to_contain_text(
        re.compile(r"/about\.html\s*(Chrome|Firefox) \d+, since")
    )
    (site / "site.css").write_text("p { order: 2 }")
    row = page.locator("#feed tbody tr").first
    expect(row).to_contain_text("2 tabs swapped")
    expect(row.locator(".tabs li")).to_have_count(2)
    expect(row.locator(".tabs")).to_contain_text(re.compile(r"/about\.html (Chrome|Firefox) \d+ [\d.]+ m?s"))
    expect(page.locator("#headline")).to_have_text("2 tabs swapped")
    expect(page.locator("#detail")).to_contain_text(re.compile(r"site\.css, [\d.]+ m?s after the save\."))
    knows_itself(context.pages[-1])
    (site / "about.html").write_text(PAGE.format(title="New"))
    expect(row).to_contain_text("1 tab updated in place, 1 unaffected")
    expect(page.locator("#pages tbody tr").nth(1)).to_contain_text("updated in place")
    expect(page.locator("#pages tbody tr")).to_have_count(2)
    context.pages[1].close()
    expect(page.locator("#pages tbody tr")).to_have_count(1)


def test_what_was_ignored_bears_its_rule(dev: LocDev, status: Status, site: Path) -> None:
    (site / "notes.txt").write_text("x")
    row = status.page.locator("#feed tbody tr")
    expect(row).to_have_count(1)
    why = dev.wait_for("ignored")["why"]
    assert "*.txt" in why
    expect(row).to_contain_text(why)
    expect(status.page.locator("#headline")).to_have_text(f"notes.txt: {why}")
    (site / ".site.css.swp").write_text("x")
    dev.wait_for("ignored", lambda event: event["path"] == ".site.css.swp")
    status.page.get_by_label("hidden and temporary files").check()
    expect(row).to_have_count(2)
    status.page.get_by_label("ignored", exact=True).uncheck()
    expect(row).to_have_count(1)
    expect(row).to_contain_text(".site.css.swp")


def test_a_problem_stands_above_all_until_it_is_mended(dev: LocDev, status: Status, site: Path) -> None:
    page = status.page
    (site / "site.css").write_text("oops")
    expect(page.locator("#headline")).to_contain_text("Build failed: ")
    expect(page.locator("#output")).to_have_text(
        "It ended with exit code 1.\nsite.css:1\n<b>what is oops?</b>"
    )
    assert page.title().startswith("\N{WARNING SIGN}")
    expect(page.locator("#feed tbody tr").first).to_contain_text("problem")
    (site / "site.css").write_text("p { order: 3 }")
    expect(page.locator("#output")).to_be_hidden()
    expect(page).to_have_title("loc-dev")
    expect(page.locator("#feed tbody tr").nth(1)).to_contain_text("solved at")


def test_what_comes_from_outside_is_text(dev: LocDev, status: Status, site: Path) -> None:
    with connect(dev.socket_url, user_agent_header=HOSTILE) as page:
        page.send(json.dumps({"type": "page", "url": HOSTILE, "seq": None, "run": None, "age": 0}))
        expect(status.page.locator("#pages .name")).to_have_text(HOSTILE)
        (site / HOSTILE).write_text("p {}")
        expect(status.page.locator("#feed tbody .name").first).to_have_text(HOSTILE)
        expect(status.page.locator("#detail")).to_contain_text(HOSTILE)
    assert status.page.locator("main img:not(#qr), main b b, main script").count() == 0
    assert status.page.title() == "loc-dev"


def test_the_tag_is_copied(dev: LocDev, status: Status) -> None:
    page = status.page
    page.get_by_role("button", name="Copy the tag", exact=True).click()
    expect(page.get_by_text("Copied.")).to_have_attribute("role", "status")
    tag = f'<script src="{dev.url}/_loc/reload.js" async></script>'
    assert page.evaluate("navigator.clipboard.readText()") == tag
    page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error('not here')))")
    page.get_by_role("button", name="Copy the tag", exact=True).click()
    expect(page.get_by_text("Selected.")).to_be_visible()
    assert page.evaluate("String(getSelection())") == tag


def test_totals_are_drawn(context: BrowserContext, dev: LocDev, status: Status, site: Path) -> None:
    widget = "<script src=/_loc/widget.js data-auto async></script>"
    (site / "counted.html").write_text(PAGE.format(title="Counted") + widget)
    dev.wait_for("change")
    expect(status.page.locator("#widget")).to_contain_text("widget.js")
    visit(context, dev, "/counted.html")
    row = status.page.locator("#sites tbody tr")
    expect(row).to_contain_text("localhost")
    expect(row.locator(".figure").first).to_have_text("1")
    line = row.get_by_role("img", name="the last 24 hours: between 0 and 1")
    expect(line).to_be_visible()
    assert len(line.locator("polyline").get_attribute("points").split()) == 96  # type: ignore[union-attr]


def test_a_long_history_is_folded(status: Status, dev: LocDev, site: Path) -> None:
    for number in range(20):
        (site / f"{number}.css").write_text("p {}")
        dev.wait_for("change", lambda event, name=f"{number}.css": name in event["paths"])  # type: ignore[misc]
    rows = status.page.locator("#feed tbody tr")
    expect(rows).to_have_count(15)
    status.page.get_by_role("button", name="Show all 20").click()
    expect(rows).to_have_count(20)
    expect(rows.first).to_contain_text("19.css")
    status.page.get_by_role("button", name="Show fewer").click()
    expect(rows).to_have_count(15)


def test_other_devices_find_a_code_to_scan(engine: Engine, site: Path) -> None:
    browser = engine.launch("desk.example")
    with LocDev("serve", site, "--port", "0", "--allow-host", "desk.example") as dev:
        page = browser.new_page()
        url = f"http://desk.example:{dev.port}/"
        page.goto(f"{url}_loc/")
        code = page.get_by_role("img", name=f"QR code of {url}")
        expect(code).to_be_visible()
        assert code.evaluate("(code) => code.decode().then(() => code.naturalWidth > 0)")
        expect(page.get_by_role("link", name=url)).to_have_attribute("href", url)
        page.get_by_role("button", name="Copy the tag").click()
        expect(page.get_by_text("Selected.")).to_be_visible()
        browser.close()


def test_a_pause_is_why_nothing_happens(context: BrowserContext, site: Path) -> None:
    command = (sys.executable, "-m", "livereload_loc", "serve", site.name, "--port", "0")
    with Terminal(*command, cwd=site.parent) as terminal:
        page = context.new_page()
        page.goto(f"{terminal.url}/_loc/")
        heading = page.locator("#headline", has_text=re.compile("^Paused$"))
        terminal.type("p")
        heading.wait_for()
        (site / "site.css").write_text("p { order: 2 }")
        terminal.type("p")
        page.locator("#feed").get_by_text("site.css").wait_for()
        expect(heading).to_have_count(0)
