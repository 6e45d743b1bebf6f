"""Starlette apps with the middleware, on a real uvicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from livereload_loc.integrations.asgi import LiveReloadMiddleware
from tests.conftest import ID, RUN
from tests.support.upstreams import serving

TAG = f'<script src="/_loc/reload.js" async data-run="{RUN}" data-id="{ID}"></script>'
XML_TAG = TAG.replace("<script", '<script xmlns="http://www.w3.org/1999/xhtml"').replace(
    " async", ' async=""'
)
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}
PAGE = "<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>"
TAGGED = PAGE.replace("<head>", f"<head>{TAG}")


@contextmanager
def running(app: ASGIApp, **options: object) -> Iterator[str]:
    """Serve ``app``; yields its URL."""
    with serving(app, **{"lifespan": "auto", **options}) as port:
        yield f"http://127.0.0.1:{port}"


def live(app: Starlette, watched: Path, **options: object) -> Starlette:
    app.add_middleware(LiveReloadMiddleware, watch=[watched], **{"enabled": True, **options})  # type: ignore[arg-type]
    return app


def page_app(endpoint: Callable[..., object], watched: Path) -> Starlette:
    return live(Starlette(routes=[Route("/", endpoint, methods=["GET", "HEAD", "POST"])]), watched)


def get(url: str, path: str = "/", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(url + path, headers={**NAVIGATION, **named})


async def html(request: Request) -> Response:
    return HTMLResponse(PAGE, headers={"Cache-Control": "max-age=60", "ETag": '"abc"', "Last-Modified": "x"})
