"""The ASGI app of ``loc-dev watch``: the script, the socket and a page for people, all below ``/_loc/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from livereload_loc.access import PRIVATE, Guard, Refusal
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pages import OpenPages
from livereload_loc.urls import PREFIX, RELOAD_SCRIPT, RELOAD_SOCKET, is_ours
from livereload_loc.web.livereload7 import LiveReloadSocket
from livereload_loc.web.refusals import refuse
from livereload_loc.web.reload_socket import ReloadSocket
from livereload_loc.web.scripts import LIVERELOAD, SCRIPTS, WIDGET, Script, script
from livereload_loc.web.status.pages import StatusPages
from livereload_loc.web.status.record import EventRecord
from livereload_loc.web.status.state import StatusSnapshot, WatchSummary


@dataclass(frozen=True, slots=True)
class AppServices:
    """What the apps are made of; the same for all of them.

    ``tagged``: the pages get the tag from us. ``command``: a person has started us, with options, and not an
    app of theirs. ``lan_url`` is where other devices find this server, if they do.
    """

    hub: Hub
    pages: OpenPages
    guard: Guard
    watched: WatchSummary
    record: EventRecord
    counter_routes: Sequence[BaseRoute] = ()
    counter_sites: Callable[[], list[Mapping[str, object]]] | None = None
    tagged: bool = False
    command: bool = True
    lan_url: str | None = None

    def scene(self, tag: str) -> StatusSnapshot:
        """What the status page tells of; ``tag`` is the path of the script that pages carry."""
        return StatusSnapshot(
            self.hub,
            self.guard,
            self.watched,
            self.record,
            tag,
            self.tagged,
            self.command,
            self.counter_sites,
            self.lan_url,
        )


def watch_app(parts: AppServices) -> ASGIApp:
    """The app beside any dev server: our addresses, and the script or the status page at the root."""
    status = StatusPages(parts.scene(tag=""))
    scripts = _ScriptEndpoints(bool(parts.counter_routes), status)
    clients = LiveReloadSocket(parts.hub, parts.guard, parts.pages)
    routes = [
        Route("/", scripts.root),
        Route(f"/{LIVERELOAD}", scripts.script),
        WebSocketRoute("/livereload", clients.serve),
        *_routes(parts, scripts, status),
    ]
    return HostCheck(Starlette(routes=routes), parts.guard, parts.pages.refused)


def site_app(parts: AppServices, site: ASGIApp) -> ASGIApp:
    """A site of pages at every address but ours."""
    refused = parts.pages.refused
    return HostCheck(_SiteBesideOwn(_own(parts), site, parts.guard), parts.guard, refused)


def proxy_app(parts: AppServices, upstream: ASGIApp) -> ASGIApp:
    """Another server's site, whose pages bear the tag, at every address but ours."""
    from livereload_loc.inject.asgi import InjectionApp
    from livereload_loc.inject.tag import ScriptLocation

    refused = parts.pages.refused
    where = ScriptLocation(script("reload.js").integrity)
    beside = _SiteBesideOwn(_own(parts), InjectionApp(upstream, where), parts.guard, refused)
    return HostCheck(beside, parts.guard, refused)


def own_app(parts: AppServices) -> ASGIApp:
    """Our addresses alone, for a middleware and for servers of pages."""
    return HostCheck(_own(parts), parts.guard, parts.pages.refused)


def _own(parts: AppServices) -> ASGIApp:
    status = StatusPages(parts.scene(tag=RELOAD_SCRIPT))
    return Starlette(routes=_routes(parts, _ScriptEndpoints(bool(parts.counter_routes), status), status))


def _routes(parts: AppServices, scripts: _ScriptEndpoints, status: StatusPages) -> list[BaseRoute]:
    widget = (WIDGET,) if parts.counter_routes else ()
    return [
        *(Route(f"{PREFIX}/{name}", scripts.script) for name in (*SCRIPTS, *widget)),
        *parts.counter_routes,
        *status.routes(),
        Route(f"{PREFIX}/healthz", healthz),
        WebSocketRoute(RELOAD_SOCKET, ReloadSocket(parts.hub, parts.guard, parts.pages).serve),
    ]


class _SiteBesideOwn:
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
        if is_ours(scope["path"]) or (scope["type"] == "websocket" and self._refused is None):
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


class PortSwitch:
    """``other`` for what comes to ``port``, and ``app`` for all else."""

    def __init__(self, app: ASGIApp, port: int, other: ASGIApp) -> None:
        self._app, self._port, self._other = app, port, other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        server = scope.get("server")
        is_other = server is not None and server[1] == self._port
        await (self._other if is_other else self._app)(scope, receive, send)


class HostCheck:
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


async def healthz(request: Request) -> Response:
    """Whether we live, for machines."""
    return PlainTextResponse("ok\n", headers=PRIVATE)


class _ScriptEndpoints:
    """The scripts for pages, and what stands at the root of a server without a site."""

    def __init__(self, widget: bool, status: StatusPages) -> None:
        self._all = ("reload.js", *([WIDGET] if widget else []))
        self._status = status

    async def root(self, request: Request) -> Response:
        """The status page for a person, and all that one tag should do for a page."""
        if is_navigation(request):
            response = await self._status.page(request)
        else:
            response = script_response(request, script(*self._all))
        response.headers["Vary"] = "Sec-Fetch-Dest, Accept"
        return response

    async def script(self, request: Request) -> Response:
        """One script, by its name."""
        return script_response(request, script(request.scope["path"].rpartition("/")[2]))
