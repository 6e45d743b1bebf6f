"""One WebSocket through the proxy: two connections, whose messages are passed on (RFC 6455).

Pings are answered on each leg by itself, and neither leg compresses.
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

from livereload_loc.proxy.cancel_scope import CancelScope
from livereload_loc.proxy.error_page import unavailable
from livereload_loc.proxy.header_rules import HeaderRules
from livereload_loc.proxy.pool import PooledExchange, UpstreamPool
from livereload_loc.proxy.request import ProxyRequest
from livereload_loc.proxy.response_parser import BadResponse, ResponseHead, UpstreamFailed

MAX_MESSAGE = 16 * 1024 * 1024
"""Bytes of the largest message that passes."""

GOODBYE_SECONDS = 1.0
"""How long the upstream may take to answer a close."""

MAX_REFUSAL = 256 * 1024
"""Bytes that are read of what an upstream says when it refuses a socket."""

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_NO_STATUS, _ABNORMAL, _TLS = 1005, 1006, 1015
_NORMAL, _GOING_AWAY, _INVALID, _RESTART = 1000, 1001, 1007, 1012


class WebSocketTunnel:
    """Carries one WebSocket. ``work`` ends when the browser leaves before the upstream has said yes."""

    def __init__(
        self, request: ProxyRequest, upstream: UpstreamPool, forwarding: HeaderRules, work: CancelScope
    ) -> None:
        self._request, self._upstream, self._forwarding, self._work = request, upstream, forwarding, work
        self._key = base64.b64encode(os.urandom(16))

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Open it on both sides and pass messages on until one of them closes."""
        await receive()  # websocket.connect
        can_refuse = "websocket.http.response" in (scope.get("extensions") or {})
        leaving = asyncio.ensure_future(receive())
        leaving.add_done_callback(self._left)
        exchange: PooledExchange | None = None
        try:
            if not self._request.proper:
                await _refuse(400, [], b"This address cannot be passed on.\n", send, can_refuse)
                return
            exchange, head = await self._upstream.ask(self._handshake(), "GET", upgrade=True)
            if head.status != 101:
                headers = self._forwarding.response(head.status, head.headers, self._request.came)
                await _refuse(head.status, headers, await _body(exchange), send, can_refuse)
                return
            self._check(head)
            leaving.remove_done_callback(self._left)
            if not leaving.done():
                await self._accept(head, send)
                await _TunnelLegs(exchange, leaving, receive, send, self._work).run()
        except UpstreamFailed as error:
            headers, body = unavailable(self._upstream.target, error, "GET", page=False)
            await _refuse(502, headers, body, send, can_refuse)
        finally:
            leaving.remove_done_callback(self._left)
            leaving.cancel()
            if exchange:
                exchange.connection.abort()

    def _left(self, leaving: asyncio.Future[Message]) -> None:
        if not leaving.cancelled():
            leaving.exception()  # whatever it is, nobody is there
            self._work.interrupt()

    def _handshake(self) -> bytes:
        request = self._request
        return request.head(
            [
                *self._forwarding.handshake(request.headers, request.came, request.peer),
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
                "headers": self._forwarding.accepted(head.headers, self._request.came),
            }
        )


class _TunnelLegs:
    """Both connections of a socket that is open. ``first`` is what the browser says first."""

    def __init__(
        self,
        exchange: PooledExchange,
        first: asyncio.Future[Message],
        receive: Receive,
        send: Send,
        work: CancelScope,
    ) -> None:
        self._exchange, self._first, self._work = exchange, first, work
        self._receive, self._send = receive, send
        self._protocol = Protocol(Side.CLIENT, state=OPEN, max_size=MAX_MESSAGE)
        self._browser_left = False

    async def run(self) -> None:
        """Pass messages on until one side closes; the other one is told why."""
        uplink = asyncio.create_task(self._up())
        try:
            code, reason = await self._down()
            await self._close_browser(code, reason)
        except asyncio.CancelledError:
            if self._work.interrupted:  # it is we who stop
                await self._close_browser(_RESTART, "")
            raise
        finally:
            uplink.cancel()
            await asyncio.gather(uplink, return_exceptions=True)

    async def _down(self) -> tuple[int, str]:
        """From the upstream to the browser; returns the code and the reason to close with."""
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
                    data = parts[0] if len(parts) == 1 else b"".join(parts)
                    await self._say({"text": data.decode()} if kind is Opcode.TEXT else {"bytes": data})
        except UnicodeDecodeError:
            self._protocol.fail(_INVALID)
            await self._flush()
            return _INVALID, ""
        except UpstreamFailed:
            return _RESTART, ""
        failed = self._protocol.close_sent
        return (failed.code if failed and self._protocol.parser_exc else _RESTART), ""

    async def _frames(self) -> AsyncIterator[Frame]:
        """What the upstream says; ends when it said what is no frame, or has nothing more to say."""
        more = True
        while more and not self._protocol.parser_exc:
            data, more = await self._exchange.answer.read()
            self._protocol.receive_data(data)
            with contextlib.suppress(UpstreamFailed):  # it may have said goodbye and gone
                await self._flush()
            for event in self._protocol.events_received():
                assert isinstance(event, Frame)
                yield event

    async def _say(self, content: dict[str, str | bytes]) -> None:
        if self._browser_left:
            return
        try:
            await self._send({"type": "websocket.send", **content})
        except OSError:  # it has left; the other task hears of it
            self._browser_left = True

    async def _up(self) -> None:
        """From the browser to the upstream."""
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
        self._exchange.connection.abort()

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
            await self._exchange.connection.send(data)


async def _body(exchange: PooledExchange) -> bytes:
    parts, size, more = [], 0, True
    while more and size < MAX_REFUSAL:
        data, more = await exchange.answer.read()
        parts.append(data)
        size += len(data)
    return b"".join(parts)[:MAX_REFUSAL]


async def _refuse(
    status: int, headers: list[tuple[bytes, bytes]], body: bytes, send: Send, can_refuse: bool
) -> None:
    """Say no before the socket is open, in the upstream's words where the server can."""
    if not can_refuse:
        await send({"type": "websocket.close", "code": _ABNORMAL})
        return
    kept = [pair for pair in headers if pair[0] != b"content-length"]
    kept.append((b"content-length", b"%d" % len(body)))
    await send({"type": "websocket.http.response.start", "status": status, "headers": kept})
    await send({"type": "websocket.http.response.body", "body": body})
