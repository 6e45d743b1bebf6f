"""A small server beside an app whose own server has no WebSockets: WSGI, and Django under ASGI."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import socket
import threading
from collections.abc import Sequence

from livereload_loc.access import Guard
from livereload_loc.errors import LocError
from livereload_loc.events import fan_out
from livereload_loc.httputil.hosts import normal_origins
from livereload_loc.integrations.activation import CODE, log, logger
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.pipeline.steps.queue import PipelineStep
from livereload_loc.server.sockets import listen_near
from livereload_loc.server.uvicorn_server import serve_beside
from livereload_loc.settings import LOOPBACK
from livereload_loc.watcher.watcher import Watcher
from livereload_loc.web.app import AppServices, watch_app
from livereload_loc.web.status.record import EventRecord

FIRST_PORT, LAST_PORT = 49_152, 65_500
"""The ports that nobody is assigned (RFC 6335, section 6)."""


def stable_port(folder: str) -> int:
    """The port for a project folder: the same each time, so that a restarted process comes back to it."""
    digest = hashlib.sha256(os.fsencode(os.path.realpath(folder))).digest()
    return FIRST_PORT + int.from_bytes(digest[:4]) % (LAST_PORT - FIRST_PORT)


class SideServer:
    """Watches, and serves the reload socket at ``port`` of the loopback addresses, from a thread of its own.

    It lives as long as the process and never keeps it from ending.

    Raises:
        LocError: there is no port to be had.
        ValueError: an origin is none.
    """

    def __init__(
        self,
        watch: Sequence[str | os.PathLike[str]],
        *,
        ignore: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        allow_origins: Sequence[str] = (),
        steps: Sequence[PipelineStep] = (),
    ) -> None:
        self.guard = Guard(hosts=frozenset(allow_hosts), origins=normal_origins(allow_origins))
        self._watch, self._ignore, self._steps = tuple(watch), (CODE, *ignore), tuple(steps)
        self._sockets = listen_near(LOOPBACK, stable_port(os.getcwd()))
        self.port = int(self._sockets[0].getsockname()[1])
        self.run = secrets.token_hex(8)
        """What its pages know it by."""
        self.pid = os.getpid()
        """The process that it runs in; a fork has the object, but not the thread."""
        threading.Thread(target=self._run, name="loc-dev", daemon=True).start()

    def _run(self) -> None:
        """The thread: what goes wrong is logged, and the app goes on without us."""
        try:
            asyncio.run(self._serve(self._sockets))
        except LocError as error:
            logger.error("Pages do not reload: %s", error)
        except Exception:
            logger.exception("Pages do not reload")

    async def _serve(self, sockets: list[socket.socket]) -> None:
        hub = Hub(run=self.run)
        watcher = Watcher(self._watch, ignore=self._ignore, attended=lambda: hub.subscribers > 0)
        record = EventRecord()
        pipeline = ReloadPipeline(hub, watcher, fan_out(record, log), steps=self._steps)
        async with watcher:
            parts = AppServices(hub, pipeline.pages, self.guard, watcher, record, tagged=True, command=False)
            await serve_beside(watch_app(parts), sockets, pipeline.run(), lambda: None)
