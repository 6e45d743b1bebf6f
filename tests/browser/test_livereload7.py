"""LiveReload's own client, as npm has it, and what its extensions look for, in pages of a plain server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.paths import NODE_MODULES
from tests.support.ports import free_port
from tests.support.web_servers import Site, http_server

CLIENT = NODE_MODULES / "livereload-js/dist/livereload.js"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def dev(folder: Path, port: int) -> Iterator[LocDev]:
    with LocDev("watch", folder, "--port", "0", "--livereload-port", str(port)) as dev:
        yield dev


@pytest.fixture
def site(folder: Path, dev: LocDev, port: int) -> Iterator[Site]:
    """A site whose pages carry LiveReload's own client, from a folder that is not watched."""
    own = Site(folder, f'<script src="/.client/livereload.js?host=localhost&port={port}"></script>')
    own.save(".client/livereload.js", CLIENT.read_bytes())
    with http_server(own) as site:
        yield site


def open_page(context: BrowserContext, site: Site, dev: LocDev) -> Page:
    """Open a page and wait until its client is connected, and has reloaded for what it may have missed."""
    since = dev.mark()
    page = context.new_page()
    page.goto(f"{site.url}/index.html")
    dev.wait_for("client", lambda event: event["state"] == "left", since=since)
    dev.wait_for(
        "client",
        lambda event: event["state"] == "joined",
        since=1 + max(n for n, event in enumerate(dev.events) if event.get("state") == "left"),
    )
    page.evaluate("window.kept = true")
    return page


def test_its_client_reloads_and_swaps_style_sheets(context: BrowserContext, site: Site, dev: LocDev) -> None:
    site.save("a.css", "h1 { color: rgb(1, 2, 3) }")
    site.page("index.html", "<h1>one</h1>", '<link rel="stylesheet" href="a.css">')
    page = open_page(context, site, dev)
    site.save("a.css", "h1 { color: rgb(4, 5, 6) }", old=False)
    expect(page.locator("h1")).to_have_css("color", "rgb(4, 5, 6)")
    assert page.evaluate("window.kept") is True, "no reload for a style sheet"
    applied = dev.wait_for("applied", lambda event: event["did"] == "css")
    assert applied["page"].endswith("/index.html")
    site.page("index.html", "<h1>two</h1>")
    expect(page.locator("h1")).to_have_text("two")


def test_after_a_restart_it_reloads(
    context: BrowserContext, folder: Path, site: Site, dev: LocDev, port: int
) -> None:
    site.page("index.html", "<h1>one</h1>")
    page = open_page(context, site, dev)
    dev.stop()
    site.page("index.html", "<h1>two</h1>")
    with LocDev("watch", folder, "--port", "0", "--livereload-port", str(port)):
        expect(page.locator("h1")).to_have_text("two", timeout=40_000)


def test_what_stands_where_extensions_look_works(
    context: BrowserContext, site: Site, dev: LocDev, port: int
) -> None:
    site.tag = ""
    site.page("index.html", "<h1>one</h1>")
    page = context.new_page()
    page.goto(f"{site.url}/index.html")
    page.evaluate("document.addEventListener('LiveReloadConnect', () => window.connected = true)")
    # As an extension puts it into the page.
    page.evaluate(
        f"""() => {{
          const script = document.createElement("script");
          script.src = "http://localhost:{port}/livereload.js?ext=Chrome&extver=2.1.0";
          document.head.append(script);
        }}"""
    )
    page.wait_for_function("window.connected")
    dev.wait_for("client")
    site.page("index.html", "<h1>two</h1>")
    expect(page.locator("h1")).to_have_text("two")
