"""Pages of real ASGI apps with the tag in them, on a real uvicorn."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from jinja2 import DictLoader, Environment
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import (
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

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.support.asgi_apps import NAVIGATION, PAGE, TAG, TAGGED, XML_TAG, get, html, live, page_app, running
from tests.support.request_headers import DOWNLOAD, PAGES

pytestmark = pytest.mark.usefixtures("known_run")


def test_a_page_carries_the_tag_and_headers_that_fit(tmp_path: Path) -> None:
    with running(page_app(html, tmp_path)) as url:
        response = get(url)
        assert response.text == TAGGED
        assert int(response.headers["content-length"]) == len(TAGGED)
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["etag"].startswith('"abc-loc')
        assert "last-modified" not in response.headers


def test_a_head_request_tells_no_length_that_is_not_so(tmp_path: Path) -> None:
    with running(page_app(html, tmp_path)) as url:
        head = httpx2.head(url, headers=NAVIGATION)
        assert head.status_code == 200
        assert "content-length" not in head.headers
        assert head.headers["etag"] == get(url).headers["etag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"Turbo-Frame": "main"},
        {"X-Up-Version": "3"},
        {"X-Requested-With": "XMLHttpRequest"},
        {"Range": "bytes=0-3"},
    ],
)
def test_fragments_are_left_alone(tmp_path: Path, headers: dict[str, str]) -> None:
    with running(page_app(html, tmp_path)) as url:
        response = get(url, **headers)
        assert response.text == PAGE
        assert response.headers["etag"] == '"abc"'
        assert response.headers["cache-control"] == "max-age=60"


READ = {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors", "Accept": "*/*"}


@pytest.mark.parametrize("headers", [READ, DOWNLOAD], ids=["read by a script", "a download"])
def test_a_page_without_the_tag_is_not_shown_later(tmp_path: Path, headers: dict[str, str]) -> None:
    """Browsers have one cache for what scripts read and for what people navigate to."""
    with running(page_app(html, tmp_path)) as url:
        response = get(url, **headers)
        assert response.text == PAGE
        assert (response.headers["etag"], response.headers["cache-control"]) == ('"abc"', "no-cache")


@pytest.mark.parametrize("headers", PAGES.values(), ids=PAGES)
def test_what_asks_for_a_page_in_another_way_gets_it(tmp_path: Path, headers: dict[str, str]) -> None:
    async def endpoint(request: Request) -> Response:
        assert "loc-dev" not in request.headers
        return await html(request)

    with running(page_app(endpoint, tmp_path)) as url:
        assert get(url, **headers).text == TAGGED


@pytest.mark.parametrize("media", ["image/svg+xml", "application/xhtml+xml"])
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
def test_svg_and_xhtml_documents_get_a_well_formed_tag(tmp_path: Path, media: str, streams: bool) -> None:
    parts = ["<?xml version='1.0'?>\n<!-- <a> --><a", " " * 300, "b='>'>", "<c/></a>"]

    def endpoint(request: Request) -> Response:
        body = "".join(parts)
        return (
            StreamingResponse(iter(parts), media_type=media) if streams else Response(body, media_type=media)
        )

    with running(page_app(endpoint, tmp_path)) as url:
        assert get(url).text == "".join((*parts[:3], XML_TAG, parts[3]))
        image = get(url, Accept="image/avif,image/webp,*/*", Sec_Fetch_Dest="image")
        assert image.text == "".join(parts)
        assert "cache-control" not in image.headers
        prefetched = get(url, Accept="*/*", Sec_Fetch_Dest="empty", Sec_Purpose="prefetch")
        assert (XML_TAG in prefetched.text) is (media == "application/xhtml+xml")


@pytest.mark.parametrize(
    "make",
    [
        lambda: JSONResponse({"html": PAGE}),
        lambda: PlainTextResponse(PAGE),
        lambda: Response(PAGE, media_type="application/xml"),
        lambda: Response("<svg/>", media_type="image/svg+xml"),
        lambda: HTMLResponse(PAGE, headers={"Content-Disposition": 'attachment; filename="x.html"'}),
        lambda: Response(status_code=204),
        lambda: Response(PAGE),
        lambda: HTMLResponse("<!-- x", 200),
    ],
)
def test_what_is_no_page_is_left_alone(tmp_path: Path, make: Callable[[], Response]) -> None:
    with running(page_app(lambda request: make(), tmp_path)) as url:
        expected = make()
        response = get(url)
        assert response.content == expected.body
        for name, value in expected.headers.items():
            assert response.headers[name] == value


def test_an_error_page_and_the_response_to_a_form_carry_the_tag(tmp_path: Path) -> None:
    app = page_app(lambda request: HTMLResponse(PAGE, 500 if request.method == "GET" else 200), tmp_path)
    with running(app) as url:
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

    app = page_app(lambda request: templates.TemplateResponse(request, "x.html"), tmp_path)
    with running(app) as url:
        assert get(url).text == TAGGED


def test_what_a_middleware_around_it_adds_to_one_response_is_not_in_the_next(tmp_path: Path) -> None:
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


def test_a_policy_is_widened_by_what_is_needed(tmp_path: Path) -> None:
    headers = {"Content-Security-Policy": "default-src 'none'; script-src 'nonce-r4nd'"}
    app = page_app(lambda request: HTMLResponse(PAGE, headers=headers), tmp_path)
    with running(app) as url:
        response = get(url)
        tag = TAG.replace(" data-id", ' nonce="r4nd" data-id')
        assert tag in re.sub(' data-policies="[0-9a-f]{8}"', "", response.text)
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'nonce-r4nd'; connect-src 'self'")


def test_nothing_of_a_request_ends_the_attribute_or_the_directive(tmp_path: Path) -> None:
    headers = {"Content-Security-Policy": "script-src 'none'"}
    page = page_app(lambda request: HTMLResponse(PAGE, headers=headers), tmp_path)
    with running(Starlette(routes=[Mount("/{tenant}", page)])) as url:
        text = re.sub(' data-policies="[0-9a-f]{8}"', "", get(url, "/a%22><b>/").text)
        assert TAG.replace("/_loc", "/a%22%3E%3Cb%3E/_loc") in text
        policy = get(url, "/a/", Host="x;script-src").headers["content-security-policy"]
        assert policy == "script-src http://localhost/a/_loc/"


def test_a_middleware_behind_another_one_leaves_the_tag_to_it(tmp_path: Path) -> None:
    """An app is mounted in one that has the middleware too, or is behind our proxy."""
    inner = page_app(html, tmp_path)
    with running(live(Starlette(routes=[Mount("/inner", inner)]), tmp_path)) as url:
        assert get(url, "/inner/").text == TAGGED
    with running(inner) as url:
        assert get(url).text == TAGGED
        response = httpx2.get(url, headers={**NAVIGATION, "X-Loc-Dev": "tagged"})
        assert response.text == PAGE


def test_a_middleware_around_it_reads_the_route_that_was_taken(tmp_path: Path) -> None:
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
            response = get(url, path)
            assert (response.text, response.headers["x-one"]) == (body, "1")
