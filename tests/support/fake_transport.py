"""A connection without a network, and the handshake of a visitor."""

from __future__ import annotations

import asyncio

from livereload_loc.counter.websocket import PATH

HANDSHAKE = (
    f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://a.example\r\n\r\n"
).encode()


class Wire(asyncio.Transport):
    """A transport that keeps what is written; ``unread`` bytes of it wait."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.written = b""
        self.unread = 0
        self.is_closed = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """There is room without end."""

    def get_write_buffer_size(self) -> int:
        """What is not read."""
        return self.unread

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep it."""
        self.written += bytes(data)

    def close(self) -> None:
        """Note it."""
        self.is_closed = True

    abort = close
