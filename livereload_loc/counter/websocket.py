"""The counter's WebSocket, spoken right on the transport: thousands of pages that hardly say anything.

An ASGI app would hold a task, a queue and two events for each page, and wake them for each total. Here a
page is one object, and a total is one prepared frame written to each of them. The handshake and what comes
in are the ``websockets`` library's to judge (RFC 6455).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from functools import lru_cache
from typing import cast

from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from livereload_loc.access import Refusal
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.keepalive import KeepAlive
from livereload_loc.counter.site_visitors import Visit
from livereload_loc.counter.sites import site_of
from livereload_loc.urls import PREFIX

PATH = f"{PREFIX}/ws/counter"

MAX_MESSAGE = 1024
"""The largest message of a page in bytes; a larger one ends its socket with 1009."""

MESSAGES = 16
"""So many frames a page may send between two pings; more end its socket with 1008."""

MAX_UNREAD = 4096
"""A page that goes on asking while so many bytes of answers wait for it is cut."""

GOING = 4001
"""The close code of a page that went away; browsers let no page say 1001."""

_PING = Frame(Opcode.PING, b"").serialize(mask=False)

_FAULTS = (
    CloseCode.PROTOCOL_ERROR,
    CloseCode.INVALID_DATA,
    CloseCode.POLICY_VIOLATION,
    CloseCode.MESSAGE_TOO_BIG,
)

_QUIET = logging.getLogger("livereload_loc.quiet")
_QUIET.disabled = True


class Admission:
    """What all sockets of one server have in common. ``refuse_host`` judges the name that a page has asked
    for; ``refused`` hears of each visitor kept out, and whether X-Forwarded-For was there."""

    def __init__(
        self,
        counter: Counter,
        peers: ClientAddressResolver,
        *,
        refuse_host: Callable[[str | None], Refusal | None] = lambda host: None,
        refused: Callable[[Refusal, bool], None] = lambda refusal, forwarded: None,
    ) -> None:
        self.counter, self.roll = counter, KeepAlive()
        self._peers, self._refuse_host, self._refused = peers, refuse_host, refused

    def admit(self, socket: CounterSocket, request: Request, peer: str) -> Visit:
        """A seat for the page that asks so.

        Raises:
            Refused: it gets none.
        """
        headers = request.headers
        forwarded = headers.get_all("X-Forwarded-For")
        site = site_of(_first(headers, "Origin"))
        refusal = self._refusal(headers)
        try:
            if refusal or site is None:
                raise self.counter.refuse(refusal or Refusal(403, "a malformed Origin"))
            address = self._peers.visitor(peer, forwarded)
            return self.counter.join(socket, site, address, _first(headers, "User-Agent") or "")
        except VisitorRefused as refused:
            self._refused(refused.refusal, bool(forwarded))
            raise

    def _refusal(self, headers: Headers) -> Refusal | None:
        if self.roll.draining:
            return Refusal(503, "the server is stopping")
        return self._refuse_host(_first(headers, "Host"))


class CounterSocket(asyncio.Protocol):
    """One page, from its handshake to its end."""

    __slots__ = ("_conn", "_desk", "_greeted", "_messages", "_missed", "_paused", "_seat", "_transport",
                 "waits_for_pong")  # fmt: skip

    def __init__(self, desk: Admission) -> None:
        self._desk = desk
        self._conn = ServerProtocol(max_size=MAX_MESSAGE, logger=_QUIET)
        self._transport: asyncio.Transport
        self._seat: Visit | None = None
        self._greeted = False
        self._messages = 0
        self._paused = False
        self._missed: str | None = None
        self.waits_for_pong = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Have the transport say at once when the page does not read; TLS would take 0 for always full."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=1)

    def data_received(self, data: bytes) -> None:
        """Hear the handshake, or what the page says: little by little, so that chatter ends at its start."""
        if self._paused and self._transport.get_write_buffer_size() > MAX_UNREAD:
            self.cut()
            return
        for start in range(0, len(data), MAX_MESSAGE):
            self._conn.receive_data(data[start : start + MAX_MESSAGE])
            for event in self._conn.events_received():
                if isinstance(event, Request):
                    self._greet(event)
                elif isinstance(event, Frame):
                    self._hear(event)
            self._flush()
            if self._conn.state is not OPEN and self._greeted:
                break

    def eof_received(self) -> None:
        """The page has gone."""
        self._conn.receive_eof()
        self._flush()

    def pause_writing(self) -> None:
        """The page does not read."""
        self._paused = True

    def resume_writing(self) -> None:
        """It does again; send what it has missed."""
        self._paused = False
        missed, self._missed = self._missed, None
        if missed is not None:
            self.tell(missed)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the seat back."""
        self._rise()
        self._desk.roll.leave(self)

    def tell(self, message: str) -> None:
        """See :class:`~livereload_loc.counter.site_visitors.Visitor`."""
        if self._paused:
            self._missed = message
        elif self._conn.state is OPEN:
            self._transport.write(_frame(message))

    def end(self, code: int, reason: str) -> None:
        """See :class:`~livereload_loc.counter.site_visitors.Visitor`."""
        if self._conn.state is OPEN:
            self._conn.send_close(code, reason)
            self._flush()

    def ping(self) -> None:
        """Ask whether the page is there, and let it speak again."""
        self._messages = 0
        self.waits_for_pong = True
        self._transport.write(_PING)
        if self._seat and self._seat.told:
            self.tell(self._seat.told)  # pings are hidden from a page: this shows it that it is connected

    def cut(self) -> None:
        """End the connection without a word."""
        self._transport.abort()

    def _greet(self, request: Request) -> None:
        self._greeted = True
        response = self._conn.accept(request)
        if response.status_code != 101:
            self._conn.send_response(response)
            return
        peer = self._transport.get_extra_info("peername")
        try:
            self._seat = self._desk.admit(self, request, str(peer[0]) if peer else "")
        except VisitorRefused as refused:
            refusal = refused.refusal
            self._conn.send_response(self._conn.reject(refusal.status, f"Refused: {refusal.reason}.\n"))
            return
        self._desk.roll.enter(self)
        self._conn.send_response(response)
        head = b"".join(self._conn.data_to_send())
        greeting = self._desk.counter.greeting(self._seat)
        self._transport.write(head + _frame(greeting))  # in one packet

    def _hear(self, frame: Frame) -> None:
        self._messages += 1
        if frame.opcode is Opcode.PONG:
            self.waits_for_pong = False
        if self._messages > MESSAGES:
            self._fail("too many frames")
        elif frame.opcode is Opcode.TEXT and frame.fin:
            tab = _tab(frame.data)
            if tab is None:
                self._fail("a message that says nothing")
            elif self._seat:
                self._desk.counter.name(self._seat, tab)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._fail("no message of ours")

    def _fail(self, reason: str) -> None:
        if self._conn.state is OPEN:
            self._conn.fail(CloseCode.POLICY_VIOLATION, reason)

    def _flush(self) -> None:
        """Write what the library has to say; who has begun to close is gone, and has a while to end it."""
        for data in self._conn.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()
        if self._seat and self._conn.state is not OPEN:
            sent = self._conn.close_sent
            if sent and sent.code in _FAULTS:
                self._desk.counter.shown_out[sent.code] += 1
            self._rise()
            self._desk.roll.part(self)

    def _rise(self) -> None:
        """Give the seat back; the place of a page that said it goes is kept for a while."""
        seat, self._seat = self._seat, None
        if seat:
            close = self._conn.close_rcvd
            self._desk.counter.leave(seat, back_soon=close is not None and close.code == GOING)


def _first(headers: Headers, name: str) -> str | None:
    """The first value of a header that should be there once."""
    return next(iter(headers.get_all(name)), None)


def _tab(data: bytes | bytearray | memoryview) -> str | None:
    """The id in ``{"type": "tab", "id": "..."}``."""
    try:
        message = json.loads(bytes(data))
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("type") != "tab":
        return None
    tab = message.get("id")
    return tab if isinstance(tab, str) and tab else None


@lru_cache(maxsize=256)
def _frame(message: str) -> bytes:
    return Frame(Opcode.TEXT, message.encode()).serialize(mask=False)
