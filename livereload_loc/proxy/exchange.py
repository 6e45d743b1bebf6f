"""One request on its way to the upstream, and its answer on the way back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine

from starlette.types import Message, Receive, Send

from livereload_loc.inject.headers import asks_for_page
from livereload_loc.proxy.cancel_scope import CancelScope
from livereload_loc.proxy.error_page import unavailable
from livereload_loc.proxy.header_rules import HeaderRules, has_body, tokens
from livereload_loc.proxy.pool import PooledExchange, UpstreamPool
from livereload_loc.proxy.request import ProxyRequest
from livereload_loc.proxy.response_parser import ConnectionLost, ResponseHead, UpstreamFailed

CONTINUE_SECONDS = 1.0
"""How long a server may take to ask for a body that was announced, before it is sent all the same: many
never ask (RFC 9110, section 10.1.1)."""


class RequestExchange:
    """Carries one request. ``work`` is what ends when the browser leaves."""

    def __init__(
        self, request: ProxyRequest, upstream: UpstreamPool, forwarding: HeaderRules, work: CancelScope
    ) -> None:
        self._request, self._upstream, self._forwarding, self._work = request, upstream, forwarding, work
        self._sent = not has_body(request.headers)
        """Whether all of the request has gone out, so that another one may follow on its connection."""
        self._begun = asyncio.Event()

    async def run(self, receive: Receive, send: Send) -> None:
        """Pass it on, and its answer back.

        Raises:
            UpstreamFailed: the upstream broke off in the middle of its answer, and so must we.
        """
        uplink: asyncio.Task[None] | None = None
        exchange: PooledExchange | None = None
        try:
            if not self._sent:
                exchange = await self._upstream.start(self._head(body=True), self._request.method)
                uplink = _beside(self._send_body(receive, exchange))
                head = await exchange.answer.head()
            else:
                uplink = _beside(self._watch(receive))
                exchange, head = await self._upstream.ask(self._head(body=False), self._request.method)
        except UpstreamFailed as error:
            await self._refuse(error, send)
        else:
            await self._answer(exchange, head, send)
            whole, exchange = exchange, None
            self._upstream.done(whole, keep=self._sent)
        finally:
            if uplink:
                uplink.cancel()
            if exchange:
                exchange.connection.abort()

    def _head(self, *, body: bool) -> bytes:
        request = self._request
        headers = self._forwarding.request(request.headers, request.came, request.peer)
        if body and self._chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        return request.head(headers)

    @property
    def _chunked(self) -> bool:
        return any(name == b"transfer-encoding" for name, _ in self._request.headers)

    async def _answer(self, exchange: PooledExchange, head: ResponseHead, send: Send) -> None:
        headers = self._forwarding.response(head.status, head.headers, self._request.came)
        await send({"type": "http.response.start", "status": head.status, "headers": headers})
        self._begun.set()
        more = True
        while more:
            body, more = await exchange.answer.read()
            await send({"type": "http.response.body", "body": body, "more_body": more})

    async def _refuse(self, error: UpstreamFailed, send: Send) -> None:
        request = self._request
        page = asks_for_page(request.method, request.headers)
        headers, body = unavailable(self._upstream.target, error, request.method, page=page)
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 502, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})

    async def _watch(self, receive: Receive) -> None:
        """End all work once the browser is gone."""
        while not _gone(await receive()):
            pass
        self._work.interrupt()

    async def _send_body(self, receive: Receive, exchange: PooledExchange) -> None:
        """Pass the body on, as fast as the upstream takes it."""
        if b"100-continue" in tokens(self._request.headers, b"expect"):
            await _asked_for(exchange)
            if exchange.answer.arrived:
                await self._begun.wait()  # nobody wants it, and reading before would ask the browser for it
                await self._watch(receive)
                return
        chunked, more = self._chunked, True
        try:
            while more:
                message = await receive()
                if _gone(message):
                    self._work.interrupt()
                    return
                body, more = message.get("body", b""), message.get("more_body", False)
                if body:
                    await exchange.connection.send(b"%x\r\n%s\r\n" % (len(body), body) if chunked else body)
            if chunked:
                await exchange.connection.send(b"0\r\n\r\n")
            self._sent = True
        except ConnectionLost:
            return  # its answer, or the want of one, says the rest
        await self._watch(receive)


def _beside(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
    """Do ``work`` until it is cancelled; what goes wrong in it shows in the answer."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda task: task.cancelled() or task.exception())
    return task


def _gone(message: Message) -> bool:
    return bool(message["type"] == "http.disconnect")


async def _asked_for(exchange: PooledExchange) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CONTINUE_SECONDS):
            await exchange.answer.continued.wait()
