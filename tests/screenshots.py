"""Makes the pictures of the manual from the real tool: ``python -m tests.screenshots``."""

from __future__ import annotations

import base64
import html
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pyte
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.loc_dev import LocDev
from tests.support.paths import ROOT
from tests.support.pseudo_terminals import Terminal
from tests.support.scripted_pages import knows_its_text
from tests.support.waiting import DEADLINE, until

PICTURES = ROOT / ".github"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MOST_BYTES = 200_000


def main() -> None:
    """Write all pictures."""
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        site = Path(scratch) / "demo_content"
        shutil.copytree(ROOT / "demo_content", site)
        beside(browser, site, PICTURES / "picture.png")
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


def beside(browser: Browser, site: Path, picture: Path) -> None:
    """A terminal in which saves are accounted for, beside the page that shows them."""
    command = (sys.executable, "-m", "livereload_loc", "serve", "demo_content")
    with Terminal(*command, cwd=site.parent, size=(76, 21)) as terminal:
        context = browser.new_context(viewport={"width": 900, "height": 820}, reduced_motion="reduce")
        page = context.new_page()
        page.goto(terminal.url)
        terminal.shows("1 page open")
        knows_its_text(page)
        for path, old, new in (
            ("index.html", "The lamp is lit, the kettle is on", "The lamp is lit, and supper is on"),
            ("styles/palette.css", "--signal:", "--signal: seagreen; --was:"),
            (".env", "", "SECRET=1"),
        ):
            file = site / path
            text = file.read_text() if file.exists() else ""
            assert old in text
            file.write_text(text.replace(old, new, 1))
            terminal.shows(f"{re.escape(path)}: ")
        page.get_by_role("heading", name="supper is on").wait_for()
        terminal.shows("last styles/palette.css")
        shown = page.screenshot(type="png")
        context.close()
        lines = [_as_html(terminal.screen.buffer[row], terminal.screen.columns) for row in range(21)]
    page = browser.new_page(viewport={"width": 1200, "height": 560})
    image = f"data:image/png;base64,{base64.b64encode(shown).decode()}"
    page.set_content(_BESIDE.replace("{lines}", "\n".join(lines)).replace("{page}", image))
    page.locator("img").evaluate("image => image.decode()")
    page.screenshot(path=picture)
    page.close()
    print(picture.relative_to(ROOT))


def _as_html(row: Mapping[int, pyte.screens.Char], columns: int) -> str:
    """A line of a terminal with its colours."""
    parts = []
    for column in range(columns):
        char = row[column]
        style = "".join(
            [f"color:{_COLOURS.get(char.fg, 'inherit')}", ";font-weight:bold" if char.bold else ""]
        )
        parts.append(f'<span style="{style}">{html.escape(char.data)}</span>')
    return "".join(parts).rstrip()


_COLOURS = {"green": "#4ec27f", "cyan": "#5fb3d9", "brown": "#e0b050", "yellow": "#e0b050", "red": "#e06c60"}

_BESIDE = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 28px; box-sizing: border-box; height: 560px; display: flex; gap: 24px;
  background: #dfe4ea; align-items: stretch }
pre { margin: 0; padding: 20px; border-radius: 10px; background: #1d2129; color: #d5dae2;
  font: 12px/1.7 "DejaVu Sans Mono", monospace; box-shadow: 0 6px 24px #0003; flex: none }
figure { margin: 0; flex: 1; border-radius: 10px; overflow: hidden; box-shadow: 0 6px 24px #0003 }
figure div { height: 34px; background: #f1f3f6; display: flex; gap: 8px; align-items: center }
i:first-child { margin-left: 14px }
i { width: 11px; height: 11px; border-radius: 50%; background: #c4cbd4 }
img { width: 100%; display: block }
</style><pre>{lines}</pre><figure><div><i></i><i></i><i></i></div><img src="{page}" alt=""></figure>"""


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
        until(lambda since=since, name=name, count=count: dev.count(name, since) >= count)  # type: ignore[misc]
        until(lambda: _is_calm(dev, len(pages)))


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
