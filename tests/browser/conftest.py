"""Real browsers, real web servers, and the real tool beside them.

A test runs in Chromium; if it is marked with ``every_engine``, in every engine; with ``--engine NAME``,
there. The mark ``not_in(NAME, REASON)`` names an engine that cannot run it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from livereload_loc.pipeline.hub import TRANSIT_SECONDS
from tests.support.engines import ENGINES, Engine, running
from tests.support.loc_dev import LocDev
from tests.support.page_marks import mark
from tests.support.scripted_pages import KnownPage
from tests.support.scripted_server import Scripted, scripted_server
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site, http_server

Open = Callable[..., Page]
OpenKnown = Callable[..., KnownPage]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a test that needs a browser run in the engines that are asked for."""
    if "engine" not in metafunc.fixturenames:
        return
    node = metafunc.definition
    usual = ENGINES if node.get_closest_marker("every_engine") else ["chromium"]
    unfit = {mark.args[0]: mark.args[1] for mark in node.iter_markers("not_in")}
    metafunc.parametrize(
        "engine",
        [
            pytest.param(name, marks=[pytest.mark.skip(f"{name}: {unfit[name]}")] if name in unfit else [])
            for name in metafunc.config.getoption("engine") or usual
        ],
        indirect=True,
        scope="package",
    )


@pytest.fixture(scope="package")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    # Not for the whole session: its event loop would still run when other packages start one of their own.
    with running(request.param) as engine:
        yield engine


def one_browser_for(fixture_name: str, config: pytest.Config) -> Literal["module", "package"]:
    """What one browser is for: Firefox takes more memory and time with each page that it has shown."""
    return "module" if "firefox" in (config.getoption("engine") or ENGINES) else "package"


@pytest.fixture(scope=one_browser_for)
def browser(engine: Engine) -> Iterator[Browser]:
    browser = engine.launch()
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
def staying(server: Scripted) -> Scripted:
    """The scripted server, telling pages to stay in place."""
    server.hello["inPlace"] = "on"
    return server


@pytest.fixture
def open_known(context: BrowserContext, plain_site: Site, staying: Scripted) -> OpenKnown:
    """Save a page of the plain site that changes in place, and open it."""
    return partial(KnownPage, context, plain_site, staying)


@pytest.fixture
def always(server: Scripted) -> Scripted:
    """The scripted server, telling pages with scripts to stay in place, too."""
    server.hello["inPlace"] = "always"
    return server


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
            settled(dev)
        page = context.new_page()
        mark = dev.mark()
        page.goto(f"{site.url}/{path}")
        joined(dev, f"/{path}", mark)
        return page

    return open_


def visit(context: BrowserContext, dev: LocDev, path: str) -> Page:
    """Open a page that the tool serves in a new tab, and mark it once the tool knows it."""
    if not context.pages:
        settled(dev)
    page = context.new_page()
    since = dev.mark()
    page.goto(dev.url + path)
    joined(dev, path, since)
    mark(page)
    return page


def settled(dev: LocDev) -> None:
    """Wait until what a test saved is told, and a page that is opened now no longer hears of it."""
    (dev.folder / "settled.txt").touch()
    dev.wait_for("change", lambda event: "settled.txt" in event["paths"])
    time.sleep(TRANSIT_SECONDS)


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
