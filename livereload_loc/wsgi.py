"""``LiveReloadMiddleware`` for WSGI apps: Flask, Bottle, Pyramid, and whatever else speaks PEP 3333.

The script comes from the app, the socket from a small server beside it, which WSGI has no way to be.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from .addresses import PREFIX, RELOAD_SCRIPT, RELOAD_SOCKET, is_ours
from .enabling import logger, wanted

if TYPE_CHECKING:
    from types import TracebackType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .beside import SideServer
    from .injection.page import HeldPage, Tag

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None

_CONDITIONS = ("accept-encoding", "if-none-match", "if-modified-since", "x-loc-dev")


class LiveReloadMiddleware:
    """Reloads the pages of ``app`` when files below ``watch`` change.

    ``watch`` names folders and files, relative to the working folder. ``enabled`` None means: on when the
    framework's debug flag is, or ``LOC_DEV=1``; otherwise off, said in one log line. ``ignore`` are patterns
    as in .gitignore, ``allow_hosts`` and ``allow_origins`` names beyond those of this machine. Python files
    are ignored: pages reload once the app has restarted with them.
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        watch: Sequence[str | os.PathLike[str]] = (".",),
        enabled: bool | None = None,
        ignore: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        allow_origins: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._watch, self._ignore = tuple(watch), tuple(ignore)
        self._hosts, self._origins = tuple(allow_hosts), tuple(allow_origins)
        self._enabled = enabled
        self._live: _Live | None = None
        if os.environ.get("WERKZEUG_RUN_MAIN") == "true" and self._is_on():
            self._alive()  # pages of the run before may be waiting

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, or pass it on where the middleware is off."""
        if not self._is_on():
            return self._app(environ, start_response)
        return self._alive()(environ, start_response)

    def _is_on(self) -> bool:
        if self._enabled is None:
            # Flask's wsgi_app is a method of the app that knows whether it is in debug.
            self._enabled = wanted(debug=bool(getattr(getattr(self._app, "__self__", None), "debug", False)))
        return self._enabled

    def _alive(self) -> _Live:
        if self._live is None or self._live.side.pid != os.getpid():
            from .beside import SideServer

            side = SideServer(
                self._watch, ignore=self._ignore, allow_hosts=self._hosts, allow_origins=self._origins
            )
            self._live = _Live(self._app, side)
        return self._live


class _Live:
    """What only an enabled middleware has, and imports."""

    def __init__(self, app: WSGIApplication, side: SideServer) -> None:
        from .client import script
        from .injection.page import Script, Tag

        self.side = side
        self._app = app
        where = Script(RELOAD_SCRIPT, RELOAD_SOCKET, script("reload.js").integrity, side.port, side.run)
        self._tag: Callable[[str, str, bytes], Tag] = lru_cache(maxsize=64)(partial(Tag, where))
        self._said: set[str] = set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        from .injection.headers import asks_for_tag

        path = environ.get("PATH_INFO", "")
        if is_ours(path):
            return self._own(path, environ, start_response)
        headers = [
            (key[5:].lower().replace("_", "-").encode("latin-1"), str(value).encode("latin-1"))
            for key, value in environ.items()
            if key.startswith("HTTP_")
        ]
        method = environ.get("REQUEST_METHOD", "GET")
        if not asks_for_tag(method, headers):
            return self._app(environ, start_response)
        host = environ.get("HTTP_HOST", "localhost").encode("latin-1")
        tag = self._tag(environ.get("SCRIPT_NAME", ""), environ.get("wsgi.url_scheme", "http"), host)
        answer = _Answer(tag, start_response, self._say, head=method == "HEAD")
        return answer.around(self._app(_plain(environ, tag.request(headers)), answer.start))

    def _own(self, path: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The scripts, for any page; nothing else is here."""
        from .client import SCRIPTS, script

        refusal = self.side.guard.refuse_host(environ.get("HTTP_HOST"))
        if refusal:
            cure = (
                f" To allow it, pass allow_hosts=[{refusal.cure.partition(' ')[2]!r}]."
                if refusal.cure
                else ""
            )
            self._say(f"Refused: {refusal.reason}.{cure}")
            return _text(start_response, f"{refusal.status} Refused", f"Refused: {refusal.reason}.{cure}\n")
        name = path.rpartition("/")[2]
        if path != f"{PREFIX}/{name}" or name not in SCRIPTS:
            return _text(start_response, "404 Not Found", "Not found.\n")
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return _text(start_response, "405 Method Not Allowed", "Only GET and HEAD.\n")
        served = script(name)
        version = parse_qs(environ.get("QUERY_STRING", "")).get("v", [""])[0]
        status, headers = served.answer(version, environ.get("HTTP_IF_NONE_MATCH", ""))
        if status == 304:
            start_response("304 Not Modified", list(headers.items()))
            return []
        start_response("200 OK", [*headers.items(), ("Content-Length", str(len(served.body)))])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [served.body]

    def _say(self, trouble: str) -> None:
        """Log it, once; not without end, since its words may come from a stranger."""
        if trouble not in self._said and len(self._said) < 16:
            self._said.add(trouble)
            logger.warning("%s", trouble)


class _Answer:
    """One answer. Its start is held until it is known whether the page has a place for the tag."""

    def __init__(
        self, tag: Tag, start_response: StartResponse, say: Callable[[str], None], *, head: bool
    ) -> None:
        self._tag, self._start_response, self._say, self._is_head = tag, start_response, say, head
        self._status = ""
        self._exc_info: ExcInfo = None
        self._begun = False
        self._send: Callable[[bytes], object] | None = None
        self.page: HeldPage | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None, /
    ) -> Callable[[bytes], object]:
        """What the app calls in place of the server's ``start_response``."""
        from .injection.page import HeldPage, Page

        if self._begun and self.page:
            # The server raises what has happened: the answer is on its way already (PEP 3333).
            return self._start_response(status, headers, exc_info)
        pairs = [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers]
        answer = self._tag.answer(int(status[:3]), pairs, head=self._is_head)
        if isinstance(answer, Page):
            self.page, self._status, self._exc_info = HeldPage(answer), status, exc_info
            return self._write
        self.page = None
        self._begun = True
        unchanged = answer is pairs
        return self._start_response(status, headers if unchanged else _strings(answer), exc_info)

    def around(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """``body`` as it goes out; one that is no page's is given back itself, a file wrapper say."""
        return body if self._begun and self.page is None else _Body(self, body)

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

    def _begin(self, page: HeldPage) -> None:
        if not self._begun:
            self._begun = True
            if page.trouble:
                self._say(page.trouble)
            self._send = self._start_response(self._status, _strings(page.headers or ()), self._exc_info)
            self._exc_info = None  # it holds its own frame


class _Body:
    """The body of an answer that may be a page: an app may begin it as late as with its first piece."""

    def __init__(self, answer: _Answer, body: Iterable[bytes]) -> None:
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


def _plain(environ: WSGIEnvironment, headers: Iterable[tuple[bytes, bytes]]) -> WSGIEnvironment:
    """The environment with the conditions of ``headers`` in place of its own."""
    kept = {key: value for key, value in environ.items() if key not in _KEYS}
    for key, value in headers:
        name = key.decode("latin-1")
        if name in _CONDITIONS:
            kept[f"HTTP_{name.upper().replace('-', '_')}"] = value.decode("latin-1")
    return kept


_KEYS = frozenset(f"HTTP_{name.upper().replace('-', '_')}" for name in _CONDITIONS)


def _strings(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(key.decode("latin-1").title(), value.decode("latin-1")) for key, value in headers]


def _text(start_response: StartResponse, status: str, text: str) -> list[bytes]:
    body = text.encode()
    start_response(
        status, [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    )
    return [body]
