"""How a page waits for a server that is away, and for an app whose socket is another server's."""

from __future__ import annotations

import socketserver
import threading
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

from livereload_loc.web.scripts import script
from tests.support.page_marks import is_marked, mark, reloaded
from tests.support.scripted_pages import visit
from tests.support.scripted_server import Scripted
from tests.support.waiting import DEADLINE, until
from tests.support.web_servers import Site

pytestmark = pytest.mark.every_engine


def test_a_page_opens_no_socket_until_the_server_answers(
    context: BrowserContext, plain_site: Site, server: Scripted
) -> None:
    """Firefox delays the next socket more with each that failed."""
    asked: list[bytes] = []

    class Mute(socketserver.StreamRequestHandler):
        """Hangs up on whoever asks."""

        def handle(self) -> None:
            asked.append(self.rfile.readline())

    class MuteServer(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    plain_site.page("index.html", "<p>one")
    _, talk = visit(context, plain_site, server)
    server.away()
    assert talk.closed.wait(DEADLINE)
    with MuteServer(("localhost", urlsplit(server.url).port or 0), Mute) as mute:
        thread = threading.Thread(target=mute.serve_forever)
        thread.start()
        until(lambda: len(asked) > 4)
        mute.shutdown()
        thread.join()
    assert not [line for line in asked if b"/ws/" in line]


OWN = "/own/_loc/reload.js"


@pytest.fixture
def app(plain_site: Site, server: Scripted) -> Site:
    """An app that serves the script itself, beside the server of its socket."""
    plain_site.save(OWN[1:], script("reload.js").body)
    plain_site.save("main.js", "window.ran = true")
    plain_site.tag = f'<script src="{OWN}" data-server="{server.url}"></script>'
    plain_site.page("index.html", "<p>one", "<script src=main.js></script>")
    return plain_site


def test_a_page_comes_back_when_the_app_and_the_server_of_its_socket_are_there(
    context: BrowserContext, app: Site, server: Scripted
) -> None:
    """A reload that comes before the app is there ends in an error page of the browser."""
    page, talk = visit(context, app, server)
    mark(page)
    gate = app.gates[OWN] = threading.Event()
    asked = app.count(OWN)
    server.hello["run"] = "second"
    talk.cut()
    until(lambda: app.count(OWN) > asked)
    assert server.talks.empty()
    assert is_marked(page)
    gate.set()
    server.next()
    reloaded(page)


def test_a_reload_waits_for_a_server_that_goes_away_meanwhile(
    context: BrowserContext, app: Site, server: Scripted
) -> None:
    page, talk = visit(context, app, server)
    page.wait_for_timeout(500)  # what it looks at when it is new
    asked = app.count("/main.js")
    mark(page)
    refetch, answer = app.gates["/main.js"], app.gates[OWN] = threading.Event(), threading.Event()
    talk.update(1, "reload", "main.js")
    until(lambda: app.count("/main.js") > asked)
    talk.cut()
    until(lambda: app.count(OWN) > 1)
    refetch.set()
    page.wait_for_timeout(400)
    assert is_marked(page)
    answer.set()
    reloaded(page)
