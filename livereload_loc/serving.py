"""uvicorn as we need it: the signals are ours, and open pages never hold up the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .messages import MAX_FRAME

PATIENCE_SECONDS = 0.3
"""How long a connection may take to say goodbye once we stop; then it is cut."""

PROXIED_MESSAGE = 16 * 1024 * 1024
"""The size in bytes of the largest WebSocket message that a proxy passes on; ours are far smaller."""

REQUEST_SECONDS = 10.0
"""How long a request may take to say what it wants."""

MAX_HEAD = 64 * 1024
"""The largest head of a request in bytes, its target and headers; about what other servers take."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 45\r\n\r\n"
    b"Refused: the head of the request is too big.\n"
)

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@dataclass(frozen=True, slots=True)
class Entrance:
    """WebSockets that no ASGI app sees: those at ``path`` speak ``protocol``, right on the transport.

    ``leave`` sends them away when the server stops. With ``strict``, requests are from strangers: they have
    to be whole in time, not only their heads.
    """

    path: bytes
    protocol: Callable[[], asyncio.Protocol]
    leave: Callable[[], Awaitable[None]]
    strict: bool = False


async def serve_beside(
    app: ASGIApp,
    sockets: list[socket.socket],
    work: Coroutine[None, None, None],
    ready: Callable[[], None],
    *,
    proxied: bool = False,
    entrance: Entrance | None = None,
) -> None:
    """Serve ``app`` on ``sockets`` beside ``work`` until a signal comes; what ``work`` raises ends both.

    ``proxied``: the answers are another server's, which bear their own Date, and so are the sockets.
    """
    server = _Server(app, ready, entrance, proxied=proxied)
    working = asyncio.ensure_future(work)
    working.add_done_callback(lambda _: server.stop())
    try:
        with _on_signals(server.stop):
            await server.serve(sockets)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


class _Server(Server):
    """uvicorn without its signal handlers and without its patience."""

    def __init__(
        self, app: ASGIApp, ready: Callable[[], None], entrance: Entrance | None, *, proxied: bool
    ) -> None:
        super().__init__(
            Config(
                app,
                loop="asyncio",
                http=partial(_Http, entrance),  # type: ignore[arg-type]  # what makes one will do
                ws="websockets-sansio",
                ws_max_size=PROXIED_MESSAGE if proxied else MAX_FRAME,
                ws_per_message_deflate=False,
                ws_ping_interval=25,
                ws_ping_timeout=20,
                lifespan="off",
                log_config=None,
                log_level="critical",
                timeout_graceful_shutdown=1,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=not proxied,
            )
        )
        self._ready, self._entrance = ready, entrance
        self._leaving: asyncio.Future[None] | None = None

    def stop(self) -> None:
        """End in good order; a second call ends at once."""
        if self.should_exit:
            self.force_exit = True
            self._cut()
            if self._leaving:
                self._leaving.cancel()
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that we are ready once the sockets accept."""
        await super().startup(sockets)
        gc.freeze()
        gc.enable()
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every socket with 1012, and cut what has not said goodbye in time."""
        if self._entrance and not self.force_exit:
            self._leaving = asyncio.ensure_future(self._entrance.leave())
            with contextlib.suppress(asyncio.CancelledError):
                await self._leaving
        cut = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._cut)
        await super().shutdown(sockets)
        cut.cancel()

    def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


class _Http(HttpToolsProtocol):
    """uvicorn's HTTP, with a deadline for each request and an entrance beside the app."""

    def __init__(self, entrance: Entrance | None, /, **given: Any) -> None:
        super().__init__(**given)
        self._entrance = entrance
        self._waiting = True
        self._head = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, not for ever."""
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._met()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a request that has not come whole."""
        super().data_received(data)
        if not self._waiting:
            return
        self._head += len(data)
        if self._head > MAX_HEAD:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        elif self._deadline is None:
            self._await_request()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._waiting = True
        self._head = 0

    def on_headers_complete(self) -> None:
        """Its head is there; a target with a fragment is none (RFC 9112, section 3.2; CVE-2025-32395)."""
        if b"#" in self.url:
            raise ValueError(self.url)  # the parser makes a 400 of it
        super().on_headers_complete()
        if not (self._entrance and self._entrance.strict):
            self._met()

    def on_message_complete(self) -> None:
        """All of it is there."""
        super().on_message_complete()
        self._met()

    def handle_websocket_upgrade(self) -> None:
        """Give the socket to the app, or to the entrance if it is at its path."""
        self._met()
        if self._entrance is None or self.url.partition(b"?")[0] != self._entrance.path:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        protocol = self._entrance.protocol()
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        head = [b"%s %s HTTP/1.1\r\n" % (self.scope["method"].encode(), self.url)]
        head += [b"%s: %s\r\n" % header for header in self.scope["headers"]]
        protocol.data_received(b"%s\r\n" % b"".join(head))

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _met(self) -> None:
        self._waiting = False
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None


@contextlib.contextmanager
def _on_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` on each signal that asks us to end, as long as the block runs."""
    if threading.current_thread() is not threading.main_thread():
        yield  # they are the main thread's
        return
    loop = asyncio.get_running_loop()
    handled: list[signal.Signals] = []
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue  # SIGHUP is ignored under nohup, whose user wants us to stay
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)
