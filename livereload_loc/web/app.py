"""The ASGI app of each command: the order in which a request is checked and answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp

from livereload_loc.access import PRIVATE
from livereload_loc.pipeline.pages import OpenPages
from livereload_loc.pipeline.seen_requests import SeenRequests
from livereload_loc.urls import PREFIX, RELOAD_SOCKET
from livereload_loc.web.layers import EmbeddingCheck, HostCheck, OwnPages, PortSwitch
from livereload_loc.web.livereload7 import LiveReloadSocket
from livereload_loc.web.reload_socket import ReloadSocket
from livereload_loc.web.script_pages import ScriptPages
from livereload_loc.web.scripts import LIVERELOAD, SCRIPTS, WIDGET, script
from livereload_loc.web.status.pages import StatusPages
from livereload_loc.web.status.state import ServerStatus


@dataclass(frozen=True, slots=True)
class AppServices:
    """What the apps of all commands share.

    ``livereload_port`` also serves LiveReload's clients, where they look for it.
    """

    status: ServerStatus
    pages: OpenPages
    counter_routes: Sequence[BaseRoute] = ()
    livereload_port: int | None = None


def build_app(services: AppServices, site: ASGIApp | None = None, *, proxied: bool = False) -> ASGIApp:
    """Return the app of a server, which a request passes from top to bottom.

    ``site`` is the folder that is served or, if ``proxied``, another server. Without it there are only our
    own pages, beside any dev server, and the scripts at the root.
    """
    guard = services.status.guard
    own, standalone = _own_pages(services)
    layers = [
        # A page under a foreign name gets nothing (DNS rebinding).
        Middleware(HostCheck, guard, services.pages.refused),
        # Our own addresses come before the site's.
        Middleware(OwnPages, own, has_sockets=proxied or site is None),
    ]
    if site and services.livereload_port:
        layers.append(Middleware(PortSwitch, services.livereload_port, standalone))
    if site:
        # Files of the site are not for pages of another site.
        layers.append(Middleware(EmbeddingCheck, guard))
        layers.append(_request_log(services.status.hub.requests))
    if proxied:
        # The tag goes into the pages of the other server; a served folder's pages have it already.
        layers.append(_injection(in_place=services.status.hub.in_place != "off"))
    app = site or standalone
    for layer in reversed(layers):
        app = layer.cls(app, *layer.args, **layer.kwargs)
    return app


def own_app(services: AppServices) -> ASGIApp:
    """Return the app of our own addresses alone, for a middleware."""
    own, _ = _own_pages(services)
    return HostCheck(own, services.status.guard, services.pages.refused)


def _injection(*, in_place: bool) -> Middleware:
    from livereload_loc.inject.asgi import InjectionApp
    from livereload_loc.inject.tag import ScriptLocation

    return Middleware(InjectionApp, ScriptLocation(script("reload.js").integrity, in_place=in_place))


def _request_log(requests: SeenRequests) -> Middleware:
    from livereload_loc.web.request_log import RequestLog

    return Middleware(RequestLog, requests)


def _own_pages(services: AppServices) -> tuple[ASGIApp, ASGIApp]:
    """Return the apps of our own addresses: those below our prefix, and those of a server without a site."""
    hub, guard = services.status.hub, services.status.guard
    status = StatusPages(services.status)
    scripts = ScriptPages(status, widget=bool(services.counter_routes))
    names = (*SCRIPTS, WIDGET) if services.counter_routes else SCRIPTS
    own = [
        *(Route(f"{PREFIX}/{name}", scripts.script) for name in names),
        *services.counter_routes,
        *status.routes(),
        Route(f"{PREFIX}/healthz", _healthz),
        WebSocketRoute(RELOAD_SOCKET, ReloadSocket(hub, guard, services.pages).serve),
    ]
    standalone = [
        Route("/", scripts.root),
        Route(f"/{LIVERELOAD}", scripts.script),
        WebSocketRoute("/livereload", LiveReloadSocket(hub, guard, services.pages).serve),
    ]
    return Starlette(routes=own), Starlette(routes=standalone)


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok\n", headers=PRIVATE)
