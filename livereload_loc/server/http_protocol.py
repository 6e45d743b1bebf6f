"""uvicorn's HTTP with deadlines and bounds for each connection, and WebSockets without an ASGI app."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sized
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A request has to come within this time.
REQUEST_SECONDS = 10.0

# The largest head of a request in bytes, its target and headers; about what other servers take.
MAX_HEAD = 64 * 1024

# So many requests may wait on one connection; browsers send none before the answer to the last.
MAX_PIPELINED = 16

# Of strangers: how long an answer may wait to be read, and how many connections one address may have that
# are no visitors.
UNREAD_SECONDS = 20.0
MAX_CONNECTIONS = 100

# File descriptors that connections leave to all else.
SPARE_FILES = 16

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"Connection: close\r\nContent-Type: text/plain\r\nContent-Length: 45\r\n\r\n"
    b"Refused: the head of the request is too big.\n"
)


@dataclass(frozen=True, slots=True)
class RawSocketRoute:
    """WebSockets at ``path`` that ``protocol`` handles on the transport itself, without an ASGI app.

    ``leave`` closes them when the server stops, and ``sockets`` has their number as its length. ``strict``
    means that requests come from strangers: whole requests have a deadline, not only their heads, answers
    have to be read, and an address that is not ``trusted`` has a limit of connections; ``crowded`` is called
    when it passes the limit.
    """

    path: bytes
    protocol: Callable[[], asyncio.Protocol]
    leave: Callable[[], Awaitable[None]]
    sockets: Sized = ()
    strict: bool = False
    trusted: Callable[[str], bool] = lambda peer: False
    crowded: Callable[[], None] = lambda: None


class ConnectionLimits:
    """What all connections of a server share; ``on_full`` is called when one has to be refused."""

    def __init__(self, raw_route: RawSocketRoute | None, on_full: Callable[[], None]) -> None:
        self.raw_route, self.on_full = raw_route, on_full
        self.peers: Counter[str] = Counter()
        self._max_connections = _max_files() - SPARE_FILES

    @property
    def strict(self) -> bool:
        """Whether requests come from strangers."""
        return self.raw_route is not None and self.raw_route.strict

    def is_full(self, connections: int) -> bool:
        """Return whether there is no file descriptor for one more."""
        return connections + len(self.raw_route.sockets if self.raw_route else ()) > self._max_connections

    def is_crowded(self, peer: str) -> bool:
        """Return whether a stranger has too many connections."""
        if self.raw_route is None or not self.strict or self.peers[peer] <= MAX_CONNECTIONS:
            return False
        return not self.raw_route.trusted(peer)


def _max_files() -> int:
    try:
        import resource  # not on Windows
    except ImportError:
        return 8192
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


class BoundedHttpProtocol(HttpToolsProtocol):
    """uvicorn's HTTP with deadlines and bounds for each request."""

    def __init__(self, limits: ConnectionLimits, /, **options: Any) -> None:
        super().__init__(**options)
        self._limits = limits
        self._is_waiting = True
        self._head_size = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._peer: str | None = None  # as long as it speaks HTTP

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, not for ever."""
        super().connection_made(transport)
        limits = self._limits
        self._peer = self.client[0] if self.client else ""
        limits.peers[self._peer] += 1
        if limits.is_full(len(self.connections)):
            limits.on_full()
            transport.abort()
        elif limits.raw_route and limits.is_crowded(self._peer):
            limits.raw_route.crowded()
            transport.abort()
        else:
            self._set_deadline(REQUEST_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        self._forget_peer()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the peer a deadline to read the answer."""
        super().pause_writing()
        if self._limits.strict and self._deadline is None:
            self._set_deadline(UNREAD_SECONDS)

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._is_waiting:
            self._clear_deadline()

    def data_received(self, data: bytes) -> None:
        """Set a deadline for the rest of a request that has not come whole."""
        super().data_received(data)
        if self._peer is None:
            return  # it has become a WebSocket
        if self._is_waiting:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
        # Empty lines between two requests end uvicorn's own time limit.
        is_idle = self.cycle is None or self.cycle.response_complete
        if self._deadline is None and (
            self._is_waiting or (is_idle and self.timeout_keep_alive_task is None)
        ):
            self._set_deadline(REQUEST_SECONDS)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_waiting = True
        self._head_size = 0

    def on_headers_complete(self) -> None:
        """Refuse a target with a fragment (RFC 9112, section 3.2; CVE-2025-32395), and too many requests."""
        if b"#" in self.url or len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError(self.url)  # the parser makes a 400 of it
        super().on_headers_complete()
        if not self._limits.strict:
            self._clear_deadline()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._clear_deadline()

    def handle_websocket_upgrade(self) -> None:
        """Give the socket to the raw route if it is at its path, else to the app.

        An earlier request has to be answered first: its answer would be written amid the frames.
        """
        self._clear_deadline()
        if self.pipeline or (self.cycle is not None and not self.cycle.response_complete):
            self.transport.abort()
            return
        route = self._limits.raw_route
        self._forget_peer()
        if route is None or self.url.partition(b"?")[0] != route.path:
            super().handle_websocket_upgrade()
            return
        self.connections.discard(self)
        protocol = route.protocol()
        protocol.connection_made(self.transport)
        self.transport.set_protocol(protocol)
        head = [b"%s %s HTTP/1.1\r\n" % (self.scope["method"].encode(), self.url)]
        head += [b"%s: %s\r\n" % header for header in self.scope["headers"]]
        protocol.data_received(b"%s\r\n" % b"".join(head))

    def _set_deadline(self, seconds: float) -> None:
        self._deadline = self.loop.call_later(seconds, self.transport.abort)

    def _clear_deadline(self) -> None:
        self._is_waiting = False
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _forget_peer(self) -> None:
        peer, self._peer = self._peer, None
        if peer is not None:
            self._limits.peers[peer] -= 1
            if not self._limits.peers[peer]:
                del self._limits.peers[peer]
