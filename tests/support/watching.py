"""Watches for real, and waits for what the watcher says: never for a time, always for an event."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from livereload_loc.changes import Batch
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice
from livereload_loc.watcher.sources.watchfiles import WatchfilesSource
from livereload_loc.watcher.system import WatchSystem
from livereload_loc.watcher.watcher import Watcher
from tests.support.waiting import DEADLINE, until_async

SILENCE = 0.2
"""Seconds for which nothing may come where silence is what is shown: many times what a save takes."""

TRIES = 5
"""How often what takes several steps is tried: a busy machine may halt it between two of them."""


class Seen:
    """What one watcher has said so far."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self.batches: list[Batch] = []
        self.ignored: list[IgnoredSave] = []
        self.notices: list[WatchNotice] = []
        self._read = 0
        self._news = asyncio.Event()

    async def follow(self) -> None:
        async for event in self.watcher:
            if isinstance(event, Batch):
                self.batches.append(event)
            elif isinstance(event, IgnoredSave):
                self.ignored.append(event)
            else:
                self.notices.append(event)
            self._news.set()

    async def until(self, happened: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                while not happened():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not seen; {self.batches=} {self.ignored=} {self.notices=}") from None

    async def batch(self) -> dict[str, str]:
        """Return the next batch, as path -> kind."""
        await self.until(lambda: len(self.batches) > self._read)
        self._read += 1
        return {change.path: change.kind for change in self.batches[self._read - 1].changes}

    async def all_of(self, paths: Iterable[str]) -> int:
        """Wait until each of ``paths`` was reported; return in how many batches they came."""
        wanted, start = set(paths), self._read

        def reported() -> set[str]:
            return {change.path for batch in self.batches[start:] for change in batch.changes}

        await self.until(lambda: wanted <= reported())
        self._read = len(self.batches)
        return self._read - start

    async def nothing(self, seconds: float = SILENCE) -> None:
        await asyncio.sleep(seconds)
        assert self.batches[self._read :] == []

    async def skip(self) -> None:
        """Let pass what the rest of a halted save brings."""
        await asyncio.sleep(SILENCE)
        self._read = len(self.batches)

    async def one(self, **changes: str) -> None:
        """Exactly one batch with exactly these ``changes``, and none after it."""
        assert await self.batch() == changes
        await self.nothing()

    async def one_of_steps(self, path: str, save: Callable[[], object]) -> None:
        """Show that ``save``, which takes several steps, is one change of ``path`` and nothing else."""
        for _ in range(TRIES):
            save()
            if await self.batch() == {path: "modified"}:
                return await self.nothing()
            await self.skip()
        raise AssertionError("it is never one change")


@asynccontextmanager
async def watching(*paths: Path | str, **options: Any) -> AsyncIterator[Seen]:
    before = threading.active_count()
    async with Watcher(paths, **options) as watcher:
        seen = Seen(watcher)
        reading = asyncio.create_task(seen.follow())
        yield seen
    await reading
    await until_async(lambda: threading.active_count() <= before, "a thread is left")


def watching_portably(*paths: Path | str) -> AbstractAsyncContextManager[Seen]:
    """Watch as on macOS and Windows, without inotify and leases."""
    return watching(*paths, system=WatchSystem(WatchfilesSource(map(str, paths)), leases=False))


Watching = Callable[..., AbstractAsyncContextManager[Seen]]

either_source = pytest.mark.parametrize(
    "watching", [watching, watching_portably], ids=["inotify", "watchfiles"]
)
"""Runs a test with the source of Linux and with that of other systems."""

_CHILD = """
import asyncio, json, sys
from livereload_loc.changes import Batch
from livereload_loc.watcher.watcher import Watcher

async def main():
    async with Watcher(sys.argv[1:]) as watcher:
        print(json.dumps({"ready": watcher.files}), flush=True)
        async for event in watcher:
            if isinstance(event, Batch):
                said = {"batch": [change.path for change in event.changes]}
            else:
                said = {type(event).__name__: str(event)}
            print(json.dumps(said), flush=True)

asyncio.run(main())
"""


class Child:
    """A watcher in a process of its own, for what can't be done to this one."""

    def __init__(self, *paths: Path, prefix: Iterable[str] = ()) -> None:
        self.said: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "-c", _CHILD, *map(os.fspath, paths)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Child:
        self.until(lambda: any("ready" in line for line in self.said))
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def paths(self) -> set[str]:
        """All paths that were reported."""
        return {path for line in self.said for path in line.get("batch", ())}

    def notices(self) -> str:
        return "\n".join(line["WatchNotice"] for line in self.said if "WatchNotice" in line)

    def until(self, happened: Callable[[], bool], deadline: float = 2 * DEADLINE) -> None:
        end = time.monotonic() + deadline
        with self._news:
            while not happened():
                assert self.process.poll() is None, "the watcher has ended"
                assert self._news.wait(max(0.0, end - time.monotonic())), f"not seen; {self.said[-20:]=}"

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.said.append(json.loads(line))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()
