"""The middleware in an app that ``uvicorn --reload`` restarts while pages are open."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.uvicorn_reload import Reloading, uvicorn_reload
from tests.support.waiting import DEADLINE, until

PAGES = 10
FOLDERS = 'watch=["templates", "static"]'


@contextmanager
def opened(app: Reloading, count: int = PAGES) -> Iterator[list[tuple[ClientConnection, str]]]:
    """So many pages, each with the run that its hello named, once they have introduced themselves."""
    with ExitStack() as stack:
        pages = []
        for _ in range(count):
            page, hello = reach(stack, app)
            page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
            pages.append((page, hello["run"]))
        yield pages


def reach(stack: ExitStack, app: Reloading) -> tuple[ClientConnection, dict[str, Any]]:
    """Open a page's socket, as soon as there is one; return it and its hello."""
    reached: list[tuple[ClientConnection, dict[str, Any]]] = []

    def reaches() -> bool:
        with suppress(OSError, ConnectionClosed):
            page = stack.enter_context(connect(app.socket_url, open_timeout=DEADLINE))
            reached.append((page, json.loads(page.recv(DEADLINE))))
        return bool(reached)

    until(reaches, "the socket never came back")
    return reached[0]


def closed(page: ClientConnection) -> int | None:
    """Wait until the server closes a page's socket; the code it gave."""
    try:
        while True:
            page.recv(DEADLINE)
    except ConnectionClosed:
        return page.close_code


def test_pages_come_back_to_another_run_after_the_code_changed(tmp_path: Path) -> None:
    with uvicorn_reload(tmp_path / "app", FOLDERS) as app:
        with opened(app) as pages:
            app.restart(2)
            assert [closed(page) for page, _ in pages] == [1012] * PAGES
        with opened(app) as again:
            first, second = ({run for _, run in each} for each in (pages, again))
            assert (len(first), len(second), first & second) == (1, 1, set())
            app.save("templates/page.html", "<h1>1", "<h1>2")
            told = [json.loads(page.recv(DEADLINE)) for page, _ in again]
            assert [message["paths"] for message in told] == [["page.html"]] * PAGES


def test_the_restart_waits_for_no_page(tmp_path: Path) -> None:
    """uvicorn itself would wait until the pages have gone; ``benchmarks restart`` measures the rest."""
    with uvicorn_reload(tmp_path / "app", FOLDERS) as app, opened(app) as pages:
        app.restart(2)
        assert [closed(page) for page, _ in pages] == [1012] * PAGES


def test_the_restart_waits_for_no_page_that_never_says_goodbye(tmp_path: Path) -> None:
    key = b64encode(bytes(16)).decode()
    with (
        uvicorn_reload(tmp_path / "app", FOLDERS) as app,
        socket.create_connection(app.address, DEADLINE) as frozen,
    ):
        frozen.sendall(
            b"GET /_loc/ws/reload HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        assert b" 101 " in frozen.recv(64)
        app.restart(2)
