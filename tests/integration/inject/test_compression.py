"""Pages of apps that compress whatever they are asked for, through the middleware in a real uvicorn."""

from __future__ import annotations

import base64
import gzip
import http.client
import itertools
import logging
import random
import sys
import threading
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import brotli
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.conftest import ID, RUN
from tests.support.compressing import flushes
from tests.support.upstreams import serving
from tests.support.waiting import DEADLINE, until_async

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.usefixtures("known_run")

TAG = f'<script src="/_loc/reload.js" async data-run="{RUN}" data-id="{ID}"></script>'.encode()
HEAD = b"<!doctype html><html><head>"
REST = b"<title>Hi</title></head><body>" + "<p>größer".encode() * 3000 + b"</body></html>"
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Accept-Encoding": "gzip, br, zstd"}

CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
COMBINATIONS = [
    *((name,) for name in CODINGS),
    *itertools.permutations(CODINGS, 2),
    tuple(CODINGS),
    ("x-gzip",),
    ("gzip", "gzip"),
]

Pieces = Callable[[], AsyncIterator[bytes]]


class App:
    """Answers with the same page, compressed with ``codings`` in this order, whole or in ``pieces``."""

    def __init__(self, *codings: str, pieces: Pieces | None = None, body: bytes | None = None) -> None:
        self.codings = codings
        self.asked: list[dict[bytes, bytes]] = []
        self.body = HEAD + REST
        for coding in codings:
            self.body = CODINGS[coding.removeprefix("x-")](self.body)
        if body is not None:
            self.body = body
        self._pieces = pieces

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        length = [] if self._pieces else [(b"content-length", b"%d" % len(self.body))]
        return [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-encoding", ", ".join(self.codings).encode()),
            (b"etag", b'"abc"'),
            *length,
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = dict(scope["headers"])
        self.asked.append(asked)
        if asked.get(b"if-none-match") == b'"abc"':
            await send({"type": "http.response.start", "status": 304, "headers": self.headers})
            await send({"type": "http.response.body"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body"})
            return
        async for piece in self._pieces() if self._pieces else _one(self.body):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body


@contextmanager
def running(app: ASGIApp, folder: Path) -> Iterator[http.client.HTTPConnection]:
    """A connection to ``app`` with the middleware around it; a client that decodes nothing by itself."""
    with serving(LiveReloadMiddleware(app, watch=[folder], enabled=True)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            yield connection
        finally:
            connection.close()


def ask(
    connection: http.client.HTTPConnection, method: str = "GET", **headers: str
) -> http.client.HTTPResponse:
    connection.request(method, "/", headers={**NAVIGATION, **headers})
    return connection.getresponse()


def about(response: http.client.HTTPResponse) -> dict[str, str]:
    """What a response says of the page itself."""
    return {key: value for key, value in response.getheaders() if key not in ("date", "transfer-encoding")}


@pytest.mark.parametrize("codings", COMBINATIONS, ids=" ".join)
def test_a_page_comes_plain_with_one_tag(tmp_path: Path, codings: tuple[str, ...]) -> None:
    app = App(*codings)
    with running(app, tmp_path) as connection:
        response = ask(connection)
        assert response.read() == HEAD + TAG + REST
        assert response.status == 200
        assert response.headers["content-encoding"] is None
        assert response.headers["content-length"] is None
        assert response.headers["etag"].startswith('"abc-loc')
        assert app.asked[0][b"accept-encoding"] == b"identity"
        # The connection goes on where the page ended.
        head = ask(connection, "HEAD")
        assert head.read() == b""
        assert about(head) == about(response)


@pytest.mark.parametrize("codings", [("gzip",), ("gzip", "br")], ids=" ".join)
def test_a_page_that_the_browser_has_is_not_sent_again(tmp_path: Path, codings: tuple[str, ...]) -> None:
    app = App(*codings)
    with running(app, tmp_path) as connection:
        first = ask(connection)
        first.read()
        etag = first.headers["etag"]
        again = ask(connection, **{"If-None-Match": etag})
        assert (again.status, again.read(), again.headers["etag"]) == (304, b"", etag)
        assert again.headers["content-encoding"] is None
        assert app.asked[1][b"if-none-match"] == b'"abc"'
        # The copy without the tag is another one.
        assert ask(connection, **{"If-None-Match": '"abc"'}).read() == HEAD + TAG + REST


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("coding", ["compress", "gzip, dcb", "aws-chunked, gzip"])
def test_what_is_not_known_passes_untouched(
    tmp_path: Path, coding: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(body=b"\x1f\x9d of another kind")
    app.codings = tuple(coding.split(", "))
    with running(app, tmp_path) as connection, caplog.at_level(logging.WARNING, "livereload_loc"):
        for _ in range(3):
            response = ask(connection, method)
            assert response.read() == (app.body if method == "GET" else b"")
            assert response.headers["content-encoding"] == coding
            assert response.headers["content-length"] == str(len(app.body))
            assert response.headers["etag"] == '"abc"'
    said = [record.getMessage() for record in caplog.records if record.name == "livereload_loc"]
    wanted = [f"Pages compressed with {coding!r} pass without the tag and do not reload."]
    assert said == (wanted if method == "GET" else [])


@pytest.mark.parametrize("coding", CODINGS)
def test_damage_before_the_head_passes_untouched(tmp_path: Path, coding: str) -> None:
    app = App(coding, body=b"this is no compressed page at all")
    with running(app, tmp_path) as connection:
        response = ask(connection)
        assert response.read() == app.body
        assert response.headers["content-encoding"] == coding
        assert response.headers["content-length"] == str(len(app.body))
        assert response.headers["etag"] == '"abc"'


def test_a_short_page_that_is_cut_passes_untouched(tmp_path: Path) -> None:
    app = App("gzip", body=gzip.compress(b"<!doctype html>")[:-3])
    with running(app, tmp_path) as connection:
        assert ask(connection).read() == app.body


@pytest.mark.parametrize("swallows", [False, True])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_page_that_breaks_off_is_cut_and_not_ended(tmp_path: Path, coding: str, swallows: bool) -> None:
    whole = HEAD + base64.b64encode(random.Random(1).randbytes(1_000_000))
    body = CODINGS[coding](whole)

    async def pieces() -> AsyncIterator[bytes]:
        yield body[: len(body) // 2]
        yield body[len(body) // 2 : -1]

    broken = App(coding, pieces=pieces)

    async def careless(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await broken(scope, receive, send)
        except Exception:
            if not swallows:
                raise

    with running(careless, tmp_path) as connection:
        response = ask(connection)
        assert response.status == 200
        with pytest.raises(http.client.IncompleteRead) as cut:
            response.read()
        assert cut.value.partial.startswith(HEAD + TAG)
        assert whole.startswith(cut.value.partial.replace(TAG, b""))


@pytest.mark.parametrize(
    "codings", [("gzip",), ("deflate",), ("br",), ("zstd",), ("gzip", "br")], ids=" ".join
)
def test_a_stream_streams(tmp_path: Path, codings: tuple[str, ...]) -> None:
    seen = [threading.Event() for _ in range(3)]
    coders = [flushes(coding) for coding in codings]

    def squeeze(data: bytes) -> bytes:
        for flush, _ in coders:
            data = flush(data)
        return data

    def end() -> bytes:
        data = b""
        for flush, finish in coders:
            data = (flush(data) if data else b"") + finish()
        return data

    async def pieces() -> AsyncIterator[bytes]:
        for event, piece in zip(seen, (HEAD + b"<title>", b"one", b"two"), strict=True):
            yield squeeze(piece)
            await until_async(event.is_set)
        yield end()

    with running(App(*codings, pieces=pieces), tmp_path) as connection:
        response = ask(connection)
        for event, expected in zip(seen, (HEAD + TAG + b"<title>", b"one", b"two"), strict=True):
            got = b""
            while len(got) < len(expected):
                more = response.read1(len(expected) - len(got))
                assert more
                got += more
            assert got == expected
            event.set()
        assert response.read() == b""


@pytest.mark.parametrize("coding", CODINGS)
def test_a_large_page_comes_whole(tmp_path: Path, coding: str) -> None:
    large = HEAD + bytes(range(1, 128)) * 60_000
    with running(App(coding, body=CODINGS[coding](large)), tmp_path) as connection:
        assert ask(connection).read() == large.replace(HEAD, HEAD + TAG)
