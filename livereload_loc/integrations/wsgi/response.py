"""The response of a WSGI app on its way to the server: a page gets the tag, any other passes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from livereload_loc.httputil.headers import Headers
from livereload_loc.httputil.log import WarnOnce
from livereload_loc.inject.page import TaggedPage, tag_response
from livereload_loc.inject.stream import PageStream
from livereload_loc.inject.tag import ScriptTag

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


class WsgiResponse:
    """Edits one response, whose start waits until it is known whether the tag has a place in the page."""

    def __init__(self, tag: ScriptTag, start_response: StartResponse, warn: WarnOnce, *, head: bool) -> None:
        self._tag, self._start_response, self._warn, self._is_head = tag, start_response, warn, head
        self._status = ""
        self._exc_info: ExcInfo = None
        self._server_write: Callable[[bytes], object] | None = None
        self.begun = False
        """Whether the server has got its start."""
        self.page: PageStream | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """Take the start of the response: the app calls this in place of the server's ``start_response``."""
        if self.begun and self.page:
            # The server raises the error: the start has left already (PEP 3333).
            return self._start_response(status, headers, exc_info)
        pairs = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers]
        result = tag_response(self._tag, int(status[:3]), pairs, head=self._is_head)
        if isinstance(result, TaggedPage):
            self.page, self._status, self._exc_info = PageStream(result), status, exc_info
            return self._write
        self.page = None
        self.begun = True
        return self._start_response(status, headers if result is pairs else _strings(result), exc_info)

    def edit(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Return the body to send; one that is no page's is returned itself, as it may be a file wrapper."""
        if self.begun and self.page is None:
            return body
        self._body, self._edited = body, self._edit(body)
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self._edited

    def close(self) -> None:
        """Close the app's own body, too (PEP 3333)."""
        self._edited.close()
        close = getattr(self._body, "close", None)
        if close:
            close()

    def _edit(self, body: Iterable[bytes]) -> Generator[bytes]:
        for data in body:
            # The app may start the response as late as with its first piece.
            yield from self._pieces(self.page, data) if self.page else (data,)
        if self.page:
            yield from self._pieces(self.page, b"", ended=True)

    def _pieces(self, page: PageStream, data: bytes, *, ended: bool = False) -> Iterator[bytes]:
        for piece in page.feed(data, ended=ended):
            self._begin(page)
            yield piece
        if ended:
            self._begin(page)

    def _write(self, data: bytes) -> None:
        if self.page:
            for piece in self._pieces(self.page, data):
                if self._server_write:
                    self._server_write(piece)

    def _begin(self, page: PageStream) -> None:
        if not self.begun:
            self.begun = True
            self._warn(page.skip_reason)
            headers = _strings(page.headers or ())
            self._server_write = self._start_response(self._status, headers, self._exc_info)
            self._exc_info = None  # it refers to its own frame


def _strings(headers: Headers) -> list[tuple[str, str]]:
    return [(key.decode("latin-1").title(), value.decode("latin-1")) for key, value in headers]
