"""Makes the pictures of the manual from the real tool: ``python -m tests.screenshots``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, Page, sync_playwright

from tests.harness import DEADLINE, LocDev, wait_until

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / ".github"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MOST_BYTES = 200_000


def main() -> None:
    """Write all pictures."""
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(scratch) / "demo_content"
        shutil.copytree(ROOT / "demo_content", site)
        with (
            LocDev("serve", site, "--port", "0", "--counter", cwd=site.parent) as dev,
            chromium() as browser,
        ):
            pages = browser.new_context()
            work(dev, site, [pages.new_page(), pages.new_page()])
            for scheme, name in (("light", "status.png"), ("dark", "status-dark.png")):
                picture = PICTURES / name
                take(browser, dev, scheme, picture)
                assert picture.stat().st_size < MOST_BYTES, f"{picture} is too large"
                print(picture.relative_to(ROOT))


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's own, or the one that Playwright has installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser
        browser.close()


def work(dev: LocDev, site: Path, pages: list[Page]) -> None:
    """What a person does in the first minute: two pages, a style sheet, and a file that no page needs."""
    for page, path in zip(pages, ("/", "/about/"), strict=True):
        since = dev.mark()
        page.set_default_timeout(DEADLINE * 1000)
        page.goto(dev.url + path)
        page.add_script_tag(url=f"{dev.url}/_loc/widget.js")
        page.evaluate("locWidget.init()")
        dev.wait_for("client", lambda event, path=path: event["page"] == path, since=since)  # type: ignore[misc]
    dev.wait_for("total", lambda event: event["total"] == len(pages))
    for path, name, count in (
        ("styles/site.css", "applied", 2),
        (".env", "ignored", 1),
        ("about/index.html", "applied", 1),
        ("styles/site.css", "applied", 2),
    ):
        since = dev.mark()
        with (site / path).open("a") as file:
            file.write("\n")
        wait_until(lambda since=since, name=name, count=count: dev.count(name, since) >= count)  # type: ignore[misc]
        wait_until(lambda: _is_calm(dev, len(pages)))


def _is_calm(dev: LocDev, pages: int) -> bool:
    """Whether all pages are there, and have accounted for all that was saved."""
    state = httpx2.get(f"{dev.url}/_loc/api/status").json()
    return len(state["pages"]) == pages and all(save["account"] for save in state["saves"])


def take(browser: Browser, dev: LocDev, scheme: str, picture: Path) -> None:
    """The status page, as wide as a manual shows it."""
    context = browser.new_context(
        viewport={"width": 1200, "height": 720},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(f"{dev.url}/_loc/")
    page.locator("#feed tbody tr").nth(3).wait_for()
    page.screenshot(path=picture, full_page=True)
    context.close()


if __name__ == "__main__":
    sys.exit(main())
