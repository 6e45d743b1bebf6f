"""Pages that bear the tag of a middleware, and the sockets that they open to the server beside the app."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.support.waiting import DEADLINE, until


def wait(url: str, text: str) -> str:
    """Wait until the page holds ``text``; the page."""
    pages = [""]

    def came() -> bool:
        with suppress(httpx2.TransportError):
            pages.append(httpx2.get(url, headers={"Accept": "text/html"}, timeout=DEADLINE).text)
        return text in pages[-1]

    until(came, f"{text!r} never came")
    return pages[-1]


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
    first: list[dict[str, Any]] = []

    def came_back() -> bool:
        with suppress(OSError, WebSocketException), tab(page, url) as connection:
            first.append(told(connection))
        return bool(first)

    until(came_back, "the socket never came back")
    return first[0]
