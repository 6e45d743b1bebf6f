"""The answer of a WSGI app as it goes out: a page gets the tag, anything else passes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from livereload_loc.inject.page import ScriptTag, TaggedPage
from livereload_loc.inject.stream import PageStream

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None


class WsgiResponse:
    """One answer. Its start is held until it is known whether the page has a place for the tag."""

    def __init__(
        self, tag: ScriptTag, start_response: StartResponse, say: Callable[[str], None], *, head: bool
    ) -> None:
        self._tag, self._start_response, self._say, self._is_head = tag, start_response, say, head
        self._status = ""
        self._exc_info: ExcInfo = None
        self.begun = False
        """Whether the server has been told how it starts."""
        self._send: Callable[[bytes], object] | None = None
        self.page: PageStream | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """What the app calls in place of the server's ``start_response``."""
        if self.begun and self.page:
            # The server raises what has happened: the answer is on its way already (PEP 3333).
            return self._start_response(status, headers, exc_info)
        pairs = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers]
        answer = self._tag.answer(int(status[:3]), pairs, head=self._is_head)
        if isinstance(answer, TaggedPage):
            self.page, self._status, self._exc_info = PageStream(answer), status, exc_info
            return self._write
        self.page = None
        self.begun = True
        unchanged = answer is pairs
        return self._start_response(status, headers if unchanged else _strings(answer), exc_info)

    def around(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """``body`` as it goes out; one that is no page's is given back itself, a file wrapper say."""
        return body if self.begun and self.page is None else _ResponseBody(self, body)

    def pieces(self, data: bytes, *, ended: bool = False) -> Iterator[bytes]:
        """What may go out now that ``data`` of a page has come."""
        assert self.page
        for piece in self.page.feed(data, ended=ended):
            self._begin(self.page)
            yield piece
        if ended:
            self._begin(self.page)

    def _write(self, data: bytes) -> None:
        for piece in self.pieces(data):
            assert self._send
            self._send(piece)

    def _begin(self, page: PageStream) -> None:
        if not self.begun:
            self.begun = True
            if page.trouble:
                self._say(page.trouble)
            self._send = self._start_response(self._status, _strings(page.headers or ()), self._exc_info)
            self._exc_info = None  # it holds its own frame


class _ResponseBody:
    """The body of an answer that may be a page: an app may begin it as late as with its first piece."""

    def __init__(self, answer: WsgiResponse, body: Iterable[bytes]) -> None:
        self._answer, self._body = answer, body
        self._pieces: Generator[bytes] = self._edited()

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """The server is done: the app's own body may want to know (PEP 3333)."""
        self._pieces.close()
        close = getattr(self._body, "close", None)
        if close:
            close()

    def _edited(self) -> Generator[bytes]:
        answer = self._answer
        for data in self._body:
            if answer.page:
                yield from answer.pieces(data)
            else:
                yield data
        if answer.page:
            yield from answer.pieces(b"", ended=True)


def _strings(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(key.decode("latin-1").title(), value.decode("latin-1")) for key, value in headers]
