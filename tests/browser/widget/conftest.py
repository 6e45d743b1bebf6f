"""A counter, and pages of a site beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page

from tests.support.loc_dev import LocDev
from tests.support.web_servers import Site, http_server

RECIPE = '<script src="{url}"></script><script>locWidget.init();</script>'
Visit = Callable[..., Page]


@pytest.fixture
def counter() -> Iterator[LocDev]:
    with LocDev("count", "--port", "0", "--linger", "0") as counter:
        yield counter


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    with http_server(Site(folder)) as site:
        yield site


@pytest.fixture
def visit(context: BrowserContext, site: Site) -> Visit:
    """Save a page with this head and body, and open it in a new tab."""

    def visit(
        head: str, body: str = "<h1>Hi</h1>", host: str = "localhost", path: str = "index.html"
    ) -> Page:
        site.save(path, f"<!doctype html><html><head><title>t</title></head><body>{body}{head}</body></html>")
        page = context.new_page()
        page.goto(site.url.replace("localhost", host) + f"/{path}")
        return page

    return visit


def figure(page: Page) -> Locator:
    return page.locator("#_loc > #_lo_count")


def style_of(page: Page, name: str) -> str:
    return str(page.evaluate(f"getComputedStyle(document.querySelector('#_loc')).{name}"))
