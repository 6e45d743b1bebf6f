"""The ASGI app of ``loc-dev count``: the widget, a page for its owner, and figures, at a public address."""

from __future__ import annotations

import html

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from livereload_loc.access import PRIVATE, Guard
from livereload_loc.server.counter_service import CounterService
from livereload_loc.urls import PREFIX
from livereload_loc.web.app import HostCheck, is_navigation, script_response
from livereload_loc.web.scripts import WIDGET, script
from livereload_loc.web.status.pages import part, source

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_LOOK = ("status.css", "icon.svg")


def count_app(counting: CounterService, guard: Guard) -> ASGIApp:
    """The counter alone: any site's pages may come."""
    pages = _CountPages(counting)
    routes = [
        Route("/", pages.root),
        Route(f"{PREFIX}/{WIDGET}", pages.script),
        Route(f"{PREFIX}/", pages.status_page),
        *(Route(f"{PREFIX}/{name}", part) for name in _LOOK),
        Route(f"{PREFIX}/api/status", counting.pages.status),
        Route(f"{PREFIX}/healthz", pages.healthz),
        *counting.pages.routes(),
    ]
    return HostCheck(Starlette(routes=routes), guard, counting.refused)


class _CountPages:
    def __init__(self, counting: CounterService) -> None:
        self._counting = counting
        self._widget = script(WIDGET)
        for name in _LOOK:
            source(name)  # read now, as the script: there may be no file descriptor left later

    async def root(self, request: Request) -> Response:
        answer = self.status_page if is_navigation(request) else self.script
        response = await answer(request)
        response.headers["Vary"] = "Sec-Fetch-Dest, Accept"
        return response

    async def script(self, request: Request) -> Response:
        return script_response(request, self._widget)

    async def healthz(self, request: Request) -> Response:
        if self._counting.stopping:
            return PlainTextResponse("stopping\n", 503, PRIVATE)
        return PlainTextResponse("ok\n", headers=PRIVATE)

    async def status_page(self, request: Request) -> Response:
        refusal = self._counting.pages.refusal(request)
        if refusal:
            return refusal
        address = f"{request.url.scheme}://{request.headers.get('host', '')}/{PREFIX[1:]}/{WIDGET}"
        url, integrity = f"{address}?v={self._widget.version}", self._widget.integrity
        tag = f'<script src="{url}" integrity="{integrity}" crossorigin data-auto async></script>'
        page = _PAGE.replace("{tag}", html.escape(tag)).replace("{sites}", self._counting.pages.table())
        headers = {**PRIVATE, "Content-Security-Policy": _POLICY}
        return HTMLResponse(page.encode("utf-8", "replace"), headers=headers)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="10">
<title>loc-dev count</title>
<link rel="icon" href="/_loc/icon.svg">
<link rel="stylesheet" href="/_loc/status.css">
</head>
<body class="sheet">
<header><h1>loc-dev count</h1></header>
<main>
<section><h2>Who is online</h2>
{sites}
</section>
<section><h2>On your pages</h2>
<p class="empty">This tag shows how many pages of your site are open, where you put it:</p>
<p class="tag"><code>{tag}</code></p>
</section>
</main>
</body>
</html>
"""
