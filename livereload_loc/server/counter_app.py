"""The ASGI app of ``loc-dev count``: the widget, the figures, and a page for the owner."""

from __future__ import annotations

import html

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from livereload_loc.access import PRIVATE, Guard
from livereload_loc.httputil.text import package_text
from livereload_loc.server.counter_service import CounterService
from livereload_loc.urls import PREFIX
from livereload_loc.web.layers import HostCheck
from livereload_loc.web.script_pages import is_navigation, script_response
from livereload_loc.web.scripts import WIDGET, script
from livereload_loc.web.status.pages import part, source

_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"
_LOOK = ("status.css", "icon.svg")


def count_app(service: CounterService, guard: Guard) -> ASGIApp:
    """Return the app of the counter alone, at a public address."""
    endpoints = _CountEndpoints(service)
    routes = [
        Route("/", endpoints.root),
        Route(f"{PREFIX}/{WIDGET}", endpoints.script),
        Route(f"{PREFIX}/", endpoints.status_page),
        *(Route(f"{PREFIX}/{name}", part) for name in _LOOK),
        Route(f"{PREFIX}/api/status", service.api.status),
        Route(f"{PREFIX}/healthz", endpoints.healthz),
        *service.api.routes(),
    ]
    return HostCheck(Starlette(routes=routes), guard, service.refusals.add)


class _CountEndpoints:
    def __init__(self, service: CounterService) -> None:
        self._service = service
        self._widget = script(WIDGET)
        self._page = package_text("counter/count.html")
        for name in _LOOK:
            source(name)  # read and cached now: there may be no file descriptor left later

    async def root(self, request: Request) -> Response:
        endpoint = self.status_page if is_navigation(request) else self.script
        response = await endpoint(request)
        response.headers["Vary"] = "Sec-Fetch-Dest, Accept"
        return response

    async def script(self, request: Request) -> Response:
        return script_response(request, self._widget)

    async def healthz(self, request: Request) -> Response:
        if self._service.keepalive.draining:
            return PlainTextResponse("stopping\n", 503, PRIVATE)
        return PlainTextResponse("ok\n", headers=PRIVATE)

    async def status_page(self, request: Request) -> Response:
        if refusal := self._service.api.refuse(request):
            return refusal
        address = f"{request.url.scheme}://{request.headers.get('host', '')}/{PREFIX[1:]}/{WIDGET}"
        url, integrity = f"{address}?v={self._widget.version}", self._widget.integrity
        tag = f'<script src="{url}" integrity="{integrity}" crossorigin data-auto async></script>'
        page = self._page.replace("{tag}", html.escape(tag)).replace("{sites}", self._service.api.table())
        headers = {**PRIVATE, "Content-Security-Policy": _POLICY}
        return HTMLResponse(page.encode("utf-8", "replace"), headers=headers)
