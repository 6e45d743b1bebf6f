"""The connection of the status page: lost, left and found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from tests.browser.status.conftest import Status
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev

pytestmark = pytest.mark.not_in("webkit", "WebDriver runs no script before the page's own")


def test_it_says_when_the_connection_is_lost_and_comes_back(context: BrowserContext, site: Path) -> None:
    with LocDev("watch", site, "--port", "0") as dev:
        status = Status(context, dev, "/")
        port = str(dev.port)
        (site / "site.css").write_text("a {}")
        expect(status.page.locator("#feed tbody tr")).to_have_count(1)
    page = status.page
    expect(page.locator("#link")).to_have_text("not connected")
    expect(page.locator("#headline")).to_have_text("Connection lost")
    expect(page.locator("#feed tbody tr")).to_have_count(1)
    with LocDev("watch", site, "--port", port):
        expect(page.locator("#link")).to_have_text("live")
        expect(page.locator("#feed tbody tr")).to_have_count(0)
        assert page.evaluate("stays") is True


@pytest.mark.not_in("firefox", "Playwright tells nothing of sockets by BiDi")
def test_it_lets_go_when_it_is_left_and_goes_on_when_it_is_back(
    status: Status, dev: LocDev, site: Path
) -> None:
    page = status.page
    with page.expect_websocket() as first:
        page.reload()
    expect(page.locator("#link")).to_have_text("live")
    with first.value.expect_event("close"):
        page.evaluate("void dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    (site / "site.css").write_text("p { order: 7 }")
    dev.wait_for("change")
    expect(page.locator("#feed tbody tr")).to_have_count(0)
    with page.expect_websocket():
        page.evaluate("void dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("#feed tbody tr")).to_have_count(1)
