"""Who is measured: each watches a folder and tells its changes over a WebSocket."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.benchmarks.folders import scratch, site
from tests.benchmarks.peers import name_and_version, node, npm_modules
from tests.benchmarks.processes import started
from tests.support.ports import free_port

COMMAND = Path(sys.executable).with_name("loc-dev")
PATIENCE = 60.0


@dataclass(frozen=True)
class Contestant:
    """``command`` makes its command line of a folder and a port."""

    name: str
    command: Callable[[Path, int], list[str]]
    socket: str = "/"
    subprotocol: str | None = None
    tells: tuple[str, ...] = ("update",)
    greeting: str | None = None


LOC_DEV = Contestant(
    "loc-dev watch",
    lambda folder, port: [str(COMMAND), "watch", str(folder), "--port", str(port), "--quiet"],
    socket="/_loc/ws/reload",
    greeting='{"type":"page","url":"/","seq":null,"run":null,"age":0}',
)


def bare(step: int) -> Contestant:
    return Contestant(
        f"bare watchfiles, step {step}",
        lambda folder, port: [
            sys.executable,
            str(Path(__file__).with_name("bare.py")),
            str(folder),
            str(port),
            str(step),
        ],
    )


def vite() -> Contestant | None:
    modules = npm_modules("vite@8")
    if modules is None:
        return None
    options = ("FOLDER", "--port", "PORT", "--strictPort", "--logLevel=error")
    return Contestant(
        name_and_version(modules, "vite"),
        node(modules / "vite/bin/vite.js", *options),
        subprotocol="vite-hmr",
        tells=("full-reload", "update"),
    )


def everybody() -> list[Contestant]:
    others = [bare(50), bare(5), bare(2), vite()]
    return [LOC_DEV, *(other for other in others if other)]


class Listener:
    """A page's end of the socket; what tells of a change is kept with the moment at which it came."""

    def __init__(self, contestant: Contestant, connection: ClientConnection, pid: int, folder: Path) -> None:
        self.contestant = contestant
        self.name = contestant.name
        self.pid = pid
        self.folder = folder
        self.on_word: Callable[[], None] = lambda: None
        self._connection = connection
        self._told: asyncio.Queue[float] = asyncio.Queue()

    async def listen(self) -> None:
        async for frame in self._connection:
            now = time.perf_counter()
            message: dict[str, Any] = json.loads(frame)
            if message.get("type") in self.contestant.tells:
                self.on_word()
                self._told.put_nowait(now)

    def forget(self) -> None:
        """Drop what came so far."""
        while not self._told.empty():
            self._told.get_nowait()

    async def word(self, seconds: float = 5.0) -> float | None:
        """When (``time.perf_counter``) the next change was told; None when none was in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self._told.get()
        except TimeoutError:
            return None

    async def words(self, quiet: float) -> list[float]:
        """All that is told until nothing came for ``quiet`` seconds."""
        found = []
        while (moment := await self.word(quiet)) is not None:
            found.append(moment)
        return found


@asynccontextmanager
async def running(contestant: Contestant, folder: Path) -> AsyncIterator[Listener]:
    """The contestant at work on ``folder`` with one page connected."""
    port = free_port()
    with started(contestant.command(folder, port)) as process:
        connection = await reach(contestant, port)
        listener = Listener(contestant, connection, process.pid, folder)
        task = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await connection.close()


@asynccontextmanager
async def all_running() -> AsyncIterator[list[Listener]]:
    """Everybody at work at the same time, each on a site of its own."""
    async with AsyncExitStack() as stack:
        parent = stack.enter_context(scratch())
        yield [
            await stack.enter_async_context(running(each, site(parent, f"site{number}")))
            for number, each in enumerate(everybody())
        ]


async def reach(contestant: Contestant, port: int) -> ClientConnection:
    """Connect as a page as soon as it accepts."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection = await connect(
                f"ws://localhost:{port}{contestant.socket}",
                subprotocols=[Subprotocol(contestant.subprotocol)] if contestant.subprotocol else None,
                compression=None,
                proxy=None,
            )
            break
        except (OSError, WebSocketException):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
    if contestant.greeting:
        await connection.recv()
        await connection.send(contestant.greeting)
    return connection
