"""``loc-dev serve`` on a site whose pages carry no tag of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds
from tests.support.web_servers import Site

HEAD = "<!doctype html><html><head><title>x</title><link rel=stylesheet href=/site.css></head>"


@pytest.fixture
def site(folder: Path) -> Site:
    site = Site(folder)
    site.save("index.html", f"{HEAD}<body><p>home")
    site.save("about/index.html", f"{HEAD}<body><p>about")
    site.save("site.css", "p { order: 1 }")
    return site


@pytest.fixture
def served(site: Site) -> Iterator[LocDev]:
    with LocDev("serve", site.folder, "--port", "0") as served:
        yield served


def text(page: Page, expected: str) -> None:
    holds(page, f"document.body?.textContent.includes('{expected}')")
