"""The WSGI middleware over apps of every kind that PEP 3333 allows."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

from livereload_loc.wsgi import LiveReloadMiddleware
from tests.support.request_headers import DOWNLOAD, PAGES

HTML = [("Content-Type", "text/html; charset=utf-8")]
HEAD, REST = b"<!doctype html><html><head>", b"<title>x</title></head><body>y</body></html>"


class Asked:
    """One request to a WSGI app, checked by the standard library's validator on both sides."""

    def __init__(self, app: Callable[..., Any], path: str = "/", **environ: str) -> None:
        request: dict[str, Any] = {
            "PATH_INFO": path,
            "HTTP_ACCEPT": "text/html",
            "QUERY_STRING": "",
            "SCRIPT_NAME": "",
            **environ,
        }
        setup_testing_defaults(request)
        self.status, self.headers = "", list[tuple[str, str]]()
        self.written, self.pieces = io.BytesIO(), list[bytes]()

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], Any]:
            if exc_info and self.pieces:
                raise exc_info[1]
            self.status, self.headers = status, headers
            return self.written.write

        body = validator(app)(request, start)
        try:
            for piece in body:
                self.pieces.append(piece)
        finally:
            body.close()  # type: ignore[attr-defined]

    @property
    def body(self) -> bytes:
        return self.written.getvalue() + b"".join(self.pieces)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Wrap an app in a middleware that is on."""
    monkeypatch.chdir(tmp_path)

    def wrap(app: Callable[..., Any]) -> Callable[..., Any]:
        return LiveReloadMiddleware(validator(app), enabled=True)

    return wrap


def without_tag(body: bytes) -> bytes:
    """The document; it had the tag once, right after the head's own."""
    start = body.index(b'<script src="/_loc/reload.js" async data-server="http://127.0.0.1:')
    end = body.index(b"</script>", start) + len(b"</script>")
    assert body[:start] == HEAD
    return body[:start] + body[end:]


def listed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [*HTML, ("Content-Length", str(len(HEAD + REST))), ("ETag", '"a"')])
    return [HEAD + REST]


def written(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    write = start("200 OK", HTML)
    write(HEAD)
    write(REST[:5])
    return [REST[5:]]


def late(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
    start("200 OK", HTML)
    yield from (HEAD[:7], HEAD[7:], b"", REST)


def replaced(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")] if environ["PATH_INFO"] == "/plain" else HTML)
    try:
        raise KeyError("oops")
    except KeyError:
        start("500 Oops", HTML, sys.exc_info())
    return [HEAD + REST]


@pytest.mark.parametrize("app", [listed, written, late, replaced])
def test_apps_of_every_kind_carry_the_tag(on: Callable[..., Any], app: Callable[..., Any]) -> None:
    response = Asked(on(app))
    assert without_tag(response.body) == HEAD + REST
    assert response.header("cache-control") == "no-cache"
    assert response.status == ("500 Oops" if app is replaced else "200 OK")
    length = response.header("content-length")
    assert (length is not None) == (app is listed)
    assert length is None or int(length) == len(response.body)


def test_a_head_request_and_what_is_no_page(on: Callable[..., Any]) -> None:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        assert environ.get("HTTP_ACCEPT_ENCODING") != "br" or environ["PATH_INFO"] == "/data"
        kind = "application/json" if environ["PATH_INFO"] == "/data" else "text/html"
        start("200 OK", [("Content-Type", kind), ("Content-Length", "2")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [b"{}"]

    wrapped = on(app)
    assert Asked(wrapped, REQUEST_METHOD="HEAD").header("content-length") is None
    data = Asked(wrapped, "/data", HTTP_ACCEPT="application/json", HTTP_ACCEPT_ENCODING="br")
    assert (data.body, data.header("content-length"), data.header("cache-control")) == (b"{}", "2", None)


@pytest.mark.parametrize("headers", [*PAGES.values(), DOWNLOAD], ids=[*PAGES, "a download"])
def test_what_asks_for_a_page_in_another_way(on: Callable[..., Any], headers: dict[str, str]) -> None:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        assert "HTTP_LOC_DEV" not in environ
        return listed(environ, start)

    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    body = Asked(on(app), **named).body
    assert (body == HEAD + REST) is (headers is DOWNLOAD)


def test_validators_fit_the_tag(on: Callable[..., Any]) -> None:
    seen: list[str | None] = []

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        seen.append(environ.get("HTTP_IF_NONE_MATCH"))
        if seen[-1] == '"a"':
            start("304 Not Modified", [("ETag", '"a"')])
            return []
        return listed(environ, start)

    wrapped = on(app)
    etag = Asked(wrapped).header("etag")
    assert etag
    assert etag.startswith('"a-loc')
    again = Asked(wrapped, HTTP_IF_NONE_MATCH=etag)
    assert (again.status, again.header("etag")) == ("304 Not Modified", etag)
    assert Asked(wrapped, HTTP_IF_NONE_MATCH='"a"', HTTP_IF_MODIFIED_SINCE="x").status == "200 OK"
    assert seen == [None, '"a"', None]


def test_the_first_piece_goes_out_when_the_place_is_known(on: Callable[..., Any]) -> None:
    gone: list[str] = []

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", HTML)
        yield HEAD + b"<title>"
        gone.append("first")
        yield b"x"

    environ: dict[str, Any] = {"HTTP_ACCEPT": "text/html"}
    setup_testing_defaults(environ)
    body = iter(LiveReloadMiddleware(app, enabled=True)(environ, lambda *_: lambda _: None))
    assert next(body).startswith(HEAD)
    assert gone == []


def test_bodies_are_closed_and_file_wrappers_are_left_alone() -> None:
    class Body(list[bytes]):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    body, file = Body([HEAD, REST]), FileWrapper(io.BytesIO(b"data"))

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/file":
            start("200 OK", [("Content-Type", "application/zip")])
            return file
        start("200 OK", HTML)
        return body

    wrapped = LiveReloadMiddleware(app, enabled=True)
    environ: dict[str, Any] = {"HTTP_ACCEPT": "*/*"}
    setup_testing_defaults(environ)
    assert wrapped({**environ, "PATH_INFO": "/file"}, lambda *_: lambda _: None) is file
    response = wrapped(environ, lambda *_: lambda _: None)
    next(iter(response))
    response.close()  # type: ignore[attr-defined]
    assert body.closed == 1


def test_an_error_in_mid_stream_reaches_the_server(on: Callable[..., Any]) -> None:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", HTML)
        yield HEAD + REST
        try:
            raise RuntimeError("in the middle")
        except RuntimeError:
            start("500 Oops", HTML, sys.exc_info())
        yield b"never"

    with pytest.raises(RuntimeError, match="in the middle"):
        Asked(on(app))


def test_the_script_comes_from_the_app_and_nothing_else_does(on: Callable[..., Any]) -> None:
    wrapped = on(listed)
    script = Asked(wrapped, "/_loc/reload.js")
    assert b"WebSocket" in script.body
    assert script.header("content-length") == str(len(script.body))
    etag = script.header("etag")
    assert etag
    assert Asked(wrapped, "/_loc/reload.js", HTTP_IF_NONE_MATCH=etag).status == "304 Not Modified"
    for path in ("/_loc", "/_loc/", "/_loc/x/reload.js", "/_loc/../etc", "/_loc/ws/reload"):
        assert Asked(wrapped, path).status == "404 Not Found"
    foreign = Asked(wrapped, "/_loc/reload.js", HTTP_HOST="evil.example")
    assert foreign.status == "421 Misdirected Request"
    assert b"allow_hosts=['evil.example']" in foreign.body


@pytest.mark.parametrize("fails", [False, True])
def test_what_the_app_leaves_in_the_environment_is_seen_around_it(fails: bool) -> None:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        assert environ["HTTP_ACCEPT_ENCODING"] == "identity"
        environ["app.route"], environ["SCRIPT_NAME"] = "/x", "/mounted"
        if fails:
            raise KeyError("oops")
        return listed(environ, start)

    environ: dict[str, Any] = {"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_ENCODING": "gzip", "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    asked = dict(environ)
    with pytest.raises(KeyError) if fails else nullcontext():
        LiveReloadMiddleware(app, enabled=True)(environ, lambda *_: lambda _: None)
    assert environ == {**asked, "app.route": "/x", "SCRIPT_NAME": "/mounted"}


def test_off_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOC_DEV", raising=False)
    wrapped = LiveReloadMiddleware(listed)
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    started: list[Any] = []
    assert wrapped(environ, lambda *given: started.append(given)) == [HEAD + REST]  # type: ignore[arg-type, func-returns-value]
    assert started == [("200 OK", [*HTML, ("Content-Length", str(len(HEAD + REST))), ("ETag", '"a"')])]
