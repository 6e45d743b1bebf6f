"""Responses of ASGI apps that come in pieces, large, compressed or broken off."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    StreamingResponse,
)
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.support.asgi_apps import NAVIGATION, PAGE, TAG, TAGGED, get, html, live, page_app, running
from tests.support.waiting import until_async

pytestmark = pytest.mark.usefixtures("known_run")


async def interrupted(*before: str, resumed: threading.Event, rest: str) -> AsyncIterator[str]:
    """Yield the pieces ``before``, and ``rest`` once the stream is ``resumed``."""
    for piece in before:
        yield piece
    await until_async(resumed.is_set)
    yield rest


def test_a_stream_streams(tmp_path: Path) -> None:
    asked = threading.Event()

    body = interrupted(
        "<!doctype html><html><he", "ad><title>x</title></head><body>", "first", resumed=asked, rest="last"
    )
    app = page_app(lambda request: StreamingResponse(body, media_type="text/html"), tmp_path)
    with (
        running(app) as url,
        httpx2.stream("GET", url, headers=NAVIGATION) as response,
    ):
        assert "content-length" not in response.headers
        pieces = response.iter_text()
        seen = ""
        while not seen.endswith("first"):
            seen += next(pieces)
        assert seen == f"<!doctype html><html><head>{TAG}<title>x</title></head><body>first"
        asked.set()
        assert "".join(pieces) == "last"


def test_a_large_page_comes_whole(tmp_path: Path) -> None:
    large = PAGE + "<p>words" * 200_000

    app = page_app(lambda request: HTMLResponse(large), tmp_path)
    app.add_middleware(Reading)
    with running(app) as url:
        response = get(url)
        assert response.text == large.replace("<head>", f"<head>{TAG}", 1)
        assert int(response.headers["content-length"]) == len(response.content)


class Reading:
    """A middleware that reads what it passes on as ASGI has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def read(message: Message) -> None:
            assert message.get("body", b"").isascii()  # a memoryview has no such method
            await send(message)

        await self._app(scope, receive, read)


def test_server_sent_events_pass_as_they_come(tmp_path: Path) -> None:
    asked = threading.Event()

    events = interrupted("data: <head>\n\n", resumed=asked, rest="data: 2\n\n")
    app = page_app(lambda request: StreamingResponse(events, media_type="text/event-stream"), tmp_path)
    with (
        running(app) as url,
        httpx2.stream("GET", url, headers=NAVIGATION) as response,
    ):
        pieces = response.iter_text()
        assert next(pieces) == "data: <head>\n\n"
        asked.set()
        assert "".join(pieces) == "data: 2\n\n"


def test_downloads_pass(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 4000)

    with running(page_app(lambda request: FileResponse(tmp_path / "big.bin"), tmp_path)) as url:
        assert get(url).content == (tmp_path / "big.bin").read_bytes()


@pytest.mark.parametrize("inside", [True, False])
def test_gzip_on_either_side(tmp_path: Path, inside: bool) -> None:
    app = Starlette(routes=[Route("/", html)])
    if inside:
        app.add_middleware(GZipMiddleware, minimum_size=1)
        live(app, tmp_path)
    else:
        live(app, tmp_path)
        app.add_middleware(GZipMiddleware, minimum_size=1)
    with running(app) as url:
        response = get(url, Accept_Encoding="gzip")
        assert response.text == TAGGED
        assert response.headers.get("content-encoding") == (None if inside else "gzip")


def test_an_error_before_the_head_is_the_frameworks_own(tmp_path: Path) -> None:
    async def body() -> AsyncIterator[str]:
        yield "<!doctype html>"
        raise RuntimeError("boom")

    app = page_app(lambda request: StreamingResponse(body(), media_type="text/html"), tmp_path)
    with running(app) as url:
        assert (get(url).status_code, get(url).text) == (500, "Internal Server Error")


def test_an_error_in_mid_stream_cuts_the_answer(tmp_path: Path) -> None:
    async def body() -> AsyncIterator[str]:
        yield "<head></head><body>"
        raise RuntimeError("boom")

    app = page_app(lambda request: StreamingResponse(body(), media_type="text/html"), tmp_path)
    with running(app) as url, pytest.raises(httpx2.RemoteProtocolError):
        get(url)
