"""Pages over TLS: what they load from us is https, and their sockets are wss by themselves.

A port of ours that speaks TLS lets no other socket in: a page that joins has joined by wss.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from livereload_loc.server.tls.certificates import load
from tests.browser.conftest import applied, joined
from tests.support.backends import upstream
from tests.support.certificates import issue
from tests.support.expecting import expect
from tests.support.loc_dev import LocDev
from tests.support.page_marks import OWN_SCRIPT, holds
from tests.support.waiting import DEADLINE
from tests.support.web_servers import Site, http_server

APP = """
from flask import Flask, render_template
from livereload_loc.wsgi import LiveReloadMiddleware

app = Flask(__name__)
app.wsgi_app = LiveReloadMiddleware(app.wsgi_app, watch=["templates"])
app.add_url_rule("/", view_func=lambda: (render_template("page.html"), {"Content-Security-Policy": POLICY}))
POLICY = "default-src 'self'"
"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(DEADLINE * 1000)
    yield context
    context.close()


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    certificate, key = issue(tmp_path, "own", "localhost")
    return ["--cert", str(certificate), "--key", str(key)]


def test_a_page_of_ours_reloads_over_wss(context: BrowserContext, folder: Path, pair: list[str]) -> None:
    site = Site(folder)
    site.save("index.html", f"<!doctype html><title>x</title>{OWN_SCRIPT}<p>one")
    with LocDev("serve", folder, *pair, "--port", "0") as dev:
        page = context.new_page()
        page.goto(dev.url)
        joined(dev, "/")
        site.save("index.html", f"<!doctype html><title>x</title>{OWN_SCRIPT}<p>two")
        holds(page, "document.body?.textContent.includes('two')")
        applied(dev, "index.html", "reload")


def test_a_tag_in_a_page_of_another_server(context: BrowserContext, folder: Path, pair: list[str]) -> None:
    """A secure page may load a script and a socket of ours, as long as they are secure."""
    site = Site(folder)
    with (
        LocDev("watch", folder, *pair, "--port", "0") as dev,
        http_server(site, load(pair[1], pair[3])),
    ):
        tag = f'<script src="{dev.url}" async></script>'
        site.save("index.html", f"<!doctype html><title>x</title>{tag}<p>one")
        page = context.new_page()
        page.goto(f"{site.url}/")
        joined(dev, "/")
        site.save("index.html", f"<!doctype html><title>x</title>{tag}<p>two")
        holds(page, "document.body?.textContent.includes('two')")


@pytest.mark.not_in("webkit", "a secure page may open no ws://localhost there")
def test_an_app_over_tls_whose_socket_is_beside_it(
    context: BrowserContext, tmp_path: Path, pair: list[str]
) -> None:
    """The server of the socket speaks no TLS; a secure page may reach it all the same, on this machine."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "templates").mkdir()
    template = tmp_path / "templates/page.html"
    template.write_text("<!doctype html><title>x</title><p>one")
    command = ("-m", "flask", "run", "--debug", "--cert", pair[1], "--key", pair[3], "--port", "PORT")
    with upstream(tmp_path, sys.executable, *command) as url:
        page = context.new_page()
        page.goto(url.replace("http", "https"))
        holds(page, "Symbol.for('loc-dev') in window")
        template.write_text("<!doctype html><title>x</title><p>two")
        holds(page, "document.body?.textContent.includes('two')")


def test_the_widget_counts_over_wss(context: BrowserContext, folder: Path, pair: list[str]) -> None:
    site = Site(folder)
    with (
        LocDev("count", *pair, "--port", "0") as counter,
        LocDev("serve", folder, *pair, "--port", "0") as dev,
    ):
        tag = f'<script src="{counter.ready["script"]}" data-auto async></script>'
        site.save("index.html", f"<!doctype html><title>x</title><body>{tag}<p>Hi")
        pages = []
        for total in ("1", "2"):
            pages.append(context.new_page())
            pages[-1].goto(dev.url)
            expect(pages[-1].locator("#_lo_count")).to_have_text(total)
        expect(pages[0].locator("#_lo_count")).to_have_text("2")
