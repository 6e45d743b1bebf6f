"""A WebSocket server that sends everything back, and a client that connects by the proxy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.client import ClientConnection, connect

from tests.support.upstreams import Served
from tests.support.waiting import DEADLINE


class Echo:
    """A server that says everything back; ``close CODE REASON`` makes it close."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[Request] = []
        self.closed: list[tuple[int | None, str | None]] = []
        self.pongs: list[float] = []
        self.stop: Callable[[], object] = bool

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request
        self.requests.append(connection.request)
        with suppress(ConnectionClosed):
            async for message in connection:
                if message == "bare":
                    await connection.close(1000)
                elif message == "abort":
                    connection.transport.abort()
                elif message == "ping":
                    self.pongs.append(await (await connection.ping(b"own")))
                elif isinstance(message, str) and message.startswith("close "):
                    _, code, reason = message.split(" ", 2)
                    await connection.close(int(code), reason)
                else:
                    await connection.send(message)
        self.closed.append((connection.close_code, connection.close_reason))


@contextmanager
def echoing() -> Iterator[Echo]:
    echo, ready = Echo(), threading.Event()

    async def run() -> None:
        end = asyncio.Event()
        loop = asyncio.get_running_loop()

        def refuse(connection: ServerConnection, request: Request) -> Response | None:
            if request.path == "/forbidden":
                response = connection.respond(403, "not for you\n")
                response.headers["X-Why"] = "because"
                return response
            return None

        async with serve(
            echo.talk,
            "127.0.0.1",
            0,
            max_size=None,
            ping_interval=None,
            process_request=refuse,
            select_subprotocol=lambda _, offered: next(
                (each for each in offered if each == "vite-hmr"), None
            ),
        ) as server:
            echo.port = next(iter(server.sockets)).getsockname()[1]
            echo.stop = lambda: loop.call_soon_threadsafe(end.set)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(DEADLINE)
    try:
        yield echo
    finally:
        echo.stop()
        thread.join(DEADLINE)


def dial(proxy: Served, path: str = "/", **options: Any) -> ClientConnection:
    url = f"ws://127.0.0.1:{proxy.port}{path}"
    return connect(url, proxy=None, max_size=None, compression=None, **options)
