"""A real Chromium, real web servers, and the real tool beside them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect, sync_playwright

from tests.support.loc_dev import LocDev
from tests.support.scripted_server import Scripted, scripted_server
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site, http_server

expect.set_options(timeout=DEADLINE * 1000)  # not 5 s, which a busy machine needs at times

Open = Callable[..., Page]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="package")
def chromium() -> Iterator[BrowserType]:
    # Not for the whole session: its event loop would still run when other packages start one of their own.
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="package")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    browser = chromium.launch(
        executable_path=shutil.which("chromium"),
        args=FLAGS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(DEADLINE * 1000)
    yield context
    context.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def dev(folder: Path) -> Iterator[LocDev]:
    """The tool, watching the site."""
    with LocDev("watch", folder, "--port", "0") as dev:
        yield dev
        print(*dev.events, sep="\n")  # shown when the test fails


@pytest.fixture
def site(folder: Path, dev: LocDev) -> Iterator[Site]:
    """The site that the tool watches, shown by http.server; its pages carry the tool's tag."""
    with http_server(Site(folder, f'<script src="{dev.url}" async></script>')) as site:
        yield site


@pytest.fixture
def server() -> Iterator[Scripted]:
    """In place of the tool: a server that says what a test wants."""
    with scripted_server() as server:
        yield server


@pytest.fixture
def plain_site(folder: Path, server: Scripted) -> Iterator[Site]:
    """A site whose pages carry the tag of the scripted server."""
    with http_server(Site(folder, f'<script src="{server.url}" async></script>')) as site:
        yield site


@pytest.fixture
def open_page(context: BrowserContext, dev: LocDev, site: Site) -> Open:
    """Open a page of the site in a new tab and wait until the tool knows it and it has loaded."""

    def open_(path: str = "index.html") -> Page:
        if not context.pages:
            # What a test saved before is told by now, and not while the page loads, which would reload it.
            site.save("settled.txt", "")
            dev.wait_for("change", lambda event: "settled.txt" in event["paths"])
        page = context.new_page()
        mark = dev.mark()
        page.goto(f"{site.url}/{path}")
        joined(dev, f"/{path}", mark)
        return page

    return open_


def joined(dev: LocDev, path: str, since: int = 0) -> None:
    """Wait until a page has introduced itself to the tool."""
    dev.wait_for("client", lambda event: event["state"] == "joined" and event["page"] == path, since=since)


def applied(dev: LocDev, path: str, did: str, page: str | None = None, since: int = 0) -> None:
    """Wait until a page said what it did about a changed file."""
    dev.wait_for(
        "applied",
        lambda event: path in event["paths"] and event["did"] == did and page in (None, event["page"]),
        since=since,
    )
