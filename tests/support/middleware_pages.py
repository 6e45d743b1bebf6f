"""Pages that bear the tag of a middleware, and the sockets that they open to the server beside the app."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.support.waiting import DEADLINE


def wait(url: str, text: str) -> str:
    """Wait until the page holds ``text``; the page."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            answer = httpx2.get(url, headers={"Accept": "text/html"}, timeout=DEADLINE).text
            if text in answer:
                return answer
        except httpx2.TransportError:
            pass
        assert time.monotonic() < deadline, f"{text!r} never came"
        time.sleep(0.02)


def tab(page: str, url: str) -> ClientConnection:
    """The socket that the page would open."""
    server = page.partition('data-server="')[2].partition('"')[0]
    return connect(f"{server.replace('http', 'ws')}/_loc/ws/reload", origin=url)  # type: ignore[arg-type]


def told(connection: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(connection.recv(DEADLINE))
    return message


def returned(page: str, url: str) -> dict[str, Any]:
    """The first message once the socket of ``page`` is back, as an open page waits for it: it asks the app
    for nothing."""
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            with tab(page, url) as connection:
                return told(connection)
        except (OSError, WebSocketException):
            assert time.monotonic() < deadline, "the socket never came back"
            time.sleep(0.05)
