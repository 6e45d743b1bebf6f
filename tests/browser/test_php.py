"""A PHP site with the plain script tag, and nothing between the browser and ``php -S``."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext

from tests.browser.conftest import joined
from tests.support.backends import PHP, upstream
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import is_marked, mark, shows
from tests.support.scripted_pages import knows_itself

PAGE = """<!doctype html>
<html><head><title>php</title><script src="TAG" async></script><link rel="stylesheet" href="site.css"></head>
<body><p><?= 6 * 7 ?></p></body></html>
"""


def test_pages_and_sheets_of_a_php_site(context: BrowserContext, folder: Path, dev: LocDev) -> None:
    page_of_php = PAGE.replace("TAG", dev.url)
    (folder / "index.php").write_text(page_of_php)
    (folder / "site.css").write_text("p { order: 1 }")
    dev.wait_for("change", lambda event: "index.php" in event["paths"])
    with upstream(folder, *PHP) as url:
        page = context.new_page()
        page.goto(url)
        joined(dev, "/")
        expect(page.locator("p")).to_have_text("42")
        mark(page)
        (folder / "site.css").write_text("p { order: 2 }")
        shows(page, "p", "order", "2")
        assert is_marked(page)
        knows_itself(page)
        (folder / "index.php").write_text(page_of_php.replace("6 * 7", "6 * 8"))
        expect(page.locator("p")).to_have_text("48")
        assert is_marked(page)
