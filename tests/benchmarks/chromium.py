"""Chromium, and the moment at which a page in it first shows something."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from urllib.error import URLError
from urllib.request import urlopen

from playwright.async_api import Browser, Page, async_playwright

from tests.benchmarks.contestants import PATIENCE
from tests.benchmarks.report import Section, middle, ms

LONGEST = 5.0
"""Seconds after which a save counts as never shown."""
PARAGRAPHS = "<p>so many words of a page that somebody reads</p>" * 120

# Runs in each document before all else, notes when the page first shows what is wanted, and draws nothing.
LOOK = """
const looks = { LOOKS };
setInterval(() => {
  for (const [kind, look] of Object.entries(looks)) {
    let shows;
    try { shows = look(); } catch {}
    const key = `${kind} ${shows}`;
    if (shows && !localStorage.getItem(key)) localStorage.setItem(key, Date.now());
  }
}, 1);
"""

# The seconds that saves of a name and a kind took until they showed.
Took = dict[tuple[str, str], list[float]]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        yield browser
        await browser.close()


async def opened(browser: Browser, url: str, looks: Mapping[str, str]) -> Page:
    """Return a page in a context of its own.

    ``looks`` are JavaScript expressions of what it shows, by what is saved.
    """
    context = await browser.new_context()
    script = LOOK.replace("LOOKS", ", ".join(f"{kind}: () => {look}" for kind, look in looks.items()))
    await context.add_init_script(script)
    page = await context.new_page()
    await page.goto(url)
    await page.wait_for_timeout(1500)  # its socket is open, and what it fetches when idle is there
    return page


async def seen(page: Page, key: str, began: float) -> float | None:
    """Return the seconds from ``began`` until the page showed ``key``, by its own clock; None for never."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            if at := await page.evaluate("(key) => localStorage.getItem(key)", key):
                return float(at) / 1000 - began
        except Exception:  # between two documents
            pass
        await asyncio.sleep(0.02)
    return None


async def reach(url: str) -> None:
    """Wait until something answers at ``url``."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            await asyncio.to_thread(lambda: urlopen(url, timeout=5).close())
            return
        except (URLError, OSError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)


def table(title: str, names: Iterable[str], kinds: Iterable[str], took: Took) -> Section:
    """Return the medians of each name and kind."""
    result = Section(
        f"{title}, median, ms",
        ("", *kinds),
        note=f"A page of 120 paragraphs in Chromium. never: not in {LONGEST:g} s.",
    )
    for name in names:
        cells = [ms(middle(took[name, kind])) if (name, kind) in took else "never" for kind in kinds]
        result.rows.append([name, *cells])
    return result
