"""``LiveReloadMiddleware`` around real ASGI apps on a real uvicorn."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http import h11_impl, httptools_impl
from websockets.sync.client import connect

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.conftest import RUN
from tests.support.harness import DEADLINE

pytestmark = pytest.mark.usefixtures("known_run")

TAG = f'<script src="/_loc/reload.js" async data-run="{RUN}"></script>'
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}
PAGE = "<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>"
TAGGED = PAGE.replace("<head>", f"<head>{TAG}")


@contextmanager
def running(app: ASGIApp, **options: object) -> Iterator[str]:
    """``app`` on a free port; gives its address."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, **options))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + DEADLINE
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(DEADLINE)
        listener.close()
        assert not thread.is_alive()


def live(app: Starlette, watched: Path, **options: object) -> Starlette:
    app.add_middleware(LiveReloadMiddleware, watch=[watched], **{"enabled": True, **options})  # type: ignore[arg-type]
    return app


def page_app(endpoint: Callable[..., object], watched: Path) -> Starlette:
    return live(Starlette(routes=[Route("/", endpoint, methods=["GET", "HEAD", "POST"])]), watched)


def get(url: str, path: str = "/", **headers: str) -> httpx2.Response:
    return httpx2.get(
        url + path, headers={**NAVIGATION, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


async def html(request: Request) -> Response:
    return HTMLResponse(PAGE, headers={"Cache-Control": "max-age=60", "ETag": '"abc"', "Last-Modified": "x"})


def test_a_page_bears_the_tag_and_headers_that_fit(tmp_path: Path) -> None:
    with running(page_app(html, tmp_path)) as url:
        answer = get(url)
        assert answer.text == TAGGED
        assert int(answer.headers["content-length"]) == len(TAGGED)
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["etag"].startswith('"abc-loc')
        assert "last-modified" not in answer.headers


def test_a_head_request_tells_no_length_that_is_not_so(tmp_path: Path) -> None:
    with running(page_app(html, tmp_path)) as url:
        head = httpx2.head(url, headers=NAVIGATION)
        assert head.status_code == 200
        assert "content-length" not in head.headers
        assert head.headers["etag"] == get(url).headers["etag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Dest": "empty"},
        {"HX-Request": "true"},
        {"Turbo-Frame": "main"},
        {"X-Up-Version": "3"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Range": "bytes=0-3"},
    ],
)
def test_fragments_are_left_alone(tmp_path: Path, headers: dict[str, str]) -> None:
    with running(page_app(html, tmp_path)) as url:
        answer = get(url, **headers)
        assert answer.text == PAGE
        assert answer.headers["etag"] == '"abc"'
        assert answer.headers["cache-control"] == "max-age=60"


@pytest.mark.parametrize(
    "response",
    [
        lambda: JSONResponse({"html": PAGE}),
        lambda: PlainTextResponse(PAGE),
        lambda: Response(PAGE, media_type="application/xhtml+xml"),
        lambda: HTMLResponse(PAGE, headers={"Content-Disposition": 'attachment; filename="x.html"'}),
        lambda: Response(status_code=204),
        lambda: Response(PAGE),
        lambda: HTMLResponse("<!-- x", 200),
    ],
)
def test_what_is_no_page_is_left_alone(tmp_path: Path, response: Callable[[], Response]) -> None:
    async def endpoint(request: Request) -> Response:
        return response()

    with running(page_app(endpoint, tmp_path)) as url:
        expected = response()
        answer = get(url)
        assert answer.content == expected.body
        for name, value in expected.headers.items():
            assert answer.headers[name] == value


def test_an_error_page_and_the_answer_to_a_form_bear_the_tag(tmp_path: Path) -> None:
    async def endpoint(request: Request) -> Response:
        return HTMLResponse(PAGE, 500 if request.method == "GET" else 200)

    with running(page_app(endpoint, tmp_path)) as url:
        assert (get(url).status_code, get(url).text) == (500, TAGGED)
        assert httpx2.post(url, headers=NAVIGATION, data={"a": "1"}).text == TAGGED


def test_a_page_that_was_cached_with_the_tag_is_revalidated_and_one_without_is_not(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(PAGE)
    app = live(Starlette(routes=[Mount("/", StaticFiles(directory=tmp_path, html=True))]), tmp_path)
    with running(app) as url:
        first = get(url)
        assert first.text == TAGGED
        again = get(url, If_None_Match=first.headers["etag"])
        assert (again.status_code, again.headers["etag"]) == (304, first.headers["etag"])
        bare = get(url, Sec_Fetch_Dest="empty")
        assert bare.text == PAGE
        assert get(url, If_None_Match=bare.headers["etag"]).text == TAGGED
        assert get(url, If_Modified_Since=bare.headers["last-modified"]).text == TAGGED
        (tmp_path / "index.html").write_text(PAGE + "new")
        assert get(url, If_None_Match=first.headers["etag"]).status_code == 200


def test_templates_and_their_extensions_work(tmp_path: Path) -> None:
    templates = Jinja2Templates(env=Environment(loader=DictLoader({"x.html": PAGE}), autoescape=True))

    async def endpoint(request: Request) -> Response:
        return templates.TemplateResponse(request, "x.html")

    with running(page_app(endpoint, tmp_path)) as url:
        assert get(url).text == TAGGED


def test_a_stream_streams(tmp_path: Path) -> None:
    asked = threading.Event()

    async def body() -> AsyncIterator[str]:
        import anyio

        yield "<!doctype html><html><he"
        yield "ad><title>x</title></head><body>"
        yield "first"
        while not asked.is_set():
            await anyio.sleep(0.005)
        yield "last"

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(body(), media_type="text/html")

    with (
        running(page_app(endpoint, tmp_path)) as url,
        httpx2.stream("GET", url, headers=NAVIGATION) as answer,
    ):
        assert "content-length" not in answer.headers
        pieces = answer.iter_text()
        seen = ""
        while not seen.endswith("first"):
            seen += next(pieces)
        assert seen == f"<!doctype html><html><head>{TAG}<title>x</title></head><body>first"
        asked.set()
        assert "".join(pieces) == "last"


def test_a_large_page_comes_whole(tmp_path: Path) -> None:
    large = PAGE + "<p>words" * 200_000

    async def endpoint(request: Request) -> Response:
        return HTMLResponse(large)

    with running(page_app(endpoint, tmp_path)) as url:
        answer = get(url)
        assert answer.text == large.replace("<head>", f"<head>{TAG}", 1)
        assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("server", [h11_impl, httptools_impl], ids=["h11", "httptools"])
@pytest.mark.parametrize("place", ["around the app", "added to the app", "inside another"])
def test_a_large_page_is_copied_for_all_but_uvicorn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, server: ModuleType
) -> None:
    """uvicorn is given views of the page; whoever else stands around the middleware reads bytes."""
    large = PAGE + "<p>words" * 200_000
    kinds: set[type] = set()
    uvicorn_send = server.RequestResponseCycle.send

    async def endpoint(request: Request) -> Response:
        return HTMLResponse(large)

    async def noting(self: object, message: Message) -> None:
        kinds.add(type(message.get("body", b"")))
        await uvicorn_send(self, message)

    monkeypatch.setattr(server.RequestResponseCycle, "send", noting)
    app = Starlette(routes=[Route("/", endpoint)])
    served: ASGIApp = app
    if place == "around the app":
        served = LiveReloadMiddleware(app, watch=[tmp_path], enabled=True)
    else:
        app.add_middleware(LiveReloadMiddleware, watch=[tmp_path], enabled=True)
    if place == "inside another":
        app.add_middleware(Reading)
    with running(served, http=server.__name__.rpartition(".")[2].removesuffix("_impl")) as url:
        answer = get(url)
        assert answer.text == large.replace("<head>", f"<head>{TAG}", 1)
        assert int(answer.headers["content-length"]) == len(answer.content)
    assert kinds == ({bytes} if place == "inside another" else {bytes, memoryview})


class Reading:
    """A middleware that reads what it passes on as ASGI has it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def read(message: Message) -> None:
            assert message.get("body", b"").isascii()  # a memoryview has no such method
            await send(message)

        await self._app(scope, receive, read)


def test_what_a_middleware_around_it_adds_to_one_answer_is_not_in_the_next(tmp_path: Path) -> None:
    class Counting:
        def __init__(self, app: ASGIApp) -> None:
            self._app, self._count = app, 0

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def add(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._count += 1
                    MutableHeaders(scope=message).append("X-Count", str(self._count))
                await send(message)

            await self._app(scope, receive, add)

    with running(Counting(page_app(html, tmp_path))) as url:
        counts = [get(url).headers.get_list("x-count") for _ in range(3)]
        assert [len(count) for count in counts] == [1, 1, 1]


def test_server_sent_events_pass_as_they_come(tmp_path: Path) -> None:
    asked = threading.Event()

    async def events() -> AsyncIterator[str]:
        import anyio

        yield "data: <head>\n\n"
        while not asked.is_set():
            await anyio.sleep(0.005)
        yield "data: 2\n\n"

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(events(), media_type="text/event-stream")

    with (
        running(page_app(endpoint, tmp_path)) as url,
        httpx2.stream("GET", url, headers=NAVIGATION) as answer,
    ):
        pieces = answer.iter_text()
        assert next(pieces) == "data: <head>\n\n"
        asked.set()
        assert "".join(pieces) == "data: 2\n\n"


def test_downloads_pass(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(range(256)) * 4000)

    async def endpoint(request: Request) -> Response:
        return FileResponse(tmp_path / "big.bin")

    with running(page_app(endpoint, tmp_path)) as url:
        assert get(url).content == (tmp_path / "big.bin").read_bytes()


@pytest.mark.parametrize("inside", [True, False])
def test_gzip_on_either_side(tmp_path: Path, inside: bool) -> None:
    app = Starlette(routes=[Route("/", html)])
    if inside:
        app.add_middleware(GZipMiddleware, minimum_size=1)
        live(app, tmp_path)
    else:
        live(app, tmp_path)
        app.add_middleware(GZipMiddleware, minimum_size=1)
    with running(app) as url:
        answer = get(url, Accept_Encoding="gzip")
        assert answer.text == TAGGED
        assert answer.headers.get("content-encoding") == (None if inside else "gzip")


@pytest.mark.parametrize(
    ("coding", "compress"),
    [
        ("gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    ],
)
def test_what_is_compressed_though_nobody_asked_is_decoded(
    tmp_path: Path, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    async def endpoint(request: Request) -> Response:
        return HTMLResponse(compress(PAGE.encode()), headers={"Content-Encoding": coding})

    with running(page_app(endpoint, tmp_path)) as url:
        answer = get(url)
        assert answer.text == TAGGED
        assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "gzip"])
def test_what_cannot_be_decoded_passes_untouched(tmp_path: Path, coding: str) -> None:
    async def endpoint(request: Request) -> Response:
        return HTMLResponse(b"\x8b\x00 no such thing", headers={"Content-Encoding": coding, "ETag": '"x"'})

    with (
        running(page_app(endpoint, tmp_path)) as url,
        httpx2.stream("GET", url, headers=NAVIGATION) as answer,
    ):
        assert b"".join(answer.iter_raw()) == b"\x8b\x00 no such thing"
        assert (answer.headers["content-encoding"], answer.headers["etag"]) == (coding, '"x"')


def test_an_error_before_the_head_is_the_frameworks_own(tmp_path: Path) -> None:
    async def body() -> AsyncIterator[str]:
        yield "<!doctype html>"
        raise RuntimeError("boom")

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(body(), media_type="text/html")

    with running(page_app(endpoint, tmp_path)) as url:
        assert (get(url).status_code, get(url).text) == (500, "Internal Server Error")


def test_an_error_in_mid_stream_cuts_the_answer(tmp_path: Path) -> None:
    async def body() -> AsyncIterator[str]:
        yield "<head></head><body>"
        raise RuntimeError("boom")

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(body(), media_type="text/html")

    with running(page_app(endpoint, tmp_path)) as url, pytest.raises(httpx2.RemoteProtocolError):
        get(url)


def test_fastapi_and_its_docs_page(tmp_path: Path) -> None:
    app = FastAPI()
    app.add_middleware(LiveReloadMiddleware, watch=[tmp_path], enabled=True)
    with running(app) as url:
        docs = get(url, "/docs").text
        assert docs.count(TAG) == 1
        assert docs.index("<head>") < docs.index(TAG) < docs.index("swagger-ui")
        assert get(url, "/openapi.json").json()["openapi"]


def test_a_policy_is_widened_by_what_is_needed(tmp_path: Path) -> None:
    async def endpoint(request: Request) -> Response:
        return HTMLResponse(
            PAGE, headers={"Content-Security-Policy": "default-src 'none'; script-src 'nonce-r4nd'"}
        )

    with running(page_app(endpoint, tmp_path)) as url:
        answer = get(url)
        assert f'<script src="/_loc/reload.js" async data-run="{RUN}" nonce="r4nd"></script>' in answer.text
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'nonce-r4nd'; connect-src 'self'")


@pytest.mark.parametrize("lifespan", ["on", "off"])
def test_a_save_is_told_with_lifespan_and_without(tmp_path: Path, lifespan: str) -> None:
    with running(page_app(html, tmp_path), lifespan=lifespan) as url:
        assert get(url, "/_loc/reload.js").headers["content-type"].startswith("text/javascript")
        with connect(url.replace("http", "ws") + "/_loc/ws/reload") as page:
            assert json.loads(page.recv(DEADLINE))["type"] == "hello"
            page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
            (tmp_path / "x.html").write_text("x")
            assert json.loads(page.recv(DEADLINE))["paths"] == ["x.html"]


def test_an_app_that_ends_and_begins_again_is_watched_again(tmp_path: Path) -> None:
    app = page_app(html, tmp_path)
    for text in ("first", "second"):
        with (
            running(app, lifespan="on") as url,
            connect(url.replace("http", "ws") + "/_loc/ws/reload") as page,
        ):
            page.recv(DEADLINE)
            page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
            (tmp_path / f"{text}.html").write_text(text)
            assert json.loads(page.recv(DEADLINE))["paths"] == [f"{text}.html"]


@pytest.mark.parametrize("server_side", [True, False])
def test_it_works_below_a_root_path(tmp_path: Path, server_side: bool) -> None:
    app = page_app(html, tmp_path)
    whole: ASGIApp = app if server_side else Starlette(routes=[Mount("/sub", app)])
    prefix = "" if server_side else "/sub"
    with running(whole, root_path="/sub" if server_side else "") as url:
        assert TAG.replace("/_loc", "/sub/_loc") in get(url, f"{prefix}/").text
        assert get(url, f"{prefix}/_loc/reload.js").status_code == 200
        with connect(url.replace("http", "ws") + f"{prefix}/_loc/ws/reload") as page:
            assert json.loads(page.recv(DEADLINE))["type"] == "hello"


def test_nothing_of_a_request_ends_the_attribute_or_the_directive(tmp_path: Path) -> None:
    async def endpoint(request: Request) -> Response:
        return HTMLResponse(PAGE, headers={"Content-Security-Policy": "script-src 'none'"})

    app = Starlette(routes=[Mount("/{tenant}", page_app(endpoint, tmp_path))])
    with running(app) as url:
        assert TAG.replace("/_loc", "/a%22%3E%3Cb%3E/_loc") in get(url, "/a%22><b>/").text
        policy = get(url, "/a/", Host="x;script-src").headers["content-security-policy"]
        assert policy == "script-src http://localhost/a/_loc/"


def test_the_host_rule_is_for_our_own_addresses_only(tmp_path: Path) -> None:
    with running(page_app(html, tmp_path)) as url:
        assert get(url, Host="shop.example").text == TAGGED
        assert get(url, "/_loc/reload.js", Host="shop.example").status_code == 421


@pytest.mark.parametrize(
    ("debug", "environment", "on"),
    [
        (True, None, True),
        (False, None, False),
        (False, "1", True),
        (True, "0", False),
    ],
)
def test_it_is_on_in_debug_or_when_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: bool, environment: str | None, on: bool
) -> None:
    monkeypatch.delenv("LOC_DEV", raising=False)
    if environment:
        monkeypatch.setenv("LOC_DEV", environment)
    app = live(Starlette(debug=debug, routes=[Route("/", html)]), tmp_path, enabled=None)
    with running(app) as url:
        answer = get(url)
        assert (answer.text == TAGGED) is on
        assert (get(url, "/_loc/reload.js").status_code == 200) is on
        if not on:
            assert answer.headers["etag"] == '"abc"'


def test_with_several_workers_it_stays_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["uvicorn", "app:app", "--workers", "4"])
    with running(live(Starlette(debug=True, routes=[Route("/", html)]), tmp_path, enabled=None)) as url:
        assert get(url).text == PAGE


def test_a_middleware_behind_another_one_leaves_the_tag_to_it(tmp_path: Path) -> None:
    """An app is mounted in one that has the middleware too, or a proxy of ours stands before it."""
    inner = page_app(html, tmp_path)
    with running(live(Starlette(routes=[Mount("/inner", inner)]), tmp_path)) as url:
        assert get(url, "/inner/").text == TAGGED
    with running(inner) as url:
        assert get(url).text == TAGGED
        answer = httpx2.get(url, headers={**NAVIGATION, "X-Loc-Dev": "tagged"})
        assert answer.text == PAGE


@pytest.mark.parametrize("lifespan", ["auto", "off"])
def test_an_app_that_refuses_lifespans_is_watched_from_its_first_request_on(
    tmp_path: Path, lifespan: str
) -> None:
    """As Django's is, and many an app of one function."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await HTMLResponse(PAGE)(scope, receive, send)

    around = LiveReloadMiddleware(app, watch=[tmp_path], enabled=True)
    with running(around, lifespan=lifespan) as url:
        assert get(url).text == TAGGED
        with connect(url.replace("http", "ws") + "/_loc/ws/reload") as page:
            assert json.loads(page.recv(DEADLINE))["type"] == "hello"
            (tmp_path / "a.html").write_text("saved")
            assert json.loads(page.recv(DEADLINE))["paths"] == ["a.html"]


def test_the_debug_page_of_an_error_bears_the_tag(tmp_path: Path) -> None:
    """Starlette makes it around all that is added to the app; the tab has to reload once it is mended."""

    async def broken(request: Request) -> Response:
        raise RuntimeError("boom")

    with running(live(Starlette(debug=True, routes=[Route("/", broken)]), tmp_path)) as url:
        page = get(url)
        assert (page.status_code, page.text.count(TAG)) == (500, 1)
        assert "Traceback" in page.text
        plain = httpx2.get(url, headers={"Accept": "application/json"})
        assert (plain.status_code, TAG in plain.text) == (500, False)


@pytest.mark.parametrize("waits", [True, False])
def test_an_error_page_of_the_apps_own_bears_the_tag(tmp_path: Path, waits: bool) -> None:
    calls: list[str] = []

    async def broken(request: Request) -> Response:
        raise RuntimeError("boom")

    def sorry(request: Request, error: Exception) -> Response:
        calls.append(str(error))
        return HTMLResponse(PAGE, 500)

    async def sorry_later(request: Request, error: Exception) -> Response:
        return sorry(request, error)

    mounted = Mount("/sub", routes=[Route("/", broken)])
    app = Starlette(routes=[mounted], exception_handlers={500: sorry_later if waits else sorry})
    with running(live(app, tmp_path)) as url:
        for _ in range(2):
            page = get(url, "/sub/")
            assert (page.status_code, page.text) == (500, TAGGED)
            assert int(page.headers["content-length"]) == len(TAGGED)
    assert calls == ["boom"] * 2


def test_who_stands_around_it_sees_an_error_as_ever(tmp_path: Path) -> None:
    app = FastAPI(debug=True)
    live(app, tmp_path)

    @app.middleware("http")
    async def excusing(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        try:
            return await call_next(request)
        except RuntimeError as error:
            return JSONResponse({"sorry": str(error)}, 503)

    @app.get("/")
    async def broken() -> None:
        raise RuntimeError("boom")

    with running(app) as url:
        answer = get(url)
        assert (answer.status_code, answer.json()) == (503, {"sorry": "boom"})


def test_who_stands_around_it_reads_the_route_that_was_taken(tmp_path: Path) -> None:
    seen: list[tuple[str, object, str]] = []
    at_start: list[object] = []

    class Naming:
        def __init__(self, app: ASGIApp) -> None:
            self._app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def sending(message: Message) -> None:
                if message["type"] == "http.response.start":
                    at_start.append((scope["path_params"], dict(scope["headers"])[b"accept-encoding"]))
                await send(message)

            await self._app(scope, receive, sending)
            if scope["type"] == "http":
                encoding = dict(scope["headers"])[b"accept-encoding"].decode()
                seen.append((scope["endpoint"].__name__, scope["path_params"], encoding))

    async def item(request: Request) -> Response:
        return HTMLResponse(PAGE)

    app = live(Starlette(routes=[Route("/{id}", item)]), tmp_path)
    app.add_middleware(Naming)
    with running(app) as url:
        assert get(url, "/3", accept_encoding="br").text == TAGGED
    assert seen == [("item", {"id": "3"}, "br")]
    assert at_start == [({"id": "3"}, b"br")]


def test_headers_that_can_be_read_once_only_arrive(tmp_path: Path) -> None:
    """ASGI has them any iterable; Sanic sends a generator."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        kind = b"text/html" if scope["path"] == "/" else b"text/plain"
        headers = ((name, value) for name, value in [(b"content-type", kind), (b"x-one", b"1")])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": PAGE.encode()})

    with running(LiveReloadMiddleware(app, watch=[tmp_path], enabled=True), lifespan="off") as url:
        for path, body in (("/", TAGGED), ("/text", PAGE)):
            answer = get(url, path)
            assert (answer.text, answer.headers["x-one"]) == (body, "1")


@pytest.mark.parametrize("debug", [True, False])
def test_around_an_app_it_is_on_in_the_debug_mode_of_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    monkeypatch.delenv("LOC_DEV", raising=False)
    app = Starlette(debug=debug, routes=[Route("/", html)])
    with running(LiveReloadMiddleware(app, watch=[tmp_path])) as url:
        assert (get(url).text == TAGGED) is debug
