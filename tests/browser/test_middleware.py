"""Tabs of an app under ``uvicorn --reload`` whose pages bear the tag of the middleware."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.marks import holds, is_marked, mark, reloaded, shows
from tests.harness import DEADLINE
from tests.reloading import Reloading, uvicorn_reload

TABS = 10


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Reloading]:
    with uvicorn_reload(tmp_path / "app", 'watch=["."]') as app:
        yield app


def tabs(context: BrowserContext, app: Reloading, count: int) -> list[Page]:
    pages = [context.new_page() for _ in range(count)]
    for number, page in enumerate(pages):
        page.goto(f"{app.url}/{number}")
        mark(page)
    app.know(count)
    return pages


def body(page: Page, expected: str) -> None:
    holds(page, f"document.body?.textContent.includes('{expected}')")


def test_a_template_reloads_and_a_style_sheet_is_swapped(context: BrowserContext, app: Reloading) -> None:
    (page,) = tabs(context, app, 1)
    app.save("templates/page.html", "<h1>1", "<h1>saved")
    reloaded(page)
    body(page, "saved")
    app.know(1)
    mark(page)
    app.save("static/site.css", "order: 1", "order: 7")
    shows(page, "p", "order", "7")
    assert is_marked(page)


def test_ten_tabs_come_back_with_the_new_code_again_and_again(
    context: BrowserContext, app: Reloading
) -> None:
    pages = tabs(context, app, TABS)
    for version in (2, 3, 4):
        app.restart(version)
        for page in pages:
            page.wait_for_function(f"() => document.querySelector('p')?.textContent === '{version}'")
        app.know(TABS)


def test_code_that_is_saved_while_a_page_is_on_its_way_shows_in_it(
    context: BrowserContext, app: Reloading
) -> None:
    """The old app finishes its answer, and script and socket come from the new one."""
    for version in (2, 3):
        page = context.new_page()
        page.evaluate(f"setTimeout(() => location.href = '{app.url}/slow')")
        deadline = time.monotonic() + DEADLINE
        while not (app.folder.parent / "asked").exists():
            assert time.monotonic() < deadline, "the page was not asked for"
            time.sleep(0.01)
        app.save("app.py", f"VERSION = {version - 1}", f"VERSION = {version}")
        holds(page, f"document.querySelector('p')?.textContent === '{version}'")
        page.close()
        (app.folder.parent / "asked").unlink()
