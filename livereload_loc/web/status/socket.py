"""The socket of the status page: the whole state at first, and again whenever there is something new."""

from __future__ import annotations

import asyncio
import contextlib
import json

from starlette.websockets import WebSocket, WebSocketDisconnect

from livereload_loc.access import Refusal
from livereload_loc.web.refusals import refuse
from livereload_loc.web.status.state import StatusSnapshot

MAX_READERS = 20
"""Nobody looks at more of these pages at once."""

PAUSE_SECONDS = 0.1
"""Two states are at least this far apart..."""

SHARE = 4
"""...and so many times as long as it took to make one, so that looking costs no more than a fifth."""


class StatusSocket:
    """The endpoint of ``/_loc/ws/status``: :meth:`serve` takes one reader.

    It shows paths of this machine: only pages of this very server get it. Nothing that a reader sends does
    anything but end it. A slow one is told less often, and the newest state only.
    """

    def __init__(self, scene: StatusSnapshot) -> None:
        self._scene = scene
        self._readers = 0

    async def serve(self, socket: WebSocket) -> None:
        """Serve one reader until either side goes."""
        refusal = self._refusal(socket)
        if refusal:
            await socket.send_denial_response(refuse(refusal))
            return
        self._readers += 1
        try:
            await socket.accept()
            await self._tell(socket)
        finally:
            self._readers -= 1

    def _refusal(self, socket: WebSocket) -> Refusal | None:
        host, origin = socket.headers.get("host"), socket.headers.get("origin")
        guard, peer = self._scene.guard, socket.client.host if socket.client else None
        refusal = guard.refuse_host(host) or guard.refuse_onlooker(origin, host, peer)
        if refusal is None and self._readers >= MAX_READERS:
            return Refusal(503, f"more than {MAX_READERS} status pages are open")
        return refusal

    async def _tell(self, socket: WebSocket) -> None:
        news = asyncio.Event()
        with self._scene.record.telling(news.set):
            writing = asyncio.create_task(self._write(socket, news))
            try:
                await socket.receive_text()
                await socket.close(1008, "nothing is to be said here")
            except KeyError:  # a binary frame
                await socket.close(1008, "nothing is to be said here")
            except WebSocketDisconnect:
                pass
            finally:
                writing.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
                    await writing

    async def _write(self, socket: WebSocket, news: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            news.clear()
            began = clock()
            frame = json.dumps(self._scene.state(socket), separators=(",", ":"))
            took = clock() - began
            await socket.send_text(frame)
            await asyncio.sleep(max(PAUSE_SECONDS, SHARE * took))
            await news.wait()
