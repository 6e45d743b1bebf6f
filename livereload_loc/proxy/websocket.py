"""One WebSocket through the proxy: a tunnel of two connections, whose messages are passed on (RFC 6455).

Pings are answered on each connection by itself, and neither compresses.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator

from starlette.types import Message, Receive, Scope, Send
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, Protocol, Side

from livereload_loc.httputil.headers import HeaderList
from livereload_loc.httputil.tasks import background
from livereload_loc.proxy.cancel_scope import CancelScope
from livereload_loc.proxy.connection import UpstreamConnection
from livereload_loc.proxy.error_page import unavailable
from livereload_loc.proxy.header_rules import HeaderRules
from livereload_loc.proxy.pool import UpstreamPool
from livereload_loc.proxy.request import ProxyRequest
from livereload_loc.proxy.response_parser import BadResponse, ResponseHead, UpstreamFailed

# Bytes of the largest message that passes.
MAX_MESSAGE = 16 * 1024 * 1024

# How long the upstream may take to answer a close.
GOODBYE_SECONDS = 1.0

# Bytes that are read of the body with which an upstream refuses a socket.
MAX_REFUSAL = 256 * 1024

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NO_STATUS, _ABNORMAL, _TLS = 1005, 1006, 1015
_NORMAL, _GOING_AWAY, _INVALID, _RESTART = 1000, 1001, 1007, 1012


class WebSocketTunnel:
    """Carries one WebSocket. ``work`` is interrupted when the browser leaves before it is accepted."""

    def __init__(
        self, request: ProxyRequest, pool: UpstreamPool, rules: HeaderRules, work: CancelScope
    ) -> None:
        self._request, self._pool, self._rules, self._work = request, pool, rules, work
        self._key = base64.b64encode(os.urandom(16))

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open it on both sides and pass messages on until one of them closes."""
        await receive()  # websocket.connect
        can_refuse = "websocket.http.response" in (scope.get("extensions") or {})
        leaving = asyncio.ensure_future(receive())
        leaving.add_done_callback(self._left)
        connection: UpstreamConnection | None = None
        try:
            if not self._request.proper:
                await _refuse(400, [], b"This address cannot be passed on.\n", send, can_refuse)
                return
            connection, head = await self._pool.request(self._handshake(), "GET", upgrade=True)
            if head.status != 101:
                headers = self._rules.response(head.status, head.headers, self._request.address)
                await _refuse(head.status, headers, await _body(connection), send, can_refuse)
                return
            self._check(head)
            leaving.remove_done_callback(self._left)
            if not leaving.done():
                await self._accept(head, send)
                await _OpenTunnel(connection, leaving, receive, send, self._work).run()
        except UpstreamFailed as error:
            headers, body = unavailable(self._pool.target, error, "GET", page=False)
            await _refuse(502, headers, body, send, can_refuse)
        finally:
            leaving.remove_done_callback(self._left)
            leaving.cancel()
            if connection:
                connection.abort()

    def _left(self, leaving: asyncio.Future[Message]) -> None:
        if not leaving.cancelled():
            leaving.exception()  # whatever it is, nobody is there
            self._work.interrupt()

    def _handshake(self) -> bytes:
        request = self._request
        return request.head(
            [
                *self._rules.handshake(request.headers, request.address, request.peer),
                (b"connection", b"Upgrade"),
                (b"upgrade", b"websocket"),
                (b"sec-websocket-version", b"13"),
                (b"sec-websocket-key", self._key),
            ]
        )

    def _check(self, head: ResponseHead) -> None:
        """See that the upstream speaks the protocol that was asked for (RFC 6455, section 4.1)."""
        expected = base64.b64encode(hashlib.sha1(self._key + _GUID).digest())  # noqa: S324 - as the RFC has it
        named = dict(head.headers)
        if named.get(b"sec-websocket-accept", b"").strip() != expected:
            raise BadResponse("it does not take part in the WebSocket handshake")
        if b"sec-websocket-extensions" in named:
            raise BadResponse("it chose a WebSocket extension that nobody offered")

    async def _accept(self, head: ResponseHead, send: Send) -> None:
        chosen = dict(head.headers).get(b"sec-websocket-protocol")
        await send(
            {
                "type": "websocket.accept",
                "subprotocol": chosen.strip().decode("latin-1") if chosen else None,
                "headers": self._rules.accepted(head.headers, self._request.address),
            }
        )


class _OpenTunnel:
    """Passes messages between both connections. ``first`` is the first message of the browser."""

    def __init__(
        self,
        connection: UpstreamConnection,
        first: asyncio.Future[Message],
        receive: Receive,
        send: Send,
        work: CancelScope,
    ) -> None:
        self._connection, self._first, self._work = connection, first, work
        self._receive, self._send = receive, send
        self._protocol = Protocol(Side.CLIENT, state=OPEN, max_size=MAX_MESSAGE)
        self._browser_left = False

    async def run(self) -> None:
        """Pass messages on until one side closes; close the other one with the same code and reason."""
        async with background(self._up()):
            try:
                code, reason = await self._down()
                await self._close_browser(code, reason)
            except asyncio.CancelledError:
                if self._work.interrupted:  # it is we who stop
                    await self._close_browser(_RESTART, "")
                raise

    async def _down(self) -> tuple[int, str]:
        """Pass on what comes from the upstream; return the code and the reason to close with."""
        kind, parts = Opcode.TEXT, list[bytes]()
        try:
            async for frame in self._frames():
                if frame.opcode is Opcode.CLOSE:
                    closed = self._protocol.close_rcvd
                    if closed is None or closed.code == _NO_STATUS:
                        return _NORMAL, ""
                    return closed.code, closed.reason
                if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
                    kind, parts = frame.opcode, []
                elif frame.opcode is not Opcode.CONT:
                    continue
                parts.append(bytes(frame.data))
                if frame.fin:
                    data, text = b"".join(parts), kind is Opcode.TEXT
                    await self._send_browser({"text": data.decode()} if text else {"bytes": data})
        except UnicodeDecodeError:
            self._protocol.fail(_INVALID)
            await self._flush()
            return _INVALID, ""
        except UpstreamFailed:
            return _RESTART, ""
        failed = self._protocol.close_sent
        return (failed.code if failed and self._protocol.parser_exc else _RESTART), ""

    async def _frames(self) -> AsyncIterator[Frame]:
        """Yield what the upstream sends; end when that is no frame, or nothing more comes."""
        more = True
        while more and not self._protocol.parser_exc:
            data, more = await self._connection.response.read()
            self._protocol.receive_data(data)
            with contextlib.suppress(UpstreamFailed):  # it may have closed and gone
                await self._flush()
            for event in self._protocol.events_received():
                assert isinstance(event, Frame)
                yield event

    async def _send_browser(self, content: dict[str, str | bytes]) -> None:
        if self._browser_left:
            return
        try:
            await self._send({"type": "websocket.send", **content})
        except OSError:  # it has left; the other task will see that
            self._browser_left = True

    async def _up(self) -> None:
        """Pass on what comes from the browser."""
        with contextlib.suppress(UpstreamFailed):
            message = await self._first
            while message["type"] == "websocket.receive":
                if self._protocol.state is not OPEN:
                    return
                data = message.get("bytes")
                if data is not None:
                    self._protocol.send_binary(data)
                else:
                    self._protocol.send_text(message["text"].encode())
                await self._flush()
                message = await self._receive()
            self._browser_left = True
            if self._protocol.state is OPEN:
                self._close_upstream(message.get("code"), message.get("reason"))
                await self._flush()
                await asyncio.sleep(GOODBYE_SECONDS)
        self._connection.abort()

    def _close_upstream(self, code: int | None, reason: str | None) -> None:
        if code is None or code == _NO_STATUS:
            self._protocol.send_close()
        elif code in (_ABNORMAL, _TLS):  # codes that cannot be sent
            self._protocol.send_close(_GOING_AWAY)
        else:
            self._protocol.send_close(code, reason or "")

    async def _close_browser(self, code: int, reason: str) -> None:
        if not self._browser_left:
            with contextlib.suppress(OSError):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _flush(self) -> None:
        data = b"".join(self._protocol.data_to_send())
        if data:
            await self._connection.send(data)


async def _body(connection: UpstreamConnection) -> bytes:
    body, more = b"", True
    while more and len(body) < MAX_REFUSAL:
        data, more = await connection.response.read()
        body += data
    return body[:MAX_REFUSAL]


async def _refuse(status: int, headers: HeaderList, body: bytes, send: Send, can_refuse: bool) -> None:
    """Refuse before the socket is open, with the upstream's response where the server can."""
    if not can_refuse:
        await send({"type": "websocket.close", "code": _ABNORMAL})
        return
    kept = [pair for pair in headers if pair[0] != b"content-length"]
    kept.append((b"content-length", b"%d" % len(body)))
    await send({"type": "websocket.http.response.start", "status": status, "headers": kept})
    await send({"type": "websocket.http.response.body", "body": body})
