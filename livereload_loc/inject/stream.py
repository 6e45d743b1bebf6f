"""The body of a page on its way to the browser: the tag goes in, and what is compressed comes out plain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from livereload_loc.httputil.headers import Headers
from livereload_loc.inject.compression.decoding import Decoder, Undecodable, decoder
from livereload_loc.inject.html.injector import MAX_HELD, Injector
from livereload_loc.inject.page import PIECE, TaggedPage

FIRST = 64 * 1024
"""Bytes of its first part, which is always a copy; the place of the tag mostly lies in it."""


class PageStream:
    """A page on its way: its body goes through, its start waits for what the body tells.

    With ``views``, parts of a large page come out as views of what was fed, uncopied: only for a server that
    writes whatever is a buffer, for neither ASGI nor PEP 3333 knows of them.
    """

    __slots__ = (
        *("_broken", "_coded", "_coded_size", "_decoder", "_injector", "_page", "_views"),
        *("headers", "trouble"),
    )

    def __init__(self, page: TaggedPage, *, views: bool = False) -> None:
        self._page = page
        self._views = views
        self.headers: Headers | None = page.untouched() if page.trouble else None
        """Those of the answer, once they are known: at the latest when there is a piece of the body, or
        when all of it has come."""
        self.trouble = page.trouble
        """Why the page passes as it is, in words for a log; empty where it does not."""
        self._injector: Injector | None = None if page.trouble else Injector(page.markup, page.charset)
        self._decoder: Decoder | None = decoder(page.codings) if page.codings and self._injector else None
        self._coded: list[bytes] = []
        self._coded_size = 0
        self._broken = ""

    def feed(self, data: bytes, *, ended: bool = False) -> Iterable[bytes]:
        """What may go out now that ``data`` has come, in pieces of bounded size; ``ended``: it was the last.

        The pieces have to be used up before more is fed.

        Raises:
            Undecodable: the rest cannot be read, and a part of the page is out already. The connection has
                to be cut, so that the part is not taken for the whole. So does each later call.
        """
        self.check()
        if self._injector is None:
            return (data,) if data else ()
        if self._decoder is not None:
            return self._decoded(self._injector, self._decoder, data, ended)
        if len(data) > PIECE:
            return self._sliced(self._injector, data, ended)
        return self._plain(self._injector, data, ended)

    def check(self) -> None:
        """For a shell whose app may have made nothing of an error.

        Raises:
            Undecodable: the page could not be completed.
        """
        if self._broken:
            raise Undecodable(self._broken)

    def _plain(self, injector: Injector, data: bytes, ended: bool) -> Iterable[bytes]:
        piece = injector.feed(data)
        if ended and not injector.passing:
            piece += injector.close()
        if self.headers is None and injector.passing:
            self.headers = self._page.edited(injector.added) if injector.added else self._page.untouched()
        return (piece,) if piece else ()

    def _sliced(self, injector: Injector, data: bytes, ended: bool) -> Iterator[bytes]:
        source: Any = memoryview(data) if self._views else data
        end = 0
        while end < len(data):
            start, end = end, end + (PIECE if end else FIRST)
            part = source[start:end]
            yield from self._plain(
                injector, part if injector.passing else bytes(part), ended and end >= len(data)
            )

    def _decoded(self, injector: Injector, stream: Decoder, data: bytes, ended: bool) -> Iterator[bytes]:
        if self.headers is None:  # as it came it may have to go
            self._coded.append(data)
            self._coded_size += len(data)
        try:
            for plain in _whole(stream, data, ended):
                piece = injector.feed(plain) if plain is not None else injector.close()
                if self.headers is None and injector.passing:
                    if not injector.added:
                        break
                    self.headers, self._coded = self._page.edited(None), []
                if piece:
                    yield piece
        except Undecodable as error:
            if self.headers is not None:
                self._broken = str(error)
                raise
            self.trouble = f"A page passes without the tag and does not reload: {error}"
            yield from self._as_it_came()
            return
        if self.headers is None and (injector.passing or self._coded_size > MAX_HELD):
            yield from self._as_it_came()

    def _as_it_came(self) -> Iterator[bytes]:
        coded, self._coded = self._coded, []
        self._injector, self._decoder, self.headers = None, None, self._page.untouched()
        return filter(None, coded)


def _whole(stream: Decoder, data: bytes, ended: bool) -> Iterator[bytes | None]:
    """The plain bytes for ``data``, and None behind the last ones."""
    yield from stream.feed(data)
    if ended:
        stream.close()
        yield None
