"""The counter's WebSocket, right on the transport: for thousands of pages that hardly send anything.

An ASGI app would hold a task, a queue and two events for each page, and wake them for each total. Here a
page is one object, and a total is one prepared frame that is written to each of them. The ``websockets``
library judges the handshake and the frames that arrive (RFC 6455).
"""

from __future__ import annotations

import asyncio
import json
import logging
from functools import lru_cache
from typing import cast

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from livereload_loc.counter.admission import Admission
from livereload_loc.counter.counter import VisitorRefused
from livereload_loc.counter.site_visitors import Visit
from livereload_loc.urls import PREFIX

PATH = f"{PREFIX}/ws/counter"

# The largest message of a page in bytes; a larger one ends its socket with 1009.
MAX_MESSAGE = 1024
# The most frames that a page may send between two pings; more end its socket with 1008.
MAX_FRAMES = 16
# The most unread bytes on a connection whose page goes on sending; with more, it is aborted.
MAX_UNREAD = 4096
# The close codes of a page that goes away. The widget sends 4001, since browsers let no page send 1001, which
# Firefox sends itself when a page goes (RFC 6455, section 7.4.1).
GOING_AWAY = (1001, 4001)

_PING = Frame(Opcode.PING, b"").serialize(mask=False)
# The close codes that we send for what a page has sent.
_FAULTS = frozenset({1002, 1007, CloseCode.POLICY_VIOLATION, 1009})
_QUIET = logging.getLogger("livereload_loc.quiet")
_QUIET.disabled = True


class CounterSocket(asyncio.Protocol):
    """The connection of one page, from its handshake to its end."""

    __slots__ = ("_admission", "_conn", "_frames", "_has_asked", "_is_paused", "_transport", "_unsent",
                 "_visit", "waits_for_pong")  # fmt: skip

    def __init__(self, admission: Admission) -> None:
        self.waits_for_pong = False
        self._admission = admission
        self._conn = ServerProtocol(max_size=MAX_MESSAGE, logger=_QUIET)
        self._transport: asyncio.Transport
        self._visit: Visit | None = None
        self._has_asked = False
        self._frames = 0
        self._is_paused = False
        self._unsent: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be told at once when the page does not read; with TLS, a limit of 0 would mean always full."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=1)

    def data_received(self, data: bytes) -> None:
        """Take the handshake or frames, piece by piece, so that too many of them end at the first."""
        if self._is_paused and self._transport.get_write_buffer_size() > MAX_UNREAD:
            self.abort()
            return
        for start in range(0, len(data), MAX_MESSAGE):
            self._conn.receive_data(data[start : start + MAX_MESSAGE])
            for event in self._conn.events_received():
                if isinstance(event, Request):
                    self._handshake(event)
                elif isinstance(event, Frame):
                    self._frame_received(event)
            self._flush()
            if self._conn.state is not OPEN and self._has_asked:
                break

    def eof_received(self) -> None:
        self._conn.receive_eof()
        self._flush()

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        """Send what was held back while the page did not read."""
        self._is_paused = False
        unsent, self._unsent = self._unsent, None
        if unsent is not None:
            self.send(unsent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_visit()
        self._admission.keepalive.closed(self)

    def send(self, message: str) -> None:
        """Send ``message``; while the page does not read, the newest message is held back."""
        if self._is_paused:
            self._unsent = message
        elif self._conn.state is OPEN:
            self._transport.write(_frame(message))

    def close(self, code: int, reason: str) -> None:
        """Begin the closing handshake."""
        if self._conn.state is OPEN:
            self._conn.send_close(code, reason)
            self._flush()

    def ping(self) -> None:
        """Send a ping, and the total again: pages do not see pings, and learn that they are connected."""
        self._frames = 0
        self.waits_for_pong = True
        self._transport.write(_PING)
        if self._visit and self._visit.last_message:
            self.send(self._visit.last_message)

    def abort(self) -> None:
        """End the connection without a closing handshake."""
        self._transport.abort()

    def _handshake(self, request: Request) -> None:
        self._has_asked = True
        response = self._conn.accept(request)
        if response.status_code != 101:
            self._conn.send_response(response)
            return
        peer = self._transport.get_extra_info("peername")
        try:
            self._visit = self._admission.admit(self, request.headers, str(peer[0]) if peer else "")
        except VisitorRefused as refused:
            refusal = refused.refusal
            self._conn.send_response(self._conn.reject(refusal.status, f"Refused: {refusal.reason}.\n"))
            return
        self._admission.keepalive.opened(self)
        self._conn.send_response(response)
        head = b"".join(self._conn.data_to_send())
        greeting = self._admission.counter.greeting(self._visit)
        self._transport.write(head + _frame(greeting))  # in one packet

    def _frame_received(self, frame: Frame) -> None:
        self._frames += 1
        if frame.opcode is Opcode.PONG:
            self.waits_for_pong = False
        if self._frames > MAX_FRAMES:
            self._fail("too many frames")
        elif frame.opcode is Opcode.TEXT and frame.fin:
            tab = _tab(frame.data)
            if tab is None:
                self._fail("unknown message")
            elif self._visit:
                self._admission.counter.identify(self._visit, tab)
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._fail("not a text message in one frame")

    def _fail(self, reason: str) -> None:
        if self._conn.state is OPEN:
            self._conn.fail(CloseCode.POLICY_VIOLATION, reason)

    def _flush(self) -> None:
        """Write what the library has to send; end the visit once the closing handshake has begun."""
        for data in self._conn.data_to_send():
            if data:
                self._transport.write(data)
            else:
                self._transport.close()
        if self._visit and self._conn.state is not OPEN:
            sent = self._conn.close_sent
            if sent and sent.code in _FAULTS:
                self._admission.counter.faults[sent.code] += 1
            self._end_visit()
            self._admission.keepalive.closing(self)

    def _end_visit(self) -> None:
        visit, self._visit = self._visit, None
        if visit:
            close = self._conn.close_rcvd
            self._admission.counter.leave(visit, back_soon=close is not None and close.code in GOING_AWAY)


def _tab(data: bytes | bytearray | memoryview) -> str | None:
    """Return the id in ``{"type": "tab", "id": "..."}``."""
    try:
        message = json.loads(bytes(data))
    except (ValueError, RecursionError):
        return None
    match message:
        case {"type": "tab", "id": str(tab)}:
            return tab or None
    return None


@lru_cache(maxsize=256)
def _frame(message: str) -> bytes:
    return Frame(Opcode.TEXT, message.encode()).serialize(mask=False)
