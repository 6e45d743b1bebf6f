"""uvicorn as loc-dev needs it: with signals of our own, and open pages that never delay the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING

from starlette.types import ASGIApp
from uvicorn import Config, Server

from livereload_loc.process.stop_signals import on_stop_signals
from livereload_loc.protocol import MAX_FRAME
from livereload_loc.server.http_protocol import BoundedHttpProtocol, ConnectionLimits, RawSocketRoute

if TYPE_CHECKING:
    import ssl

# How long a connection may take to close once the server stops; then it is cut.
CLOSE_SECONDS = 0.3

# How long a peer may take for the TLS handshake, and to confirm the end of TLS.
TLS_HANDSHAKE_SECONDS, TLS_SHUTDOWN_SECONDS = 10.0, 5.0


async def serve_while(
    app: ASGIApp,
    sockets: list[socket.socket],
    work: Coroutine[None, None, None],
    started: asyncio.Event | None = None,
    *,
    proxied: bool = False,
    raw_route: RawSocketRoute | None = None,
    on_full: Callable[[], None] = lambda: None,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve ``app`` on ``sockets`` beside ``work`` until a signal comes; what ``work`` raises ends both.

    ``started`` is set once the sockets accept. ``proxied``: the answers are another server's and have its
    Date, and its messages may be large. ``on_full`` is called when a connection is refused for want of file
    descriptors. ``tls`` secures all connections.
    """
    if proxied:
        from livereload_loc.proxy.websocket import MAX_MESSAGE
    config = Config(
        app,
        loop="asyncio",
        http=partial(BoundedHttpProtocol, ConnectionLimits(raw_route, on_full)),  # type: ignore[arg-type]  # what makes one will do
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE if proxied else MAX_FRAME,
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
    server = _UvicornServer(config, started or asyncio.Event(), raw_route, tls)
    working = asyncio.ensure_future(work)
    working.add_done_callback(lambda _: server.stop())
    try:
        with on_stop_signals(server.stop):
            await server.serve(sockets)
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working


class _UvicornServer(Server):
    """uvicorn without its signal handlers, which waits for nobody at the end."""

    def __init__(
        self,
        config: Config,
        on_start: asyncio.Event,
        raw_route: RawSocketRoute | None,
        tls: ssl.SSLContext | None,
    ) -> None:
        super().__init__(config)
        self._on_start, self._raw_route, self._tls = on_start, raw_route, tls
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
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        if self._tls and sockets:
            await self._serve_tls(self._tls, sockets)
        else:
            await super().startup(sockets)
        gc.freeze()
        gc.enable()
        self._on_start.set()

    async def _serve_tls(self, tls: ssl.SSLContext, sockets: list[socket.socket]) -> None:
        """Do what uvicorn does, with deadlines for TLS: no other limit holds a connection before its
        handshake."""
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
                ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS,
                ssl_shutdown_timeout=TLS_SHUTDOWN_SECONDS,
            )
            for listener in sockets
        ]
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every socket with 1012, and cut what has not closed in time."""
        if self._raw_route and not self.force_exit:
            self._leaving = asyncio.ensure_future(self._raw_route.leave())
            with contextlib.suppress(asyncio.CancelledError):
                await self._leaving
        cut = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._cut)
        await super().shutdown(sockets)
        cut.cancel()

    def _cut(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
