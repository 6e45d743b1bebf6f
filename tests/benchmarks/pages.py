"""Apps that answer with pages, for ``injection.py``. Arguments: KIND FOLDER PORT."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc import LiveReloadMiddleware

PIECES = ("<!doctype html><html lang='en'>", "<head><title>x</title></head><body>", "<p>words</p>" * 50)
PAUSE_SECONDS = 0.05
"""Between the pieces of a streamed page."""


def bare(pages: dict[str, bytes]) -> ASGIApp:
    """The least that answers with a page."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        body = pages[scope["path"]]
        headers = [(b"content-type", b"text/html"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def framework(pages: dict[str, bytes]) -> Starlette:
    """An app that answers with text, as templates give it."""
    texts = {path: body.decode() for path, body in pages.items()}

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(texts[request.url.path])

    async def streamed(request: Request) -> StreamingResponse:
        return StreamingResponse(pieces(), media_type="text/html")

    return Starlette(routes=[Route("/stream", streamed), Route("/{name}", page)])


async def pieces() -> AsyncIterator[str]:
    for piece in PIECES:
        yield piece
        await asyncio.sleep(PAUSE_SECONDS)


def main(kind: str, folder: str, port: str) -> None:
    pages = {f"/{path.name}": path.read_bytes() for path in Path(folder).iterdir()}
    app = framework(pages)
    if kind == "middleware":
        app.add_middleware(LiveReloadMiddleware, watch=[folder], enabled=True)
    served = bare(pages) if kind == "bare" else app
    uvicorn.run(served, host="localhost", port=int(port), http="httptools", loop="asyncio", log_level="error")


if __name__ == "__main__":
    main(*sys.argv[1:])
