"""The promise, end to end: you always see what you saved. Beside servers with their default
headers, with files ten days old, which browsers keep without asking."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import applied, joined, settled
from tests.support.loc_dev import LocDev
from tests.support.page_marks import holds, is_marked, mark, shows
from tests.support.relay import Relay
from tests.support.waiting import until
from tests.support.web_servers import Site, http_server, nginx

pytestmark = pytest.mark.every_engine


def save_all(site: Site, version: int) -> None:
    """Save every file of the site anew."""
    site.save("img/a.svg", f'<svg xmlns="http://www.w3.org/2000/svg" width="{version}0" height="9"/>')
    site.save("css/inner.css", f"em {{ order: {version} }}")
    site.save("css/site.css", f"@import 'inner.css'; p {{ order: {version} }}")
    site.save("js/more.js", f"export const more = {version}")
    site.save("js/app.js", f"import {{ more }} from './more.js'; window.ran = [{version}, more].join()")
    site.page(
        "index.html",
        f"<h1>{version}</h1><p>one <em>two</em><img id=it src=img/a.svg><a href=about.html>about</a>",
        "<link rel=stylesheet href=css/site.css><script type=module src=js/app.js></script>",
    )
    site.page("about.html", f"<h1>about {version}</h1><a href=index.html>home</a><a href=gone.html>gone</a>")


def shows_all(page: Page, version: int) -> None:
    """Wait until the home page is of this version in every part."""
    holds(page, f"document.querySelector('h1')?.textContent === '{version}'")
    shows(page, "p", "order", str(version))
    shows(page, "em", "order", str(version))
    holds(page, f"window.ran === '{version},{version}' && window.it?.width === {version}0")


@pytest.fixture(params=["nginx", "http.server"])
def shown(request: pytest.FixtureRequest, folder: Path, tmp_path: Path, dev: LocDev) -> Iterator[Site]:
    """A site at version 1, shown by one server or the other."""
    site = Site(folder, f'<script src="{dev.url}" async></script>')
    save_all(site, 1)
    with nginx(site, tmp_path) if request.param == "nginx" else http_server(site):
        settled(dev)
        yield site


@pytest.fixture
def home(context: BrowserContext, shown: Site, dev: LocDev) -> Page:
    """The home page, open and known to the tool."""
    page = context.new_page()
    visit(page, shown, dev)
    return page


def visit(page: Page, site: Site, dev: LocDev, path: str = "/index.html") -> None:
    """Go to a page and wait until the tool knows it."""
    since = dev.mark()
    page.goto(f"{site.url}{path}")
    joined(dev, path, since)


def test_every_save_is_seen(home: Page, shown: Site, dev: LocDev) -> None:
    shows_all(home, 1)
    mark(home)
    shown.save("css/site.css", "@import 'inner.css'; p { order: 2 }")
    shows(home, "p", "order", "2")
    shown.save("css/inner.css", "em { order: 2 }")
    shows(home, "em", "order", "2")
    shown.save("img/a.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="9"/>')
    holds(home, "it.width === 20")
    assert is_marked(home)
    shown.save("js/more.js", "export const more = 2")
    holds(home, "window.ran === '1,2'")
    # What was swapped in place is new after a reload, too.
    shows(home, "p", "order", "2")
    shows(home, "em", "order", "2")
    holds(home, "it.width === 20")
    shown.save("js/app.js", "import { more } from './more.js'; window.ran = [2, more].join()")
    holds(home, "window.ran === '2,2'")
    save_all(shown, 3)
    shows_all(home, 3)


def test_a_page_that_no_tab_showed_when_it_was_saved_is_new_when_a_link_opens_it(
    home: Page, shown: Site, dev: LocDev
) -> None:
    shows_all(home, 1)
    visit(home, shown, dev, "/about.html")
    save_all(shown, 2)
    holds(home, "document.querySelector('h1')?.textContent === 'about 2'")
    home.get_by_text("home").click()
    shows_all(home, 2)


@pytest.mark.not_in("webkit", "it runs no async script while the parser waits for another one")
def test_a_save_in_the_middle_of_a_slow_page_load_is_seen(
    context: BrowserContext, folder: Path, dev: LocDev
) -> None:
    site = Site(folder, f'<script src="{dev.url}" async></script>')
    save_all(site, 1)
    site.save("slow.js", "")
    text = (folder / "index.html").read_text()
    site.save("index.html", text.replace("<h1>", "<script src=slow.js></script><h1>"))
    with http_server(site):
        gate = site.gates["/slow.js"] = threading.Event()
        page = context.new_page()
        page.goto(f"{site.url}/index.html", wait_until="commit")
        joined(dev, "/index.html")
        save_all(site, 2)
        shows_all(page, 2)
        gate.set()


def test_a_save_before_the_script_of_a_slow_page_runs_is_seen(
    context: BrowserContext, folder: Path, dev: LocDev
) -> None:
    site = Site(folder, f'<script src="{dev.url}" async></script>')
    save_all(site, 1)
    site.save("slow.css", "")
    tag, site.tag = site.tag, ""
    site.page("index.html", f"<h1>1</h1>{tag}", "<link rel=stylesheet href=slow.css><script>0</script>")
    with http_server(site):
        gate = site.gates["/slow.css"] = threading.Event()
        page = context.new_page()
        page.goto(f"{site.url}/index.html", wait_until="commit")
        asked_for(site, "/slow.css")
        # The page came before this save, and its script connects after it.
        since = dev.mark()
        site.page("index.html", f"<h1>2</h1>{tag}")
        dev.wait_for("change", since=since)
        gate.set()
        holds(page, "document.querySelector('h1')?.textContent === '2'")


def asked_for(site: Site, path: str) -> None:
    until(lambda: site.count(path), f"nobody asked for {path}")


def test_a_save_while_the_tool_hangs_is_seen_when_it_goes_on(home: Page, shown: Site, dev: LocDev) -> None:
    shows_all(home, 1)
    dev.process.send_signal(signal.SIGSTOP)
    try:
        save_all(shown, 2)
    finally:
        dev.process.send_signal(signal.SIGCONT)
    shows_all(home, 2)


def test_a_save_while_the_socket_is_cut_is_seen_when_it_is_back(
    context: BrowserContext, folder: Path, dev: LocDev
) -> None:
    with Relay(dev.port) as wire:
        site = Site(folder, f'<script src="http://localhost:{wire.port}" async></script>')
        save_all(site, 1)
        with http_server(site):
            settled(dev)
            page = context.new_page()
            visit(page, site, dev)
            shows_all(page, 1)
            mark(page)
            since = dev.mark()
            wire.cut()
            dev.wait_for("client", lambda event: event["state"] == "left", since=since)
            site.save("css/site.css", "@import 'inner.css'; p { order: 2 }")
            dev.wait_for("change", since=since)
            wire.mend()
            shows(page, "p", "order", "2")
            applied(dev, "css/site.css", "css")
            assert is_marked(page)
            wire.cut()
            save_all(site, 3)
            dev.wait_for("change", lambda event: "js/app.js" in event["paths"], since=since)
            wire.mend()
            shows_all(page, 3)


def test_a_save_while_the_tool_restarts_is_seen(
    context: BrowserContext, folder: Path, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        dev = stack.enter_context(LocDev("watch", folder, "--port", "0"))
        site = Site(folder, f'<script src="{dev.url}" async></script>')
        save_all(site, 1)
        stack.enter_context(nginx(site, tmp_path))
        settled(dev)
        page = context.new_page()
        visit(page, site, dev)
        shows_all(page, 1)
        dev.stop(signal.SIGKILL)
        save_all(site, 2)
        mark(page)
        page.wait_for_timeout(300)
        assert is_marked(page)
        stack.enter_context(LocDev("watch", folder, "--port", str(dev.port)))
        shows_all(page, 2)


def test_a_script_that_only_a_worker_loads_is_seen(context: BrowserContext, shown: Site, dev: LocDev) -> None:
    shown.save("js/part.js", "self.part = 1")
    shown.save("js/worker.js", "importScripts('part.js'); postMessage(self.part)")
    shown.page(
        "work.html",
        "<script>new Worker('js/worker.js').onmessage = ({ data }) => document.body.id = 'v' + data</script>",
    )
    page = context.new_page()
    visit(page, shown, dev, "/work.html")
    holds(page, "document.body.id === 'v1'")
    shown.save("js/part.js", "self.part = 2")
    holds(page, "document.body.id === 'v2'")


@pytest.mark.parametrize("doctype", ["<!doctype html><meta charset=utf-8>", "<!doctype html>", ""])
def test_what_was_swapped_is_new_after_a_reload_and_behind_a_link(
    context: BrowserContext, folder: Path, dev: LocDev, doctype: str
) -> None:
    site = Site(folder, f'<script src="{dev.url}" async></script>')
    site.save("inner.css", "em { order: 1 }")
    site.save("site.css", "@import 'inner.css'; p { order: 1 }")
    site.save("a.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="9"/>')
    body = "<link rel=stylesheet href=site.css><p>one <em>two</em><img id=it src=a.svg>"
    body += "<img id=cors src=a.svg crossorigin>"
    for name, link in (("index.html", "other.html"), ("other.html", "index.html")):
        site.save(name, f"{doctype}{site.tag}{body}<a href={link}>go</a>")
    with http_server(site):
        settled(dev)
        page = context.new_page()
        visit(page, site, dev)
        page.wait_for_load_state()
        mark(page)
        length = page.evaluate("() => history.length")
        site.save("site.css", "@import 'inner.css'; p { order: 2 }")
        applied(dev, "site.css", "css")
        site.save("inner.css", "em { order: 2 }")
        applied(dev, "inner.css", "css")
        site.save("a.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="9"/>')
        applied(dev, "a.svg", "image")
        assert is_marked(page)
        assert page.evaluate("() => [history.length, frames.length]") == [length, 0]
        page.reload()
        shows_swapped(page)
        page.get_by_text("go").click()
        page.wait_for_url("**/other.html")
        shows_swapped(page)


@pytest.mark.parametrize(
    ("policy", "doctype"),
    [
        ("frame-src 'none'", "<!doctype html>"),
        ("default-src * 'unsafe-inline'", ""),
        ("child-src 'none'", ""),
    ],
)
def test_what_is_saved_shows_where_a_policy_forbids_frames(
    context: BrowserContext, folder: Path, dev: LocDev, policy: str, doctype: str
) -> None:
    """Firefox then keeps old files in memory: it is reloaded where a swap would show them."""
    site = Site(folder, f'<script src="{dev.url}" async></script>')
    site.headers["Content-Security-Policy"] = policy
    site.save("inner.css", "em { order: 1 }")
    site.save("site.css", "@import 'inner.css'; p { order: 1 }")
    site.save("a.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="9"/>')
    body = "<link rel=stylesheet href=site.css><p>one <em>two</em><img id=it src=a.svg>"
    site.save("index.html", f"{doctype}{site.tag}{body}")
    with http_server(site):
        settled(dev)
        page = context.new_page()
        visit(page, site, dev)
        page.wait_for_load_state()
        site.save("a.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="9"/>')
        holds(page, "it.width === 20")
        site.save("inner.css", "em { order: 2 }")
        shows(page, "em", "order", "2")
        site.save("site.css", "@import 'inner.css'; p { order: 2 }")
        shows_swapped(page)


def shows_swapped(page: Page) -> None:
    """Wait until a page shows what was swapped."""
    shows(page, "p", "order", "2")
    shows(page, "em", "order", "2")
    holds(page, "it.width === 20 && (!window.cors || cors.width === 20)")
