"""One exchange: a request on its way to the upstream, and the response on its way back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine

from starlette.types import Message, Receive, Send

from livereload_loc.httputil.headers import get, tokens
from livereload_loc.inject.headers import asks_for_page
from livereload_loc.proxy.cancel_scope import CancelScope
from livereload_loc.proxy.connection import UpstreamConnection
from livereload_loc.proxy.error_page import unavailable
from livereload_loc.proxy.header_rules import HeaderRules, has_body
from livereload_loc.proxy.pool import UpstreamPool
from livereload_loc.proxy.request import ProxyRequest
from livereload_loc.proxy.response_parser import ConnectionLost, ResponseHead, UpstreamFailed

# How long a server may take to ask for a body that was announced, before it is sent all the same: many never
# ask (RFC 9110, section 10.1.1).
CONTINUE_SECONDS = 1.0


class RequestExchange:
    """Carries one exchange. ``work`` is interrupted when the browser leaves."""

    def __init__(
        self, request: ProxyRequest, pool: UpstreamPool, rules: HeaderRules, work: CancelScope
    ) -> None:
        self._request, self._pool, self._rules, self._work = request, pool, rules, work
        self._sent = not has_body(request.headers)  # so that another request may follow on its connection
        self.responding = asyncio.Event()
        """Set once the browser has got the start of the response."""

    async def run(self, receive: Receive, send: Send) -> None:
        """Pass the request on, and the response back.

        Raises:
            UpstreamFailed: the upstream broke off in the middle of the response, and so must we.
        """
        uplink: asyncio.Task[None] | None = None
        connection: UpstreamConnection | None = None
        try:
            if not self._sent:
                connection = await self._pool.start(self._request_head(), self._request.method)
                uplink = _start(self._send_body(receive, connection))
                head = await connection.response.head()
            else:
                uplink = _start(self._watch(receive))
                connection, head = await self._pool.request(self._request_head(), self._request.method)
        except UpstreamFailed as error:
            await self._fail(error, send)
        else:
            await self._respond(connection, head, send)
            self._pool.release(connection, keep=self._sent)
            connection = None
        finally:
            if uplink:
                uplink.cancel()
            if connection:
                connection.abort()

    def _request_head(self) -> bytes:
        request = self._request
        headers = self._rules.request(request.headers, request.address, request.peer)
        if self._chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        return request.head(headers)

    @property
    def _chunked(self) -> bool:
        return get(self._request.headers, b"transfer-encoding") is not None

    async def _respond(self, connection: UpstreamConnection, head: ResponseHead, send: Send) -> None:
        headers = self._rules.response(head.status, head.headers, self._request.address)
        await send({"type": "http.response.start", "status": head.status, "headers": headers})
        self.responding.set()
        more = True
        while more:
            body, more = await connection.response.read()
            await send({"type": "http.response.body", "body": body, "more_body": more})

    async def _fail(self, error: UpstreamFailed, send: Send) -> None:
        request = self._request
        page = asks_for_page(request.method, request.headers)
        headers, body = unavailable(self._pool.target, error, request.method, page=page)
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 502, "headers": headers})
        self.responding.set()
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})

    async def _watch(self, receive: Receive) -> None:
        """End all work once the browser is gone."""
        while not _gone(await receive()):
            pass
        self._work.interrupt()

    async def _send_body(self, receive: Receive, connection: UpstreamConnection) -> None:
        """Pass the body on, as fast as the upstream takes it."""
        response, chunked, more = connection.response, self._chunked, True
        if b"100-continue" in tokens(self._request.headers, b"expect"):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CONTINUE_SECONDS):
                    await response.continued.wait()
            if response.arrived:  # nobody wants the body, and reading would ask the browser for it
                await self.responding.wait()
                await self._watch(receive)
                return
        try:
            while more:
                message = await receive()
                if _gone(message):
                    self._work.interrupt()
                    return
                body, more = message.get("body", b""), message.get("more_body", False)
                if body:
                    await connection.send(b"%x\r\n%s\r\n" % (len(body), body) if chunked else body)
            if chunked:
                await connection.send(b"0\r\n\r\n")
            self._sent = True
        except ConnectionLost:
            return  # the response, or that none comes, tells the rest
        await self._watch(receive)


def _start(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
    """Start ``work``, to be cancelled later; what goes wrong in it shows in the response."""
    task = asyncio.create_task(work)
    task.add_done_callback(lambda task: task.cancelled() or task.exception())
    return task


def _gone(message: Message) -> bool:
    return bool(message["type"] == "http.disconnect")
