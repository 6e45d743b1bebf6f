"""How the status is told: seldom enough, and to a slow reader the newest only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from tests.support.in_loop import in_loop
from tests.support.waiting import until_async


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
        await until_async(lambda: len(self.frames) >= count)
        return self.frames


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[EventRecord, Reader]]:
    """Serve a reader, which has gone after the block."""
    record, reader = EventRecord(), Reader()
    socket = StatusSocket(ServerStatus(Hub(), Guard(), cast(Watcher, Watched()), record))
    task = asyncio.create_task(socket.serve(cast(WebSocket, reader)))
    yield record, reader
    reader.gone.set()
    await task
    assert record.subscribers == []


@in_loop
async def test_a_slow_reader_gets_the_newest_only() -> None:
    async with serving() as (record, reader):
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


@in_loop
async def test_a_reader_that_does_not_read_can_leave() -> None:
    async with serving() as (record, reader):
        record(ChangeIgnored("a", ""))
        await asyncio.sleep(0)
        assert reader.frames == []
