"""The ASGI app of ``loc-dev watch``: the script, the socket and a page for people, all below ``/_loc/``."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from .client import LIVERELOAD, SCRIPTS, WIDGET, Script, script
from .guard import PRIVATE, Guard, Refusal
from .hub import Hub
from .livereload7 import LiveReloadSocket
from .stages import Stages
from .websocket import ReloadSocket

if TYPE_CHECKING:
    from .counting import Counting

PREFIX = "/_loc"

_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


def watch_app(
    hub: Hub, stages: Stages, guard: Guard, watching: tuple[str, ...], counting: Counting | None = None
) -> ASGIApp:
    """The app beside any dev server: our addresses, and the script or the status page at the root."""
    pages = _Pages(hub, stages, guard, watching, counting)
    clients = LiveReloadSocket(hub, guard, stages)
    routes = [
        Route("/", pages.root),
        Route(f"/{LIVERELOAD}", pages.script),
        WebSocketRoute("/livereload", clients.serve),
        *_routes(pages, hub, stages, guard),
    ]
    return HostGuard(Starlette(routes=routes), guard, stages.refused)


def site_app(
    hub: Hub,
    stages: Stages,
    guard: Guard,
    watching: tuple[str, ...],
    counting: Counting | None,
    site: ASGIApp,
) -> ASGIApp:
    """A site of pages at every address but ours."""
    own = Starlette(routes=_routes(_Pages(hub, stages, guard, watching, counting), hub, stages, guard))
    return HostGuard(_Beside(own, site, guard), guard, stages.refused)


def proxy_app(
    hub: Hub,
    stages: Stages,
    guard: Guard,
    watching: tuple[str, ...],
    counting: Counting | None,
    upstream: ASGIApp,
) -> ASGIApp:
    """Another server's site, whose pages bear the tag, at every address but ours."""
    from .injection.responder import Injecting
    from .injection.responder import Script as Tagged

    where = Tagged(f"{PREFIX}/reload.js", f"{PREFIX}/ws/reload", script("reload.js").integrity)
    own = Starlette(routes=_routes(_Pages(hub, stages, guard, watching, counting), hub, stages, guard))
    beside = _Beside(own, Injecting(upstream, where), guard, stages.refused)
    return HostGuard(beside, guard, stages.refused)


class _Beside:
    """Sends what is below our prefix to ``own``, and the rest to ``site``, if its pages may have it.

    A site has no sockets unless there is somebody to tell of those that are ``refused``.
    """

    def __init__(
        self,
        own: ASGIApp,
        site: ASGIApp,
        guard: Guard,
        refused: Callable[[Refusal], None] | None = None,
    ) -> None:
        self._own, self._site, self._guard, self._refused = own, site, guard, refused

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        ours = path == PREFIX or path.startswith(f"{PREFIX}/")
        if ours or (scope["type"] == "websocket" and self._refused is None):
            await self._own(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            site, mode = (header(scope, name) for name in (b"sec-fetch-site", b"sec-fetch-mode"))
            refusal = self._guard.refuse_embedding(site, mode)
            await (refuse(refusal) if refusal else self._site)(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a socket on that comes under a name of this machine; its Origin is the site's to judge."""
        refusal = self._guard.refuse_host(header(scope, b"host"))
        if refusal and self._refused:
            self._refused(refusal)
            await WebSocket(scope, receive, send).send_denial_response(refuse(refusal))
        else:
            await self._site(scope, receive, send)


def own_app(hub: Hub, stages: Stages, guard: Guard, watching: tuple[str, ...]) -> ASGIApp:
    """Our addresses alone, for a middleware and for servers of pages."""
    pages = _Pages(hub, stages, guard, watching)
    return HostGuard(Starlette(routes=_routes(pages, hub, stages, guard)), guard, stages.refused)


def _routes(pages: _Pages, hub: Hub, stages: Stages, guard: Guard) -> list[BaseRoute]:
    counting = pages.counting
    return [
        *(Route(f"{PREFIX}/{name}", pages.script) for name in (*SCRIPTS, *([WIDGET] if counting else []))),
        *(counting.pages.routes() if counting else []),
        Route(f"{PREFIX}/", pages.status_page),
        Route(f"{PREFIX}/api/status", pages.status),
        Route(f"{PREFIX}/healthz", pages.healthz),
        WebSocketRoute(f"{PREFIX}/ws/reload", ReloadSocket(hub, guard, stages).serve),
    ]


class ByPort:
    """``other`` for what comes to ``port``, and ``app`` for all else."""

    def __init__(self, app: ASGIApp, port: int, other: ASGIApp) -> None:
        self._app, self._port, self._other = app, port, other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        server = scope.get("server")
        is_other = server is not None and server[1] == self._port
        await (self._other if is_other else self._app)(scope, receive, send)


class HostGuard:
    """Answers a request under a foreign name with 421, before anything else sees it (DNS rebinding)."""

    def __init__(self, app: ASGIApp, guard: Guard, refused: Callable[[Refusal], None]) -> None:
        self._app, self._refused = app, refused
        self._refuse_host = lru_cache(maxsize=64)(
            guard.refuse_host
        )  # browsers name one host, again and again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is for this machine; sockets are refused by their own endpoint."""
        if scope["type"] == "http":
            refusal = self._refuse_host(header(scope, b"host"))
            if refusal:
                self._refused(refusal)
                await refuse(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def header(scope: Scope, name: bytes) -> str | None:
    """The value of the first header ``name``."""
    value = next((value for key, value in scope["headers"] if key == name), None)
    return None if value is None else value.decode("latin-1")


def refuse(refusal: Refusal) -> Response:
    """The HTTP answer that says why, and which flag would allow it."""
    cure = f" To allow it, start loc-dev with {refusal.cure}" if refusal.cure else ""
    return PlainTextResponse(f"Refused: {refusal.reason}.{cure}\n", refusal.status, PRIVATE)


def script_response(request: Request, served: Script) -> Response:
    """A script of ours, for any page: revalidated at each use, or kept for ever under ``?v=`` its version."""
    version, known = request.query_params.get("v", ""), request.headers.get("if-none-match", "")
    status, headers = served.answer(version, known)
    return Response(served.body if status == 200 else b"", status, headers)


def is_navigation(request: Request) -> bool:
    """Whether a person's browser asks for a page, not a script tag for its script (Fetch Metadata)."""
    destination = request.headers.get("sec-fetch-dest")
    if destination is not None:
        return destination == "document"
    return "text/html" in request.headers.get("accept", "")


class _Pages:
    """The HTTP endpoints; each reads the state of the moment and changes nothing."""

    def __init__(
        self,
        hub: Hub,
        stages: Stages,
        guard: Guard,
        watching: tuple[str, ...],
        counting: Counting | None = None,
    ) -> None:
        self._hub, self._stages, self._guard, self._watching = hub, stages, guard, watching
        self.counting = counting

    async def root(self, request: Request) -> Response:
        answer = self.status_page if is_navigation(request) else self.scripts
        response = await answer(request)
        response.headers["Vary"] = "Sec-Fetch-Dest, Accept"
        return response

    async def script(self, request: Request) -> Response:
        name = request.scope["path"].rpartition("/")[2]
        return script_response(request, script(name))

    async def scripts(self, request: Request) -> Response:
        """All that one tag should do."""
        return script_response(request, script("reload.js", *([WIDGET] if self.counting else [])))

    async def healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=PRIVATE)

    async def status(self, request: Request) -> Response:
        refusal = self._guard.refuse_reader(request.headers)
        if refusal:
            return refuse(refusal)
        body = {
            "run": self._hub.run,
            "seq": self._hub.seq,
            "watching": [path.encode("utf-8", "replace").decode() for path in self._watching],
            "pages": sorted(self._stages.pages.values()),
        }
        return Response(json.dumps(body) + "\n", headers=PRIVATE, media_type="application/json")

    async def status_page(self, request: Request) -> Response:
        refusal = self._guard.refuse_reader(request.headers)
        if refusal:
            return refuse(refusal)
        tag = html.escape(f'<script src="{request.url.scheme}://{request.headers["host"]}" async></script>')
        rows = [
            ("Watching", ", ".join(self._watching)),
            ("Open pages", ", ".join(sorted(self._stages.pages.values())) or "none yet"),
            ("Updates told", str(self._hub.seq)),
        ]
        listed = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in rows)
        page = _STATUS_PAGE.replace("{tag}", tag).replace("{listed}", listed)
        page = page.replace("{sites}", self.counting.pages.table() if self.counting else "")
        headers = {**PRIVATE, "Content-Security-Policy": _PAGE_POLICY}
        return HTMLResponse(page.encode("utf-8", "replace"), headers=headers)


_STATUS_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>loc-dev</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
code { display: block; padding: .75rem 1rem; border: 1px solid; border-radius: .4rem; overflow-x: auto }
table { width: 100%; margin-top: 2rem } th, td { text-align: left; padding-right: .8rem }
dt { font-weight: 600; margin-top: 1rem } dd { margin: 0; overflow-wrap: anywhere }
</style>
<h1>loc-dev is watching</h1>
<p>Put this into the head of your pages, and they show each save at once:</p>
<code>{tag}</code>
<dl>{listed}</dl>
{sites}
</html>
"""
