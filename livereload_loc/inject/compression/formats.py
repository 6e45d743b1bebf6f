"""The compressed formats of the web, one class each, and how a body of each of them begins and goes on.

What a library for a format costs to import is paid by the first body that needs it.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import Any, Protocol

PART = 256 * 1024
"""About so many bytes are given back at once, however many a body turns into."""

ZSTD_WINDOW_LOG = 23
"""No more than 8 MB of memory, as RFC 9659 has it for the web."""

_GZIP_MAGIC = b"\x1f\x8b"


class CompressionFormat(Protocol):
    """One compressed stream; ``error`` is what its library raises."""

    error: type[Exception]
    complete: bool
    """Whether nothing is missing if nothing follows."""
    rest: bytes | None
    """What follows the end of the stream, once that has come."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` adds, in parts."""


class Inflate:
    """A stream of zlib's: deflate bare or in its frame, or a member of gzip (RFC 1950, 1951, 1952)."""

    error: type[Exception] = zlib.error
    complete = False

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)
        self.rest: bytes | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` adds, in parts."""
        more = True
        while more:
            part = self._inner.decompress(data, PART)
            data = self._inner.unconsumed_tail
            more = bool(data) or len(part) >= PART
            if part:
                yield part
            if self._inner.eof:
                self.rest = self._inner.unused_data
                return


class Brotli:
    """A stream of br (RFC 7932), which ends the body."""

    complete = False

    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]

        self.error: type[Exception] = brotli.error
        self._inner: Any = brotli.Decompressor()
        self.rest: bytes | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` adds, in parts."""
        while part := self._inner.process(data, output_buffer_limit=PART):
            yield part
            data = b""
        if self._inner.is_finished():
            self.rest = b""


class Zstd:
    """A frame of zstd (RFC 8878)."""

    complete = False

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        self.error: type[Exception] = zstd.ZstdError
        self._inner = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}
        )
        self.rest: bytes | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` adds, in parts."""
        while True:
            part = self._inner.decompress(data, PART)
            data = b""
            if part:
                yield part
            if self._inner.eof:
                self.rest = self._inner.unused_data
                return
            if self._inner.needs_input:
                return


class TrailingData:
    """What stands behind the end of a body, of which browsers make nothing."""

    error: type[Exception] = ValueError
    complete = True
    rest: bytes | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Nothing."""
        return iter(())


Opened = tuple[CompressionFormat | None, bytes]
"""What a body goes on with, and the bytes to feed it with; None: they do not tell yet."""


def open_gzip(head: bytes, number: int) -> Opened:
    """One member or several, with zeros between them or behind them."""
    if number:
        head = head.lstrip(b"\0")
        if not _GZIP_MAGIC.startswith(head[:2]):
            return TrailingData(), head
        if len(head) < len(_GZIP_MAGIC):
            return None, head
    return Inflate(16 + zlib.MAX_WBITS), head


def open_deflate(head: bytes, number: int) -> Opened:
    """With the frame that it should have (RFC 9110, section 8.4.1.2), or without, as some servers send it."""
    if number:
        return TrailingData(), head
    if len(head) < 2:
        return None, head
    framed = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return Inflate(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS), head


def open_brotli(head: bytes, number: int) -> Opened:
    """Its library takes what follows in the same breath for damage, so all that follows is."""
    if number:
        raise ValueError("bytes follow the end of the stream")
    return Brotli(), head


def open_zstd(head: bytes, number: int) -> Opened:
    """One frame or several."""
    return Zstd(), head
