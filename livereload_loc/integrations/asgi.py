"""``LiveReloadMiddleware`` for ASGI apps: Starlette, FastAPI, Quart, Litestar.

It is on only when the framework's debug flag is, or when ``LOC_DEV=1`` says so. In production it costs one
comparison a request and adds no address.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from livereload_loc.httputil.log import logger
from livereload_loc.integrations.activation import MiddlewareOptions, OptionalMiddleware
from livereload_loc.urls import ROOT_PATH, is_ours

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The code with which servers close sockets when they stop (WebSocket close code registry).
RESTARTING = 1012


class LiveReloadMiddleware(OptionalMiddleware["ASGIApp"]):
    """Reloads the pages of an ASGI app when watched files change; ``__init__`` describes the options."""

    _active: _ActiveMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or pass it on where the middleware is off."""
        if self._enabled is None:
            # Quart's asgi_app is a method of the app, which has the debug flag.
            self._decide(scope.get("app") or getattr(self._app, "__self__", self._app))
        if not self._enabled:
            await self._app(scope, receive, send)
            return
        if self._active is None or self._active.stopped:
            self._active = _ActiveMiddleware(self._app, self._options, scope.get("app"))
        root_path = scope.get("root_path", "")
        try:
            await self._active.app_for(scope)(scope, receive, send)
        except Exception:
            scope[ROOT_PATH] = root_path  # for the page of the error
            raise


class _ActiveMiddleware:
    """The middleware while it is on, for one lifespan; one that is off imports nothing of this.

    ``framework`` is the app that it was added to.
    """

    def __init__(self, app: ASGIApp, options: MiddlewareOptions, framework: object) -> None:
        from livereload_loc.inject.asgi import InjectionApp
        from livereload_loc.integrations.reload_service import ReloadService
        from livereload_loc.integrations.starlette_errors import tag_error_pages
        from livereload_loc.web.app import own_app
        from livereload_loc.web.request_log import RequestLog

        self._app = app
        self._service = ReloadService(options)
        self._own = own_app(self._service.app_services)
        location = self._service.script_location()
        self._pages = RequestLog(InjectionApp(app, location), self._service.hub.requests)
        tag_error_pages(framework, location)
        self._watching: asyncio.Task[None] | None = None
        self._watch_begun = asyncio.Event()  # also set when it has failed or ended
        self._server_stops = False
        self.stopped = False
        """Whether the app's lifespan has ended; the next one needs a new object."""

    def app_for(self, scope: Scope) -> ASGIApp:
        """Return the app that serves ``scope``."""
        if scope["type"] == "lifespan":
            return self._lifespan
        if not self._watch_begun.is_set():
            return self._first
        path = scope["path"]
        if root := scope.get("root_path"):
            path = path.removeprefix(root.rstrip("/"))
        if not is_ours(path):
            return self._pages
        return self._socket if scope["type"] == "websocket" else self._own

    async def _first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what comes before we watch: a save in between would not reach its page."""
        await self._start()
        await self.app_for(scope)(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page's socket, but refuse it while the server stops, which would wait for it."""

        async def noticing_the_end() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect" and message.get("code") == RESTARTING:
                self._server_stops = True
            return message

        if self._server_stops:
            await receive()
            await send({"type": "websocket.close", "code": RESTARTING})
        else:
            await self._own(scope, noticing_the_end, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch from start-up to shutdown; without a lifespan the first request starts the watch."""

        async def following() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._start()
            elif message["type"] == "lifespan.shutdown":
                await self._stop()
            return message

        try:
            await self._app(scope, following, send)
        finally:
            await self._stop()

    async def _start(self) -> None:
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
        await self._watch_begun.wait()

    async def _stop(self) -> None:
        """Stop watching. An app that refuses lifespans has not started yet, and starts with a request."""
        watching, self._watching = self._watching, None
        if watching is None:
            return
        self.stopped = True
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
        self._watch_begun.set()  # also where the task was cancelled before it ran

    async def _watch(self) -> None:
        """Watch until cancelled; an error is logged, and the app goes on without us."""
        try:
            async with self._service.watcher:
                self._watch_begun.set()
                await self._service.pipeline.run()
        except Exception as error:
            logger.error("Pages do not reload: %s", error)
        finally:
            self._watch_begun.set()
