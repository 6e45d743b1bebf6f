"""A pipeline with a played watcher and a played page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, TypeVar

from livereload_loc.changes import Batch, FileChange, Kind, ServedFolder
from livereload_loc.events import Event
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.pipeline.steps.queue import PipelineStep
from livereload_loc.protocol import Did, PageAnswer
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice
from tests.support.waiting import until_async

E = TypeVar("E", bound=Event)


def saved(*paths: str, root: str = "/site", kind: Kind = "modified") -> Batch:
    return Batch(tuple(FileChange(root, path, kind) for path in paths), seen=0.0)


class PlayedPipeline:
    """A pipeline, the watcher that it listens to, a page, and what is reported."""

    def __init__(self, *steps: PipelineStep, exact: bool = False, site: ServedFolder | None = None) -> None:
        self.reports: list[Event] = []
        self.now = 0.0
        self.hub = Hub(run="run-1", exact=exact)
        self.pipeline = ReloadPipeline(
            self.hub, self, self.reports.append, steps=steps, site=site, clock=lambda: self.now, calm=0.01
        )
        self._closing = ExitStack()
        self._events: asyncio.Queue[Batch | IgnoredSave | WatchNotice] = asyncio.Queue()

    async def __aenter__(self) -> PlayedPipeline:
        self._running = asyncio.create_task(self.pipeline.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._closing.close()
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def __aiter__(self) -> AsyncIterator[Batch | IgnoredSave | WatchNotice]:
        while True:
            yield await self._events.get()

    def attend(self) -> None:
        pass

    def see(self, event: Batch | IgnoredSave | WatchNotice) -> None:
        self._events.put_nowait(event)

    def save(self, *paths: str) -> None:
        self.see(saved(*paths))

    async def sent(self, seq: int) -> None:
        await until_async(lambda: self.hub.seq == seq)

    def open_page(self) -> None:
        """Open the page, which stays open until the test ends."""
        self._take_answer = self._closing.enter_context(self.pipeline.pages.open("/"))

    def answer(self, seq: int, did: Did) -> None:
        self._take_answer(PageAnswer(seq, did, ""))

    def of(self, kind: type[E]) -> list[E]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def first(self, kind: type[E]) -> E:
        await until_async(lambda: self.of(kind))
        return self.of(kind)[0]


class Messages:
    """What a page is sent."""

    def __init__(self, hub: Hub) -> None:
        self._subscription = hub.subscribe()
        self._frames = aiter(self._subscription.__enter__())

    async def next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await anext(self._frames))
        return message
