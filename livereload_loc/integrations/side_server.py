"""A small server beside an app whose own server has no WebSockets: WSGI, and Django under ASGI."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Sequence

from livereload_loc.errors import LocError
from livereload_loc.httputil.log import logger
from livereload_loc.integrations.activation import MiddlewareOptions
from livereload_loc.integrations.reload_service import ReloadService
from livereload_loc.pipeline.steps.queue import PipelineStep
from livereload_loc.server.sockets import listen
from livereload_loc.server.uvicorn_server import serve_while
from livereload_loc.settings import LOOPBACK
from livereload_loc.web.app import build_app

# The ports that are assigned to nobody (RFC 6335, section 6).
FIRST_PORT, LAST_PORT = 49_152, 65_500


def stable_port(folder: str) -> int:
    """Return the port for a project folder: always the same, so that a restarted process comes back to it."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(folder))).digest()
    return FIRST_PORT + int.from_bytes(digest[:4]) % (LAST_PORT - FIRST_PORT)


class SideServer:
    """Watches, and serves the reload socket on the loopback addresses, from a thread of its own.

    It lives as long as the process and never keeps it from ending.

    Raises:
        LocError: no port is free.
        ValueError: one of ``allow_origins`` is no origin.
    """

    def __init__(self, options: MiddlewareOptions, *, steps: Sequence[PipelineStep] = ()) -> None:
        self._service = ReloadService(options, steps=steps)
        self._sockets = listen([LOOPBACK], stable_port(os.getcwd()), near=True)
        self.guard, self.hub = self._service.guard, self._service.hub
        self.script_location = self._service.script_location(int(self._sockets[0].getsockname()[1]))
        self.pid = os.getpid()
        """The process that it runs in; a fork has the object, but not the thread."""
        threading.Thread(target=self._run, name="loc-dev", daemon=True).start()

    def _run(self) -> None:
        """Serve; an error is logged, and the app goes on without us."""
        try:
            asyncio.run(self._serve())
        except LocError as error:
            logger.error("Pages do not reload: %s", error)
        except Exception:
            logger.exception("Pages do not reload")

    async def _serve(self) -> None:
        service = self._service
        async with service.watcher:
            app = build_app(service.app_services)
            await serve_while(app, self._sockets, service.pipeline.run())
