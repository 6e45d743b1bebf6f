"""What the console says of policies, refusals and servers that are away."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from livereload_loc.web.scripts import script
from tests.support.ports import free_port
from tests.support.scripted_pages import visit, warnings
from tests.support.scripted_server import Scripted
from tests.support.waiting import DEADLINE, until
from tests.support.web_servers import Site

pytestmark = pytest.mark.not_in("webkit", "WebDriver tells nothing of the console")
# Not "pageerror", by which Firefox tells of failed connections, too.
ERRORS = """
window.errors = [];
for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, () => errors.push(kind));
"""


def test_a_policy_that_blocks_the_socket_is_named(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.headers["Content-Security-Policy"] = "connect-src 'self'"
    plain_site.page("index.html", "<p>one")
    page = context.new_page()
    texts = warnings(page)
    page.goto(f"{plain_site.url}/index.html")
    told(page, texts)
    page.wait_for_timeout(1000)
    socket = server.url.replace("http", "ws")
    assert texts == [f"loc-dev: blocked by the Content-Security-Policy here: add {socket} to connect-src"]


def test_a_server_that_is_away_has_refused_nobody(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.save("own/_loc/reload.js", script("reload.js").body)
    away = f"http://localhost:{free_port()}"
    plain_site.tag = f'<script src="/own/_loc/reload.js" data-server="{away}"></script>'
    plain_site.page("index.html", "<p>one")
    page = context.new_page()
    texts = warnings(page)
    # The engine's own words for it; Firefox has them as an error.
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{plain_site.url}/index.html")
    refused = ("ERR_CONNECTION_REFUSED", "establish a connection")
    until(lambda: page.wait_for_timeout(20) or any(words in text for text in said for words in refused))
    page.wait_for_timeout(1000)
    assert texts == []


def test_a_refusal_names_the_flag_and_is_said_once(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    server.refuses = True
    plain_site.page("index.html", "<p>one")
    page = context.new_page()
    texts = warnings(page)
    page.goto(f"{plain_site.url}/index.html")
    told(page, texts)
    page.wait_for_timeout(1000)
    assert texts == [f"loc-dev: refused here: start it with --allow-origin {plain_site.url}"]
    server.refuses = False
    server.next()


def told(page: Page, texts: list[str]) -> None:
    """Wait for the first warning."""
    # A console event that comes just before wait_for_event listens would be waited for in vain.
    until(lambda: page.wait_for_timeout(20) or texts)


def test_a_server_that_is_away_is_waited_for_in_silence(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.page("index.html", f"<p>one<script>{ERRORS}</script>")
    page, talk = visit(context, plain_site, server)
    texts = warnings(page)
    server.away()
    assert talk.closed.wait(DEADLINE)
    page.wait_for_timeout(800)
    assert texts == []
    assert page.evaluate("errors") == []


def test_a_page_whose_policy_allows_only_the_socket_comes_back_in_silence(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    socket = server.url.replace("http", "ws")
    plain_site.headers["Content-Security-Policy"] = f"connect-src {socket}"
    plain_site.page("index.html", "<p>one")
    page, talk = visit(context, plain_site, server)
    texts = warnings(page)
    talk.cut()
    server.next()
    assert texts == []


@pytest.mark.not_in("firefox", "it knows no DevTools protocol of Chromium's")
def test_what_a_policy_blocks_of_the_page_itself_is_not_kept(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    socket = server.url.replace("http", "ws")
    plain_site.headers["Content-Security-Policy"] = f"connect-src {socket}"
    plain_site.page("index.html", "<p>one")
    page, _ = visit(context, plain_site, server)
    page.evaluate(
        "() => Promise.allSettled([...Array(50).keys()].map((number) => fetch(`/blocked-${number}-here`)))"
    )
    devtools, heap = context.new_cdp_session(page), list[str]()
    devtools.on("HeapProfiler.addHeapSnapshotChunk", lambda event: heap.append(event["chunk"]))
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("HeapProfiler.takeHeapSnapshot")
    assert "connect-src" in "".join(heap)
    assert "blocked-7-here" not in "".join(heap)


def test_a_tag_that_names_no_server_says_so_and_harms_nothing(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    plain_site.save("index.html", f'<script src="{server.url}" data-server="http://"></script><p>one')
    page = context.new_page()
    texts, errors = warnings(page), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{plain_site.url}/index.html")
    assert texts == ["loc-dev: http:// is no URL of a server"]
    assert errors == []
