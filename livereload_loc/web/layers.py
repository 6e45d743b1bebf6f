"""The layers around a source: each may answer a request, or passes it on to the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.access import Guard, Refusal
from livereload_loc.httputil.headers import header
from livereload_loc.urls import is_ours
from livereload_loc.web.refusals import refuse


class HostCheck:
    """Refuses requests and sockets under a foreign name (DNS rebinding); ``refused`` is called with each."""

    def __init__(self, app: ASGIApp, guard: Guard, refused: Callable[[Refusal], None]) -> None:
        self._app, self._refused = app, refused
        self._refuse_host = lru_cache(maxsize=64)(guard.refuse_host)  # browsers repeat a few names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refuse_host(header(scope, b"host"))
        if refusal:
            self._refused(refusal)
            await refuse(refusal)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class OwnPages:
    """Answers our own addresses with ``own``, and all sockets unless the app ``has_sockets``, too."""

    def __init__(self, app: ASGIApp, own: ASGIApp, *, has_sockets: bool) -> None:
        self._app, self._own, self._has_sockets = app, own, has_sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_own = is_ours(scope["path"]) or (scope["type"] == "websocket" and not self._has_sockets)
        await (self._own if is_own else self._app)(scope, receive, send)


class PortSwitch:
    """Answers what comes to ``port`` with ``other``."""

    def __init__(self, app: ASGIApp, port: int, other: ASGIApp) -> None:
        self._app, self._port, self._other = app, port, other

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = scope.get("server")
        is_other = server is not None and server[1] == self._port
        await (self._other if is_other else self._app)(scope, receive, send)


class EmbeddingCheck:
    """Refuses to be a script, style or image of another site's page."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        self._app, self._guard = app, guard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        site, mode = header(scope, b"sec-fetch-site"), header(scope, b"sec-fetch-mode")
        refusal = self._guard.refuse_embedding(site, mode)
        await (refuse(refusal) if refusal else self._app)(scope, receive, send)
