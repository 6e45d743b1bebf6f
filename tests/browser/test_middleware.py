"""Tabs of an app under ``uvicorn --reload`` whose pages bear the tag of the middleware."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.marks import holds, is_marked, mark, reloaded, shows
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
