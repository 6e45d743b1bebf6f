"""uvicorn as we need it: the signals are ours, and open pages never hold up the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp
from uvicorn import Config, Server

from livereload_loc.protocol import MAX_FRAME
from livereload_loc.server.http_protocol import BoundedHttpProtocol, ConnectionLimits, RawSocketRoute

if TYPE_CHECKING:
    import ssl

PATIENCE_SECONDS = 0.3
"""How long a connection may take to say goodbye once we stop; then it is cut."""

HANDSHAKE_SECONDS, GOODBYE_SECONDS = 10.0, 5.0
"""How long a peer may take to agree on TLS, and to say that it has heard the end."""

PROXIED_MESSAGE = 16 * 1024 * 1024
"""The size in bytes of the largest WebSocket message that a proxy passes on; ours are far smaller."""

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


async def serve_beside(
    app: ASGIApp,
    sockets: list[socket.socket],
    work: Coroutine[None, None, None],
    ready: Callable[[], None],
    *,
    proxied: bool = False,
    entrance: RawSocketRoute | None = None,
    full: Callable[[], None] = lambda: None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve ``app`` on ``sockets`` beside ``work`` until a signal comes; what ``work`` raises ends both.

    ``proxied``: the answers are another server's, which bear their own Date, and so are the sockets. ``full``
    is called when nobody can come until somebody goes; ``tls`` secures all connections.
    """
    server = _UvicornServer(app, ready, entrance, full, tls, proxied=proxied)
    working = asyncio.ensure_future(work)
    working.add_done_callback(lambda _: server.stop())
    try:
        with _on_signals(server.stop):
            await server.serve(sockets)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


class _UvicornServer(Server):
    """uvicorn without its signal handlers and without its patience."""

    def __init__(
        self,
        app: ASGIApp,
        ready: Callable[[], None],
        entrance: RawSocketRoute | None,
        full: Callable[[], None],
        tls: ssl.SSLContext | None,
        *,
        proxied: bool,
    ) -> None:
        super().__init__(
            Config(
                app,
                loop="asyncio",
                http=partial(BoundedHttpProtocol, ConnectionLimits(entrance, full)),  # type: ignore[arg-type]  # what makes one will do
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
        self._ready, self._entrance, self._tls = ready, entrance, tls
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
        if self._tls and sockets:
            await self._serve_tls(self._tls, sockets)
        else:
            await super().startup(sockets)
        gc.freeze()
        gc.enable()
        self._ready()

    async def _serve_tls(self, tls: ssl.SSLContext, sockets: list[socket.socket]) -> None:
        """What uvicorn does, but less patient: a connection that has not agreed on TLS yet is in no list of
        ours, and no other bound holds it.
        """
        make: Callable[[], asyncio.Protocol] = partial(
            self.config.http_protocol_class,  # type: ignore[call-arg]
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        loop = asyncio.get_running_loop()
        self.servers = [
            await loop.create_server(
                make,
                sock=listener,
                backlog=self.config.backlog,
                ssl=tls,
                ssl_handshake_timeout=HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=GOODBYE_SECONDS,
            )
            for listener in sockets
        ]
        self.started = True

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
