"""``LiveReloadMiddleware`` for ASGI apps: Starlette, FastAPI, Quart, Litestar.

In production it costs one comparison a request and answers nothing: it is on only when the framework's
debug flag is, or when ``LOC_DEV=1`` says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from livereload_loc.integrations.activation import CODE, log, logger, wanted
from livereload_loc.urls import RELOAD_SCRIPT, RELOAD_SOCKET, ROOT_PATH, is_ours

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

RESTARTING = 1012
"""The code with which servers close sockets when they stop (WebSocket close code registry)."""


class LiveReloadMiddleware:
    """Reloads the pages of ``app`` when files below ``watch`` change.

    ``watch`` names folders and files, relative to the working folder. ``enabled`` None means: on when the
    framework's debug flag is, or ``LOC_DEV=1``; otherwise off, said in one log line. ``ignore`` are patterns
    as in .gitignore, ``allow_hosts`` and ``allow_origins`` names beyond those of this machine. Python files
    are ignored: pages reload once the app has restarted with them.

    Several workers would each watch and each tell their own pages only, so with them it stays off.

    Where a path to watch does not exist, that is logged, and pages do not reload.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        watch: Sequence[str | os.PathLike[str]] = (".",),
        enabled: bool | None = None,
        ignore: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        allow_origins: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._watch, self._ignore = tuple(watch), tuple(ignore)
        self._hosts, self._origins = tuple(allow_hosts), tuple(allow_origins)
        self._enabled = enabled
        self._live: _ActiveMiddleware | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or pass it on where the middleware is off."""
        if self._enabled is None:
            # Quart's asgi_app is a method of the app that knows whether it is in debug.
            framework = scope.get("app") or getattr(self._app, "__self__", self._app)
            self._enabled = wanted(debug=bool(getattr(framework, "debug", False)))
        if not self._enabled:
            await self._app(scope, receive, send)
            return
        live = self._live
        if live is None or live.stopped:
            live = self._live = _ActiveMiddleware(self, scope.get("app"))
        root_path = scope.get("root_path", "")
        try:
            await live.app_for(scope)(scope, receive, send)
        except Exception:
            scope[ROOT_PATH] = root_path  # for the page of the error
            raise


class _ActiveMiddleware:
    """What only an enabled middleware has, and imports. ``framework`` is the app that it was added to."""

    def __init__(self, owner: LiveReloadMiddleware, framework: object) -> None:
        from livereload_loc.access import Guard
        from livereload_loc.events import fan_out
        from livereload_loc.httputil.hosts import normal_origins
        from livereload_loc.inject.asgi import InjectionApp
        from livereload_loc.inject.page import ScriptLocation
        from livereload_loc.integrations.starlette_errors import tag_error_pages
        from livereload_loc.pipeline.hub import Hub
        from livereload_loc.pipeline.pipeline import ReloadPipeline
        from livereload_loc.watcher.watcher import Watcher
        from livereload_loc.web.app import AppServices, own_app
        from livereload_loc.web.scripts import script
        from livereload_loc.web.status.record import EventRecord

        self._app = owner._app
        hub = Hub()
        ignore = (CODE, *owner._ignore)
        self._watcher = Watcher(owner._watch, ignore=ignore, attended=lambda: hub.subscribers > 0)
        record = EventRecord()
        self._pipeline = ReloadPipeline(hub, self._watcher, fan_out(record, log))
        guard = Guard(hosts=frozenset(owner._hosts), origins=normal_origins(owner._origins))
        parts = AppServices(
            hub, self._pipeline.pages, guard, self._watcher, record, tagged=True, command=False
        )
        self._own = own_app(parts)
        where = ScriptLocation(RELOAD_SCRIPT, RELOAD_SOCKET, script("reload.js").integrity, run=hub.run)
        self._pages = InjectionApp(owner._app, where)
        tag_error_pages(framework, where)
        self._work: asyncio.Task[None] | None = None
        self._armed = asyncio.Event()
        self._is_armed = False  # the same, for each request to look at
        self._closing = False
        self.stopped = False
        """Whether the app's lifespan has ended; one that begins again needs another one of these."""

    def app_for(self, scope: Scope) -> ASGIApp:
        """Who answers what ``scope`` is of."""
        if scope["type"] == "lifespan":
            return self._lifespan
        if not self._is_armed:
            return self._first
        path = scope["path"]
        if root := scope.get("root_path"):
            path = path.removeprefix(root.rstrip("/"))
        if not is_ours(path):
            return self._pages
        return self._socket if scope["type"] == "websocket" else self._own

    async def _first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what came before we watched: a save in between would be lost to its page."""
        await self._start()
        await self.app_for(scope)(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page's socket, but none that comes while the server stops: it would wait for that one."""

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect" and message.get("code") == RESTARTING:
                self._closing = True
            return message

        if self._closing:
            await receive()
            await send({"type": "websocket.close", "code": RESTARTING})
        else:
            await self._own(scope, heard, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch from start-up to shutdown; servers that know no lifespan start us with the first request."""

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._start()
            elif message["type"] == "lifespan.shutdown":
                await self._stop()
            return message

        try:
            await self._app(scope, heard, send)
        finally:
            await self._stop()

    async def _start(self) -> None:
        if self._work is None:
            self._work = asyncio.create_task(self._watch())
        await self._armed.wait()

    def _arm(self) -> None:
        self._is_armed = True
        self._armed.set()

    async def _stop(self) -> None:
        """Watch no longer, and hold up nobody who waits for the watch to begin. Nothing is stopped by an app
        that knows no lifespan, and refuses it: it is the first request that starts us then."""
        work, self._work = self._work, None
        if work is None:
            return
        self.stopped = True
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        self._arm()

    async def _watch(self) -> None:
        """Watch until cancelled; what goes wrong is logged, and the app goes on without us."""
        try:
            async with self._watcher:
                self._arm()
                await self._pipeline.run()
        except Exception as error:
            logger.error("Pages do not reload: %s", error)
        finally:
            self._arm()
