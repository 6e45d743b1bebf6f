"""Which requests count as a page that was fetched ahead, in ASGI and in CGI variables."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from livereload_loc.changes import Decision
from livereload_loc.integrations.cgi_requests import requested_url
from livereload_loc.pipeline.hub import Hub
from livereload_loc.protocol import PageHello
from livereload_loc.web.request_log import RequestLog
from tests.support.in_loop import in_loop
from tests.support.manual_clock import Clock

DOCUMENT, PREFETCH = (b"sec-fetch-dest", b"document"), (b"sec-purpose", b"prefetch;prerender")


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond not at all."""


@pytest.mark.parametrize(
    ("headers", "url", "is_told"),
    [
        ([DOCUMENT, PREFETCH], "/caf%C3%A9/?a=%20b", True),
        ([DOCUMENT, PREFETCH], "/caf%C3%A9/", False),
        ([DOCUMENT], "/caf%C3%A9/?a=%20b", False),
        ([(b"sec-fetch-dest", b"image"), PREFETCH], "/caf%C3%A9/?a=%20b", False),
    ],
)
@in_loop
async def test_a_prefetched_page_is_told_what_came_since(
    headers: list[tuple[bytes, bytes]], url: str, is_told: bool
) -> None:
    clock = Clock(1000.0)
    hub = Hub(clock=clock, run="run-1")
    scope: dict[str, Any] = {"type": "http", "method": "GET", "headers": headers}
    scope |= {"raw_path": b"/caf%C3%A9/", "query_string": b"a=%20b"}
    await RequestLog(nothing, hub.requests)(scope, None, None)  # type: ignore[arg-type]
    hub.send(Decision("css", ("a.css",)))
    clock.now += 60
    with hub.subscribe() as mailbox:
        assert bool(hub.missed(PageHello(url, None, None, 0.0), mailbox)) is is_told


def test_the_url_of_a_request_in_cgi_variables() -> None:
    environ = {"SCRIPT_NAME": "/app", "PATH_INFO": "/caf\xc3\xa9/(a)", "QUERY_STRING": "a=%20b"}
    assert requested_url(environ) == "/app/caf%C3%A9/(a)?a=%20b"
    assert requested_url({"PATH_INFO": "/"}) == "/"
