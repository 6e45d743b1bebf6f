"""The compressed formats of the web: a class for each, and a function that opens a stream of it.

The library for a format is imported by the first body that needs it.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import Any

# Bytes, roughly, that are returned at once, however many a body decodes to.
PART = 256 * 1024

# Limits the memory to 8 MB, as RFC 9659 does for the web.
ZSTD_WINDOW_LOG = 23

_GZIP_MAGIC = b"\x1f\x8b"


class CompressionFormat:
    """A compressed stream. This one is what follows the last stream of a body, which browsers ignore."""

    error: type[Exception] = ValueError
    """What its library raises."""
    may_end = True
    """Whether the body may end here although the stream has not."""
    rest: bytes | None = None
    """The bytes after the end of the stream; None before that."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield in parts what ``data`` decodes to."""
        return iter(())


class Inflate(CompressionFormat):
    """A stream of zlib: deflate with or without its frame, or a member of gzip (RFC 1950, 1951, 1952)."""

    error = zlib.error
    may_end = False

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = True
        while more:
            part = self._inner.decompress(data, PART)
            data = self._inner.unconsumed_tail
            more = not self._inner.eof and (bool(data) or len(part) >= PART)
            if part:
                yield part
        if self._inner.eof:
            self.rest = self._inner.unused_data


class Brotli(CompressionFormat):
    """A stream of br (RFC 7932)."""

    may_end = False

    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]

        self.error = brotli.error
        self._inner: Any = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        while part := self._inner.process(data, output_buffer_limit=PART):
            yield part
            data = b""
        if self._inner.is_finished():
            self.rest = b""


class Zstd(CompressionFormat):
    """A frame of zstd (RFC 8878)."""

    may_end = False

    def __init__(self) -> None:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        self.error = zstd.ZstdError
        self._inner = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}
        )

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = True
        while more:
            part = self._inner.decompress(data, PART)
            data = b""
            more = not (self._inner.eof or self._inner.needs_input)
            if part:
                yield part
        if self._inner.eof:
            self.rest = self._inner.unused_data


# The next stream of a body, and the bytes to feed it; None: too few bytes have come to know it.
Opened = tuple[CompressionFormat | None, bytes]


def open_gzip(head: bytes, number: int) -> Opened:
    """Open one of several members, which may have zeros between them and after them."""
    if number:
        head = head.lstrip(b"\0")
        if not _GZIP_MAGIC.startswith(head[:2]):
            return CompressionFormat(), head
        if len(head) < len(_GZIP_MAGIC):
            return None, head
    return Inflate(16 + zlib.MAX_WBITS), head


def open_deflate(head: bytes, number: int) -> Opened:
    """Open a stream with the frame that it should have (RFC 9110, section 8.4.1.2), or without: some servers
    leave it out."""
    if number:
        return CompressionFormat(), head
    if len(head) < 2:
        return None, head
    framed = head[0] & 0x0F == 8 and int.from_bytes(head[:2], "big") % 31 == 0
    return Inflate(zlib.MAX_WBITS if framed else -zlib.MAX_WBITS), head


def open_brotli(head: bytes, number: int) -> Opened:
    """Open the only stream; what follows it is damage, as its library finds where both come at once."""
    if number:
        raise ValueError("bytes follow the end of the stream")
    return Brotli(), head


def open_zstd(head: bytes, number: int) -> Opened:
    """Open one of several frames."""
    return Zstd(), head
