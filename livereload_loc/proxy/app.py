"""A reverse proxy as an ASGI app: it passes everything on to another server, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from livereload_loc.backend import BackendState
from livereload_loc.events import Reporter
from livereload_loc.proxy.cancel_scope import CancelScope
from livereload_loc.proxy.exchange import RequestExchange
from livereload_loc.proxy.header_rules import HeaderRules
from livereload_loc.proxy.pool import PoolLimits, UpstreamPool
from livereload_loc.proxy.request import ProxyRequest
from livereload_loc.proxy.response_parser import UpstreamFailed
from livereload_loc.proxy.target import UpstreamTarget
from livereload_loc.proxy.websocket import WebSocketTunnel

_STOPPING = PlainTextResponse("loc-dev is stopping.\n", 503)
_BAD_TARGET = PlainTextResponse("This address cannot be passed on.\n", 400)


class Proxy:
    """Passes requests and WebSockets on to ``target`` and nowhere else, whatever they ask for.

    ``change_origin`` names the upstream to itself instead of us; ``insecure`` takes its certificate as it
    is. ``state`` and ``report`` are for the :class:`.UpstreamPool`.

    Requests are served as long as the context is open; when it closes, all that are under way end at once.
    """

    def __init__(
        self,
        target: UpstreamTarget,
        state: BackendState,
        report: Reporter,
        *,
        change_origin: bool = False,
        insecure: bool = False,
        limits: PoolLimits | None = None,
    ) -> None:
        self._target = target
        self._rules = HeaderRules(target, change_origin=change_origin)
        self._pool = UpstreamPool(target, state, report, insecure=insecure, limits=limits or PoolLimits())
        self._active: set[CancelScope] = set()
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Begin; nothing is sent before there is a request."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for work in list(self._active):
            work.interrupt()
        await self._pool.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket.

        Raises:
            UpstreamFailed: the response cannot be completed, so that the server has to cut the connection.
        """
        request = ProxyRequest(scope, self._target)
        if scope["type"] == "websocket":
            async with self._work() as work:
                tunnel = WebSocketTunnel(request, self._pool, self._rules, work)
                await tunnel.run(scope, receive, send)
        elif self._stopping.is_set():
            await _STOPPING(scope, receive, send)
        elif not request.proper:
            await _BAD_TARGET(scope, receive, send)
        else:
            async with self._work() as work:
                exchange = RequestExchange(request, self._pool, self._rules, work)
                await exchange.run(receive, send)
            if self._stopping.is_set() and work.interrupted:
                if exchange.responding.is_set():
                    raise UpstreamFailed("loc-dev is stopping")
                await _STOPPING(scope, receive, send)

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[CancelScope]:
        async with CancelScope() as work:
            self._active.add(work)
            try:
                yield work
            finally:
                self._active.discard(work)
