"""Decodes bodies as they stream: some apps compress although the request does not allow it.

What a piece of a body decodes to comes out in parts of bounded size, so that a small body which decompresses
to a huge one takes no more memory than any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from livereload_loc.inject.compression.formats import (
    CompressionFormat,
    Opened,
    open_brotli,
    open_deflate,
    open_gzip,
    open_zstd,
)

MAX_CODINGS = 4

# Bytes that are decoded at once: with each part that they return, libraries copy what they have not read yet.
_SLICE = 64 * 1024
_OPEN: dict[bytes, Callable[[bytes, int], Opened]] = {
    b"gzip": open_gzip,
    b"x-gzip": open_gzip,
    b"deflate": open_deflate,
    b"br": open_brotli,
    b"zstd": open_zstd,
}


class Undecodable(Exception):
    """A body is not what its Content-Encoding says, or ends too early."""


class Decoder:
    """Undoes several codings, given in the order in which they come off."""

    def __init__(self, decoders: Sequence[_StreamDecoder]) -> None:
        self._decoders = decoders

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield in parts all of the plain body that ``data`` makes known.

        Raises:
            Undecodable: the body is not what its Content-Encoding says.
        """
        parts = iter((data,))
        for each in self._decoders:
            parts = chain.from_iterable(map(each.feed, parts))
        return parts

    def close(self) -> None:
        """Check that the body may end here; without any bytes it is an empty one.

        Raises:
            Undecodable: more has to follow.
        """
        for each in self._decoders:
            each.close()


def decoder(codings: Sequence[bytes]) -> Decoder | None:
    """Return what undoes ``codings``, which were applied in this order; None where one is unknown here."""
    if not 0 < len(codings) <= MAX_CODINGS or not all(map(is_known, codings)):
        return None
    return Decoder([_StreamDecoder(coding) for coding in reversed(codings)])


def is_known(coding: bytes) -> bool:
    """Return whether a coding, in lower case, can be decoded here; some builds of Python lack zstd."""
    try:
        return coding in _OPEN and _OPEN[coding](b"\0\0", 0)[0] is not None
    except ImportError:
        return False


class _StreamDecoder:
    """Undoes one coding; a body may have several of its streams, one after the other."""

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
                if stream.rest is None:
                    break
                rest, self._stream = stream.rest, None
                self._ended += 1

    def close(self) -> None:
        missing = bool(self._head) and not self._ended if self._stream is None else not self._stream.may_end
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
