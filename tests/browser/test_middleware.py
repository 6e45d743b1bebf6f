"""The middleware in a FastAPI app under ``uvicorn --reload``, with tabs open in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.marks import holds, is_marked, mark, reloaded, shows
from tests.reloading import Reloading, uvicorn_reload

TABS = 2


@pytest.fixture(params=['watch=["templates", "static"]', 'watch=["."]'], ids=["its folders", "everything"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reloading]:
    with uvicorn_reload(tmp_path / "app", request.param) as app:
        yield app


@pytest.fixture
def tabs(context: BrowserContext, app: Reloading) -> list[Page]:
    """Tabs that show pages of the app, and are known to it."""
    tabs = []
    for number in range(TABS):
        tab = context.new_page()
        with tab.expect_websocket() as found:
            tab.goto(f"{app.url}/{number}")
        found.value.wait_for_event("framesent")
        mark(tab)
        tabs.append(tab)
    return tabs


def test_tabs_show_the_new_code(app: Reloading, tabs: list[Page]) -> None:
    for version in (2, 3):
        for tab in tabs:
            mark(tab)
        app.restart(version)
        for tab in tabs:
            holds(tab, f"document.querySelector('p')?.textContent === '{version}'")
            reloaded(tab)


def test_a_saved_template_reloads_the_tabs(app: Reloading, tabs: list[Page]) -> None:
    app.save("templates/page.html", "<h1>1", "<h1>2")
    for tab in tabs:
        holds(tab, "document.querySelector('h1')?.textContent === '2'")
        reloaded(tab)


def test_a_saved_style_sheet_is_swapped(app: Reloading, tabs: list[Page]) -> None:
    app.save("static/site.css", "order: 1", "order: 2")
    for tab in tabs:
        shows(tab, "p", "order", "2")
        assert is_marked(tab)


def test_ten_tabs_come_back_after_the_code_changed(app: Reloading, context: BrowserContext) -> None:
    tabs = [context.new_page() for _ in range(10)]
    for tab in tabs:
        with tab.expect_websocket():
            tab.goto(app.url)
    app.restart(2)
    for tab in tabs:
        holds(tab, "document.querySelector('p')?.textContent === '2'")
