"""Many visitors on one thread: raw sockets that read what they are told, and answer pings."""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from contextlib import suppress
from dataclasses import dataclass

AT_ONCE = 128
"""So many connections are being made at a time."""

PATIENCE = 120.0


@dataclass(frozen=True)
class Dialect:
    """How to speak to a server: where it listens, and what to send once the handshake is done."""

    path: str
    greeting: bytes = b""
    pings: dict[bytes, bytes] | None = None
    """Messages that want an answer, and it."""


class _Visitor:
    __slots__ = ("buffer", "is_in", "socket", "total")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.buffer = b""
        self.is_in = False
        self.total = -1


class Crowd:
    """Visitors of one site of the server at ``port``."""

    def __init__(self, port: int, dialect: Dialect, site: str = "crowd.example") -> None:
        self._port, self._dialect = port, dialect
        self._head = (
            f"GET {dialect.path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Origin: https://{site}\r\n\r\n"
        ).encode()
        self._poll = select.epoll()
        self._visitors: dict[int, _Visitor] = {}
        self._connecting: dict[int, socket.socket] = {}
        self._greeting: set[int] = set()
        self._made = 0
        self._right = 0
        self._wanted = -1
        self.messages = 0

    def __len__(self) -> int:
        return len(self._visitors)

    def join(self, count: int, *, total: int | None = None) -> float:
        """Let ``count`` more come as fast as they can; the seconds until all know of all."""
        self._want(len(self) + count if total is None else total)
        began = time.perf_counter()
        left = count
        while left or self._connecting or self._right < len(self):
            while left and len(self._connecting) + len(self._greeting) < AT_ONCE:
                self._connect()
                left -= 1
            self._turn(began)
        return time.perf_counter() - began

    def leave(self, count: int) -> float:
        """Let ``count`` go at once; the seconds until all others know."""
        self._want(len(self) - count)
        began = time.perf_counter()
        for number in list(self._visitors)[:count]:
            self._drop(number)
        while self._right < len(self):
            self._turn(began)
        return time.perf_counter() - began

    def churn(self, rate: int, seconds: float) -> None:
        """Let ``rate`` a second go, and as many come, one by one."""
        began = time.perf_counter()
        done = 0
        while (passed := time.perf_counter() - began) < seconds:
            while done < passed * rate:
                self._drop(next(iter(self._visitors)))
                self._connect()
                done += 1
            self._turn(time.perf_counter(), 0.005)
        while self._connecting:
            self._turn(time.perf_counter())

    def close(self) -> None:
        """Go, all of them."""
        for number in list(self._visitors):
            self._drop(number)
        self._poll.close()

    def _want(self, total: int) -> None:
        self._wanted = total
        self._right = sum(visitor.total == total for visitor in self._visitors.values())

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        # Each ten visitors have an address of their own, as real ones have.
        address = self._made // 10
        self._made += 1
        connection.bind((f"127.1.{address // 250 % 250}.{address % 250 + 1}", 0))
        with suppress(BlockingIOError):
            connection.connect(("127.0.0.1", self._port))
        self._connecting[connection.fileno()] = connection
        self._poll.register(connection, select.EPOLLOUT)

    def _drop(self, number: int) -> None:
        visitor = self._visitors.pop(number)
        self._greeting.discard(number)
        self._right -= visitor.total == self._wanted
        self._poll.unregister(number)
        visitor.socket.close()

    def _turn(self, began: float, timeout: float = 1.0) -> None:
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError(f"{self._right:,} of {len(self):,} know {self._wanted:,}")
        for number, _ in self._poll.poll(timeout):
            if number in self._connecting:
                self._connected(number)
            elif number in self._visitors:
                self._read(self._visitors[number])

    def _connected(self, number: int) -> None:
        connection = self._connecting.pop(number)
        self._greeting.add(number)
        error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        connection.send(self._head)
        self._visitors[number] = _Visitor(connection)
        self._poll.modify(number, select.EPOLLIN)

    def _read(self, visitor: _Visitor) -> None:
        try:
            data = visitor.socket.recv(65536)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return
            raise
        if not data:
            raise ConnectionError(f"the server closed a socket after {visitor.buffer!r}")
        data = visitor.buffer + data
        number = visitor.socket.fileno()
        if not visitor.is_in:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                visitor.buffer = head
                return
            if b" 101 " not in head:
                raise ConnectionError(head.decode("latin-1"))
            visitor.is_in = True
            if self._dialect.greeting:
                visitor.socket.send(masked(self._dialect.greeting))
        self._greeting.discard(number)
        self.messages += data.count(b'"total":')
        self._answer(visitor, data)
        start = data.rfind(b'"total":')
        end = start + 8
        while start >= 0 and end < len(data) and data[end : end + 1].isdigit():
            end += 1
        if start < 0 or end == len(data):  # not there, or not whole
            visitor.buffer = data[-64:]
            return
        visitor.buffer = data[end:]
        self._right -= visitor.total == self._wanted
        visitor.total = int(data[start + 8 : end])
        self._right += visitor.total == self._wanted

    def _answer(self, visitor: _Visitor, data: bytes) -> None:
        for ping, pong in (self._dialect.pings or {}).items():
            if ping in data:
                visitor.socket.send(masked(pong))


def masked(message: bytes) -> bytes:
    """A text frame of a client; its mask is zero."""
    return bytes((0x81, 0x80 | len(message), 0, 0, 0, 0)) + message
