"""Upstreams for the proxy's tests: servers that misbehave on raw sockets, and real apps in uvicorn."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from livereload_loc.backend import BackendState
from livereload_loc.events import Event, ProblemFound
from livereload_loc.proxy.app import Proxy
from livereload_loc.proxy.target import UpstreamTarget
from livereload_loc.proxy.websocket import MAX_MESSAGE
from tests.support.waiting import DEADLINE, until

Behaviour = Callable[[socket.socket, bytes], None]


class RawServer:
    """A server of one function: it gets each connection and the head of each request, and does as it likes.

    The connection is closed when it returns, unless it returns after a whole answer on a connection to be
    kept, which it says with ``keep``.
    """

    def __init__(self, behave: Behaviour, *, keep: bool = False, port: int = 0) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._behave, self._keep = behave, keep
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Refuse from now on, and end all connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()
        for thread in self._threads:
            thread.join(DEADLINE)

    def drop(self) -> None:
        """End all connections."""
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.settimeout(DEADLINE)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            while head := read_head(connection):
                self.requests.append(head)
                self._behave(connection, head)
                if not self._keep:
                    break
        self._open.discard(connection)


def read_head(connection: socket.socket) -> bytes:
    """A request's head, byte by byte, so that the body is left; empty when there is none."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        data = connection.recv(1)
        if not data:
            return b""
        head += data
    return head


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side ends the connection."""
    received = bytearray()
    with suppress(ConnectionError):
        while data := connection.recv(65536):
            received += data
    return bytes(received)


def saying(*parts: bytes, pause: float = 0.0) -> Behaviour:
    """Says ``parts`` one after the other, whatever it is asked."""

    def behave(connection: socket.socket, _: bytes) -> None:
        for part in parts:
            connection.sendall(part)
            if pause:
                time.sleep(pause)

    return behave


def ok(body: bytes = b"ok", *headers: bytes) -> bytes:
    """A plain answer."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", b"Content-Length: %d" % len(body), *headers, b"", body])


@dataclass
class Served:
    """An app at work in a uvicorn of its own."""

    port: int
    loop: asyncio.AbstractEventLoop
    proxy: Any
    state: BackendState
    """What the proxy knows and notes of the upstream."""
    told: list[tuple[str, str]] = field(default_factory=list)
    """The troubles that the proxy reported."""
    restarts: list[float] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), DEADLINE)

    def stop(self) -> None:
        """Close the proxy's context while the server goes on."""
        asyncio.run_coroutine_threadsafe(self.proxy.__aexit__(None, None, None), self.loop).result(DEADLINE)

    def raw(self, request: bytes) -> bytes:
        """What comes back for ``request`` until the connection ends."""
        with closing(self.connect()) as connection:
            connection.sendall(request)
            return read_all(connection)

    def get(self, target: str | bytes = "/", *headers: bytes, method: bytes = b"GET") -> bytes:
        """The whole answer to a request that asks for the connection to be closed."""
        path = target.encode() if isinstance(target, str) else target
        lines = [method + b" " + path + b" HTTP/1.1", b"Host: localhost:%d" % self.port, b"Connection: close"]
        return self.raw(b"\r\n".join([*lines, *headers, b"", b""]))


@contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[int]:
    """``app`` in uvicorn, as an upstream; its port."""
    with _uvicorn(lambda: _Plain(app), **options) as (port, _):
        yield port


@contextmanager
def proxying(url: str, **options: Any) -> Iterator[Served]:
    """The proxy in front of ``url``, as the command runs it; asyncio must find nothing to complain of."""
    told: list[tuple[str, str]] = []
    signs = _Signs()
    errors = _Errors()
    logging.getLogger("asyncio").addHandler(errors)
    holder: list[Proxy] = []

    def report(event: Event) -> None:
        assert isinstance(event, ProblemFound)
        told.append((event.title, event.detail))

    def make() -> Proxy:
        proxy = Proxy(UpstreamTarget.parse(url), signs, report, **options)
        holder.append(proxy)
        return proxy

    try:
        with _uvicorn(make, date_header=False) as (port, loop):
            yield Served(port, loop, holder[0], signs, told, signs.times, errors.lines)
    finally:
        logging.getLogger("asyncio").removeHandler(errors)
    assert not errors.lines, errors.lines


class _Signs(BackendState):
    def __init__(self) -> None:
        super().__init__()
        self.times: list[float] = []

    def note_sign(self) -> None:
        super().note_sign()
        self.times.append(time.monotonic())


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class _Plain:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __aenter__(self) -> ASGIApp:
        return self._app

    async def __aexit__(self, *_: object) -> None:
        return None


@contextmanager
def _uvicorn(make: Callable[[], Any], **options: Any) -> Iterator[tuple[int, asyncio.AbstractEventLoop]]:
    """uvicorn in a thread, set as ``livereload_loc.server.uvicorn_server`` sets it."""
    listener = socket.create_server(("127.0.0.1", options.pop("port", 0)))
    ready: list[asyncio.AbstractEventLoop] = []
    servers: list[uvicorn.Server] = []

    async def run() -> None:
        async with make() as app:
            config = uvicorn.Config(
                app,
                **{
                    "loop": "asyncio",
                    "http": "httptools",
                    "ws": "websockets-sansio",
                    "ws_max_size": MAX_MESSAGE,
                    "ws_per_message_deflate": False,
                    "lifespan": "off",
                    "log_config": None,
                    "log_level": "critical",
                    "timeout_keep_alive": int(10 * DEADLINE),  # what is to end has to be ended
                    "timeout_graceful_shutdown": 1,
                    "access_log": False,
                    "proxy_headers": False,
                    "server_header": False,
                    **options,
                },
            )
            server = uvicorn.Server(config)
            servers.append(server)
            ready.append(asyncio.get_running_loop())
            await server.serve([listener])

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    until(lambda: servers and servers[0].started, "uvicorn did not start")
    try:
        yield listener.getsockname()[1], ready[0]
    finally:
        servers[0].should_exit = True
        thread.join(DEADLINE)
        listener.close()
        assert not thread.is_alive()
