"""A site that is another server's: an ASGI app that passes everything on to it, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from livereload_loc.proxy.cancel_scope import CancelScope
from livereload_loc.proxy.exchange import RequestExchange
from livereload_loc.proxy.header_rules import HeaderRules
from livereload_loc.proxy.pool import UpstreamPool
from livereload_loc.proxy.request import ProxyRequest
from livereload_loc.proxy.response_parser import UpstreamFailed
from livereload_loc.proxy.target import UpstreamTarget
from livereload_loc.proxy.websocket import WebSocketTunnel

_STOPPING = PlainTextResponse("loc-dev stops.\n", 503)


class Proxy:
    """Passes requests and WebSockets on to ``target`` and nowhere else, whatever they ask for.

    ``change_origin`` names the upstream to itself instead of us; ``insecure`` takes its certificate as it
    is. ``restarted`` is called at each sign that it restarts: it refuses connections, or ends one that was
    kept. ``trouble`` gets a title and the details, once for each time that it is away for too long. ``gone``
    says why it will not come back by itself, so that nobody waits, and ``silent`` why it is known to answer
    nobody though it takes connections; nothing where it may.

    Requests are served as long as the context is open; when it closes, all that are under way end at once.
    """

    def __init__(
        self,
        target: UpstreamTarget,
        *,
        change_origin: bool = False,
        insecure: bool = False,
        restarted: Callable[[], None] | None = None,
        trouble: Callable[[str, str], None] | None = None,
        gone: Callable[[], str] = lambda: "",
        silent: Callable[[], str] = lambda: "",
    ) -> None:
        self._target = target
        self._forwarding = HeaderRules(target, change_origin=change_origin)
        self._upstream = UpstreamPool(
            target, insecure=insecure, restarted=restarted, trouble=trouble, gone=gone, silent=silent
        )
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
        await self._upstream.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket.

        Raises:
            UpstreamFailed: the answer cannot be completed, so that the server has to cut the connection.
        """
        request = ProxyRequest(scope, self._target)
        if scope["type"] == "websocket":
            async with self._work() as work:
                await WebSocketTunnel(request, self._upstream, self._forwarding, work).run(
                    scope, receive, send
                )
        elif self._stopping.is_set():
            await _STOPPING(scope, receive, send)
        elif not request.proper:
            await PlainTextResponse("This address cannot be passed on.\n", 400)(scope, receive, send)
        else:
            answer = _StartedResponse(send)
            async with self._work() as work:
                await RequestExchange(request, self._upstream, self._forwarding, work).run(receive, answer)
            if self._stopping.is_set() and work.interrupted:
                if answer.started:
                    raise UpstreamFailed("loc-dev stops")
                await _STOPPING(scope, receive, send)

    @asynccontextmanager
    async def _work(self) -> AsyncIterator[CancelScope]:
        async with CancelScope() as work:
            self._active.add(work)
            try:
                yield work
            finally:
                self._active.discard(work)


class _StartedResponse:
    """Passes an answer on, and knows whether there is any of it."""

    def __init__(self, send: Send) -> None:
        self.started = False
        self._send = send

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)
