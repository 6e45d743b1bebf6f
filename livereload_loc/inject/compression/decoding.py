"""Bodies that are compressed although nobody asked for it, made readable again as they stream.

What one piece of a body turns into comes out in parts of bounded size, so that a small body which
decompresses to a huge one takes no more memory than any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from livereload_loc.inject.compression.formats import (
    CompressionFormat,
    Opened,
    open_brotli,
    open_deflate,
    open_gzip,
    open_zstd,
)

MAX_CODINGS = 4
"""More of them, one over the other, are nobody's page."""

_SLICE = 64 * 1024  # with each part that they give back, libraries copy what they have not read yet
_OPEN: dict[bytes, Callable[[bytes, int], Opened]] = {
    b"gzip": open_gzip,
    b"x-gzip": open_gzip,
    b"deflate": open_deflate,
    b"br": open_brotli,
    b"zstd": open_zstd,
}


class Undecodable(Exception):
    """A body is not what its Content-Encoding says, or ends too early."""


class Decoder(Protocol):
    """Gives back plain bytes for compressed ones."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` adds to the plain body, in parts, all that can be told of it at this point.

        Raises:
            Undecodable: it is not what the Content-Encoding says.
        """

    def close(self) -> None:
        """The body has ended. One of no bytes at all is taken for an empty one.

        Raises:
            Undecodable: there has to be more of it.
        """


def decoder(codings: Sequence[bytes]) -> Decoder | None:
    """What undoes ``codings``, which were applied in this order; None where that is not known here."""
    if not 0 < len(codings) <= MAX_CODINGS or not all(map(is_known, codings)):
        return None
    first, *others = [_StreamDecoder(coding) for coding in codings]
    undone: Decoder = first
    for other in others:
        undone = _DecoderChain(other, undone)
    return undone


def is_known(coding: bytes) -> bool:
    """Whether a coding, in lower case, can be read here; some builds of Python come without zstd."""
    try:
        return coding in _OPEN and _OPEN[coding](b"\0\0", 0)[0] is not None
    except ImportError:
        return False


class _StreamDecoder:
    """One coding, of which a body may hold several streams, one behind the other."""

    def __init__(self, coding: bytes) -> None:
        self._name = coding.decode()
        self._open = _OPEN[coding]
        self._stream: CompressionFormat | None = None
        self._head = b""
        self._ended = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        for at in range(0, len(data), _SLICE):
            rest = data[at : at + _SLICE]
            while rest:
                stream, rest = self._current(rest)
                if stream is None:
                    break
                try:
                    yield from stream.feed(rest)
                except stream.error as error:
                    raise Undecodable(f"it is no {self._name}: {error}") from error
                rest = self._behind(stream)

    def close(self) -> None:
        missing = bool(self._head) and not self._ended if self._stream is None else not self._stream.complete
        if missing:
            raise Undecodable(f"its {self._name} ends too early")

    def _current(self, data: bytes) -> tuple[CompressionFormat | None, bytes]:
        if self._stream is None:
            try:
                self._stream, data = self._open(self._head + data, self._ended)
            except ValueError as error:
                raise Undecodable(f"it is no {self._name}: {error}") from error
            self._head = b"" if self._stream else data
        return self._stream, data

    def _behind(self, stream: CompressionFormat) -> bytes:
        """What follows the stream, if that has ended."""
        if stream.rest is None:
            return b""
        self._ended += 1
        self._stream = None
        return stream.rest


class _DecoderChain:
    """A coding over another one."""

    def __init__(self, outer: Decoder, inner: Decoder) -> None:
        self._outer, self._inner = outer, inner

    def feed(self, data: bytes) -> Iterator[bytes]:
        for part in self._outer.feed(data):
            yield from self._inner.feed(part)

    def close(self) -> None:
        self._outer.close()
        self._inner.close()
