"""How the status is told: seldom enough, and to a slow reader the newest only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, cast

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from livereload_loc.access import Guard
from livereload_loc.events import ChangeIgnored
from livereload_loc.pipeline.hub import Hub
from livereload_loc.watcher.watcher import Watcher
from livereload_loc.web.status.record import EventRecord
from livereload_loc.web.status.socket import StatusSocket
from livereload_loc.web.status.state import ServerStatus


class Watched:
    roots = ("/site",)
    files = 1
    polled = ()
    ignore = ()
    gitignore = True


class Reader(HTTPConnection):
    """A page that reads when it is told to."""

    def __init__(self) -> None:
        headers = [(b"host", b"localhost"), (b"origin", b"http://localhost")]
        scope = {"type": "websocket", "scheme": "ws", "path": "/_loc/ws/status", "headers": headers}
        super().__init__(
            {**scope, "server": ("localhost", 80), "query_string": b"", "client": ("127.0.0.1", 1)}
        )
        self.reads = asyncio.Semaphore(0)
        self.frames: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def accept(self) -> None: ...

    async def send_text(self, frame: str) -> None:
        await self.reads.acquire()
        self.frames.append(json.loads(frame))

    async def receive_text(self) -> str:
        await self.gone.wait()
        raise WebSocketDisconnect(1001)

    async def read(self, count: int) -> list[dict[str, Any]]:
        """Read on until there were so many frames."""
        self.reads.release()
        async with asyncio.timeout(10):
            while len(self.frames) < count:
                await asyncio.sleep(0.001)
        return self.frames


def play(scenario: Callable[[EventRecord, Reader], Awaitable[None]]) -> None:
    async def run() -> None:
        record, reader = EventRecord(), Reader()
        socket = StatusSocket(ServerStatus(Hub(), Guard(), cast(Watcher, Watched()), record))
        serving = asyncio.ensure_future(socket.serve(cast(WebSocket, reader)))
        await scenario(record, reader)
        reader.gone.set()
        async with asyncio.timeout(10):
            await serving
        assert record._subscribers == []

    asyncio.run(run())


def test_a_slow_reader_gets_the_newest_only() -> None:
    async def scenario(record: EventRecord, reader: Reader) -> None:
        assert len(await reader.read(1)) == 1
        record(ChangeIgnored("first", ""))
        await asyncio.sleep(0)
        for number in range(50):
            record(ChangeIgnored(f"{number}", ""))
        frames = await reader.read(2)
        while len(frames[-1]["ignored"]) < 51:
            frames = await reader.read(len(frames) + 1)
        assert len(frames) <= 3
        assert frames[-1]["ignored"][0]["path"] == "49"

    play(scenario)


def test_a_reader_that_does_not_read_can_leave() -> None:
    async def scenario(record: EventRecord, reader: Reader) -> None:
        record(ChangeIgnored("a", ""))
        await asyncio.sleep(0)
        assert reader.frames == []

    play(scenario)
