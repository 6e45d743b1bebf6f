"""The status page for everyone: by keyboard, by name, on every screen, dark and still."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.status.conftest import Status, visit
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev

pytestmark = pytest.mark.not_in("webkit", "WebDriver runs no script before the page's own")


def test_it_works_by_keyboard_in_the_order_it_is_read(status: Status) -> None:
    page = status.page
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2, "one has to see where one is"
    assert reached == ["ignored", "noise", "Copy the tag", "Copy the counter's tag"]
    page.locator("#noise").focus()
    page.keyboard.press("Space")
    expect(page.locator("#noise")).to_be_checked()


def test_it_has_names_for_those_who_do_not_see_it(
    context: BrowserContext, dev: LocDev, status: Status
) -> None:
    visit(context, dev, "/")
    page = status.page
    assert page.get_by_role("heading").all_inner_texts() == [
        "loc-dev", "Open pages", "Recent saves", "The tag", "Watched", "Who is online", "Other devices",
    ]  # fmt: skip
    expect(page.get_by_role("table", name="Connected pages")).to_be_visible()
    assert page.locator("th:not([scope=col])").count() == 0
    for name in ("Open pages", "Recent saves", "The tag", "Watched"):
        expect(page.get_by_role("region", name=name)).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 800, 1200])
def test_it_fits_on_every_screen(
    context: BrowserContext, dev: LocDev, status: Status, site: Path, width: int
) -> None:
    visit(context, dev, f"/?{'long' * 60}")
    (site / f"{'n' * 200}.css").write_text("p {}")
    (site / "site.css").write_text("oops")
    expect(status.page.locator("#output")).to_be_visible()
    status.page.set_viewport_size({"width": width, "height": 700})
    # A scrollbar may take some of the width.
    assert status.page.evaluate("innerWidth") == width
    assert status.page.evaluate(
        "document.documentElement.scrollWidth === document.documentElement.clientWidth"
    )
    for part in status.page.locator("section").all():
        box = part.bounding_box()
        assert box is None or box["x"] + box["width"] <= width


@pytest.mark.not_in("firefox", "Playwright chooses no colour scheme by BiDi")
def test_it_is_dark_for_those_who_want_it_so(browser: Browser, dev: LocDev) -> None:
    colours = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        status = Status(context, dev)
        style = "getComputedStyle(document.documentElement)"
        colours.append(status.page.evaluate(f"[{style}.backgroundColor, {style}.color]"))
        status.check()
        context.close()
    light, dark = colours
    assert _brightness(light[0]) > 200 > 100 > _brightness(light[1])
    assert _brightness(dark[0]) < 60 < 180 < _brightness(dark[1])


def _brightness(colour: str) -> float:
    red, green, blue = map(float, re.findall(r"[\d.]+", colour)[:3])
    return (red + green + blue) / 3


@pytest.mark.not_in("firefox", "Playwright does not ask for less motion by BiDi")
def test_it_stays_still_for_those_who_want_it_so(browser: Browser, dev: LocDev, site: Path) -> None:
    for motion, animated in (("reduce", "none"), ("no-preference", "come")):
        context = browser.new_context(reduced_motion=motion)  # type: ignore[arg-type]
        status = Status(context, dev)
        (site / "site.css").write_text(f"/* {motion} */")
        row = status.page.locator("#feed tbody tr.new td").first
        expect(row).to_have_css("animation-name", animated)
        context.close()
