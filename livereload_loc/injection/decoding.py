"""Bodies that are compressed although nobody asked for it, made readable again as they stream."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Protocol


class Decoder(Protocol):
    """Gives back plain bytes for compressed ones."""

    def feed(self, data: bytes) -> bytes:
        """What ``data`` adds to the plain body.

        Raises:
            zlib.error: it is not what the Content-Encoding says.
        """


class Inflate:
    """gzip of one member or several, and deflate with or without its frame (RFC 9110, section 8.4.1)."""

    def __init__(self, coding: bytes) -> None:
        self._coding = coding
        self._inner = zlib.decompressobj(31 if coding == b"gzip" else 15)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        """What ``data`` adds to the plain body."""
        plain = self._first(data) if not self._begun else self._inner.decompress(data)
        while self._coding == b"gzip" and self._inner.eof and self._inner.unused_data.strip(b"\0"):
            rest = self._inner.unused_data
            self._inner = zlib.decompressobj(31)
            plain += self._inner.decompress(rest)
        return plain

    def _first(self, data: bytes) -> bytes:
        self._begun = bool(data)
        try:
            return self._inner.decompress(data)
        except zlib.error:
            if self._coding == b"gzip":
                raise
            self._inner = zlib.decompressobj(-15)  # some servers leave the frame out
            return self._inner.decompress(data)


def decoder(codings: Sequence[bytes]) -> Decoder | None:
    """What undoes ``codings``; None where something in them is not known here (br, zstd)."""
    if len(codings) != 1 or codings[0] not in (b"gzip", b"x-gzip", b"deflate"):
        return None
    return Inflate(b"deflate" if codings[0] == b"deflate" else b"gzip")
