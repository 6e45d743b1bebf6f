"""The body of a page that comes in pieces: the tag goes in, and what is compressed comes out plain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livereload_loc.httputil.headers import Headers
from livereload_loc.inject.compression.decoding import Decoder, Undecodable, decoder
from livereload_loc.inject.html.injector import MAX_BUFFERED, Injector
from livereload_loc.inject.page import PIECE, TaggedPage

NO_PLACE = (
    "An SVG or XHTML document passes without the tag and does not reload: its root element is empty, or it "
    "is not well-formed."
)


class PageStream:
    """Edits the body of a page piece by piece.

    The headers may depend on the body: the shell sends them, and logs ``skip_reason``, before the first piece
    that leaves, or at the end where none does.
    """

    def __init__(self, page: TaggedPage) -> None:
        self._page = page
        self.headers: Headers | None = page.untouched() if page.skip_reason else None
        """Those of the response; None until there is a piece of the body, or all of it has come."""
        self.skip_reason = page.skip_reason
        """Why the page passes unchanged, in words for a log; empty where it gets the tag."""
        self._injector: Injector | None = None
        if not page.skip_reason:
            self._injector = Injector(page.markup(), page.charset, xml=page.xml)
        self._decoder: Decoder | None = decoder(page.codings) if page.codings and self._injector else None
        self._compressed: list[bytes] = []  # what came compressed, as long as it may have to pass as it came
        self._compressed_size = 0
        self._broken = ""

    def feed(self, data: bytes, *, ended: bool = False) -> Iterable[bytes]:
        """Return what may leave now that ``data`` has come, in pieces of bounded size.

        ``ended``: nothing follows ``data``. The pieces have to be used up before more is fed.

        Raises:
            Undecodable: the rest cannot be read, and a part of the page has left already. The connection has
                to be cut, so that the part is not taken for the whole. Each later call raises it again.
        """
        self.check()
        if self._injector is None:
            return (data,) if data else ()
        if self._decoder is not None:
            return self._decoded(self._injector, self._decoder, data, ended)
        return self._plain(self._injector, data, ended)

    def check(self) -> None:
        """Raise again what an app may have swallowed.

        Raises:
            Undecodable: the page could not be completed.
        """
        if self._broken:
            raise Undecodable(self._broken)

    def _plain(self, injector: Injector, data: bytes, ended: bool) -> Iterator[bytes]:
        last = max(len(data) - 1, 0) // PIECE * PIECE
        for at in range(0, last + 1, PIECE):
            piece = injector.feed(data[at : at + PIECE])
            if ended and at == last and not injector.passing:
                piece += injector.close()
            if self.headers is None and injector.passing:
                self.headers = self._page.edited(injector.added) if injector.added else self._unplaced()
            if piece:
                yield piece

    def _decoded(self, injector: Injector, stream: Decoder, data: bytes, ended: bool) -> Iterator[bytes]:
        if self.headers is None:
            self._compressed.append(data)
            self._compressed_size += len(data)
        try:
            for plain in _decode(stream, data, ended):
                piece = injector.feed(plain) if plain is not None else injector.close()
                if self.headers is None and injector.passing:
                    if not injector.added:
                        break
                    self.headers, self._compressed = self._page.edited(None), []
                if piece:
                    yield piece
        except Undecodable as error:
            if self.headers is not None:
                self._broken = str(error)
                raise
            self.skip_reason = f"A page passes without the tag and does not reload: {error}"
            yield from self._unchanged()
            return
        if self.headers is None and (injector.passing or self._compressed_size > MAX_BUFFERED):
            self._unplaced()
            yield from self._unchanged()

    def _unplaced(self) -> Headers:
        """Return the headers of a page that has no place for the tag."""
        self.skip_reason = NO_PLACE if self._page.xml else ""
        return self._page.untouched()

    def _unchanged(self) -> Iterator[bytes]:
        compressed, self._compressed = self._compressed, []
        self._injector, self._decoder, self.headers = None, None, self._page.untouched()
        return filter(None, compressed)


def _decode(stream: Decoder, data: bytes, ended: bool) -> Iterator[bytes | None]:
    """Yield the plain bytes for ``data``, and None after the last ones."""
    yield from stream.feed(data)
    if ended:
        stream.close()
        yield None
