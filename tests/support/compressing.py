"""Compression as servers do it that flush what they have."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def flushes(coding: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """How to compress a piece so that all of it can be read, and how to end."""
    if coding == "br":
        squeezed = brotli.Compressor()
        return lambda data: squeezed.process(data) + squeezed.flush(), squeezed.finish
    if coding == "zstd":
        framed = zstd.ZstdCompressor()
        return lambda data: framed.compress(data, framed.FLUSH_BLOCK), framed.flush
    packed = zlib.compressobj(wbits={"gzip": 31, "deflate": 15}[coding])
    return lambda data: packed.compress(data) + packed.flush(zlib.Z_SYNC_FLUSH), packed.flush
