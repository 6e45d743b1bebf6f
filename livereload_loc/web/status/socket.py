"""The socket of the status page: the whole state at first, and again after each change."""

from __future__ import annotations

import asyncio
import contextlib
import json

from starlette.websockets import WebSocket, WebSocketDisconnect

from livereload_loc.access import Refusal
from livereload_loc.httputil.tasks import background
from livereload_loc.web.refusals import refuse
from livereload_loc.web.status.state import ServerStatus

# Nobody looks at more of these pages at once.
MAX_READERS = 20

# Between two states pass at least PAUSE_SECONDS, and SHARE times as long as it took to make one: so the page
# takes at most a fifth of the time.
PAUSE_SECONDS = 0.1
SHARE = 4


class StatusSocket:
    """The endpoint of ``/_loc/ws/status``: :meth:`serve` takes one reader.

    It shows paths of this machine, so only this server's own pages may read it. Whatever a reader sends ends
    its socket. A slow reader gets the newest state only.
    """

    def __init__(self, status: ServerStatus) -> None:
        self._status = status

    async def serve(self, socket: WebSocket) -> None:
        """Serve one reader until either side goes."""
        if refusal := self._refusal(socket):
            await socket.send_denial_response(refuse(refusal))
            return
        with self._status.record.subscribe() as changed:
            await socket.accept()
            async with background(self._write(socket, changed)):
                with contextlib.suppress(WebSocketDisconnect):
                    with contextlib.suppress(KeyError):  # a binary frame has no "text"
                        await socket.receive_text()
                    await socket.close(1008, "this socket takes no messages")

    def _refusal(self, socket: WebSocket) -> Refusal | None:
        peer = socket.client.host if socket.client else None
        origin, host = socket.headers.get("origin"), socket.headers.get("host")
        refusal = self._status.guard.refuse_onlooker(origin, host, peer)
        if refusal is None and len(self._status.record.subscribers) >= MAX_READERS:
            return Refusal(503, f"more than {MAX_READERS} status pages are open")
        return refusal

    async def _write(self, socket: WebSocket, changed: asyncio.Event) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            changed.clear()
            began = clock()
            frame = json.dumps(self._status.snapshot(socket), separators=(",", ":"))
            took = clock() - began
            await socket.send_text(frame)
            await asyncio.sleep(max(PAUSE_SECONDS, SHARE * took))
            await changed.wait()
