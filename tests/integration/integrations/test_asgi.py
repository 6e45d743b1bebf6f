"""``LiveReloadMiddleware`` around real ASGI apps: when it is on, and for how long it watches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.responses import (
    HTMLResponse,
)
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.sync.client import connect

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.support.asgi_apps import PAGE, TAG, TAGGED, get, html, live, page_app, running
from tests.support.waiting import DEADLINE

pytestmark = pytest.mark.usefixtures("known_run")


def test_fastapi_and_its_docs_page(tmp_path: Path) -> None:
    app = FastAPI()
    app.add_middleware(LiveReloadMiddleware, watch=[tmp_path], enabled=True)
    with running(app) as url:
        docs = get(url, "/docs").text
        assert docs.count(TAG) == 1
        assert docs.index("<head>") < docs.index(TAG) < docs.index("swagger-ui")
        assert get(url, "/openapi.json").json()["openapi"]


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
        response = get(url)
        assert (response.text == TAGGED) is on
        assert (get(url, "/_loc/reload.js").status_code == 200) is on
        if not on:
            assert response.headers["etag"] == '"abc"'


def test_with_several_workers_it_stays_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    with running(live(Starlette(debug=True, routes=[Route("/", html)]), tmp_path, enabled=None)) as url:
        assert get(url).text == PAGE


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


@pytest.mark.parametrize("debug", [True, False])
def test_around_an_app_it_is_on_in_the_debug_mode_of_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    monkeypatch.delenv("LOC_DEV", raising=False)
    app = Starlette(debug=debug, routes=[Route("/", html)])
    with running(LiveReloadMiddleware(app, watch=[tmp_path])) as url:
        assert (get(url).text == TAGGED) is debug
