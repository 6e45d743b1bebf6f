"""How a page waits for a server that is away."""

from __future__ import annotations

import socketserver
import threading
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext

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
