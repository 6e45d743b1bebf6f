"""What a connection may cost: uvicorn's HTTP with deadlines and bounds, and an entrance beside the app."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sized
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

REQUEST_SECONDS = 10.0
"""How long a request may take to say what it wants."""

MAX_HEAD = 64 * 1024
"""The largest head of a request in bytes, its target and headers; about what other servers take."""

MAX_PIPELINED = 16
"""So many requests may wait on one connection; browsers send none before the answer to the last."""

UNREAD_SECONDS = 20.0
MAX_CONNECTIONS = 100
"""Of strangers: how long an answer may wait to be read, and how many connections one address may have that
are no visitors."""

SPARE_FILES = 16
"""File descriptors that connections leave to all else."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 45\r\n\r\n"
    b"Refused: the head of the request is too big.\n"
)


@dataclass(frozen=True, slots=True)
class RawSocketRoute:
    """WebSockets that no ASGI app sees: those at ``path`` speak ``protocol``, right on the transport.

    ``leave`` sends them away when the server stops, ``__len__`` of ``sockets`` is how many there are. With
    ``strict``, requests are from strangers: they have to be whole in time, not only their heads, the answers
    have to be read, and an address that is not ``trusted`` has so many connections and no more, of which
    ``crowded`` hears.
    """

    path: bytes
    protocol: Callable[[], asyncio.Protocol]
    leave: Callable[[], Awaitable[None]]
    sockets: Sized = ()
    strict: bool = False
    trusted: Callable[[str], bool] = lambda peer: False
    crowded: Callable[[], None] = lambda: None


class ConnectionLimits:
    """What all connections of a server have in common."""

    def __init__(self, entrance: RawSocketRoute | None, full: Callable[[], None]) -> None:
        self.entrance, self.full = entrance, full
        self.peers: Counter[str] = Counter()
        self.most = _most_files() - SPARE_FILES

    @property
    def strict(self) -> bool:
        """Whether requests are from strangers."""
        return self.entrance is not None and self.entrance.strict

    def is_full(self, connections: int) -> bool:
        """Whether there is no file descriptor for one more."""
        return connections + len(self.entrance.sockets if self.entrance else ()) > self.most

    def is_too_many(self, peer: str) -> bool:
        """Whether a stranger has more connections than one should."""
        entrance = self.entrance
        if entrance is None or not entrance.strict or self.peers[peer] <= MAX_CONNECTIONS:
            return False
        return not entrance.trusted(peer)


def _most_files() -> int:
    try:
        import resource  # not on Windows
    except ImportError:
        return 8192
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if most == resource.RLIM_INFINITY else most


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, with deadlines and bounds for each request, and an entrance beside the app."""

    def __init__(self, doors: ConnectionLimits, /, **given: Any) -> None:
        super().__init__(**given)
        self._doors = doors
        self._waiting = True
        self._head = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._peer: str | None = None  # as long as it speaks HTTP

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, not for ever."""
        super().connection_made(transport)
        self._peer = self.client[0] if self.client else ""
        self._doors.peers[self._peer] += 1
        if self._doors.is_full(len(self.connections)):
            self._doors.full()
            transport.abort()
        elif self._doors.entrance and self._doors.is_too_many(self._peer):
            self._doors.entrance.crowded()
            transport.abort()
        else:
            self._wait(REQUEST_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._met()
        self._leave()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The answer is not read."""
        super().pause_writing()
        if self._doors.strict and self._deadline is None:
            self._wait(UNREAD_SECONDS)

    def resume_writing(self) -> None:
        """It is."""
        super().resume_writing()
        if not self._waiting:
            self._met()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a request that has not come whole."""
        super().data_received(data)
        if self._peer is None:
            return  # it has become a WebSocket
        if self._waiting:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
        # Empty lines between two requests end uvicorn's own patience.
        is_idle = self.cycle is None or self.cycle.response_complete
        if self._deadline is None and (self._waiting or (is_idle and self.timeout_keep_alive_task is None)):
            self._wait(REQUEST_SECONDS)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._waiting = True
        self._head = 0

    def on_headers_complete(self) -> None:
        """Its head is there; a target with a fragment is none (RFC 9112, section 3.2; CVE-2025-32395)."""
        if b"#" in self.url or len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError(self.url)  # the parser makes a 400 of it
        super().on_headers_complete()
        if not self._doors.strict:
            self._met()

    def on_message_complete(self) -> None:
        """All of it is there."""
        super().on_message_complete()
        self._met()

    def handle_websocket_upgrade(self) -> None:
        """Give the socket to the app, or to the entrance if it is at its path; not before what was asked
        earlier is answered, which would write amid its frames."""
        self._met()
        if self.pipeline or (self.cycle is not None and not self.cycle.response_complete):
            self.transport.abort()
            return
        entrance = self._doors.entrance
        self._leave()
        if entrance is None or self.url.partition(b"?")[0] != entrance.path:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        protocol = entrance.protocol()
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        head = [b"%s %s HTTP/1.1\r\n" % (self.scope["method"].encode(), self.url)]
        head += [b"%s: %s\r\n" % header for header in self.scope["headers"]]
        protocol.data_received(b"%s\r\n" % b"".join(head))

    def _wait(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _met(self) -> None:
        self._waiting = False
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _leave(self) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            self._doors.peers[peer] -= 1
            if not self._doors.peers[peer]:
                del self._doors.peers[peer]
