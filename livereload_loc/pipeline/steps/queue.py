"""The way through the gates: one batch at a time, and those that arrive meanwhile become one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from livereload_loc.changes import Batch, merged
from livereload_loc.httputil.tasks import PlainTaskGroup
from livereload_loc.pipeline.steps.base import PipelineStep
from livereload_loc.protocol import Problem


class StepQueue:
    """Sends batches through ``gates`` in order, and hands what comes out to ``deliver``.

    Where there are no gates, ``put`` hands a batch on before it returns.
    """

    def __init__(self, gates: Sequence[PipelineStep], deliver: Callable[[Batch], None]) -> None:
        self._gates, self._deliver = gates, deliver
        self._waiting: Batch | None = None
        self._arrived = asyncio.Event()
        self._more = asyncio.Event()
        self._beside: asyncio.TaskGroup | None = None

    @property
    def problem(self) -> Problem | None:
        """What is wrong at the first gate where something is."""
        return next(filter(None, (gate.problem for gate in self._gates)), None)

    def put(self, batch: Batch) -> None:
        """Send ``batch`` on its way, with those that wait already."""
        if self._gates:
            self._waiting = merged(self._waiting, batch)
            self._arrived.set()
            self._more.set()
        else:
            self._deliver(batch)

    def take(self) -> Batch | None:
        """What waits, which does so no longer."""
        batch, self._waiting = self._waiting, None
        self._arrived.clear()
        return batch

    async def arrival(self, matches: Callable[[Batch], bool]) -> None:
        """Wait until what waits ``matches``; it goes on waiting."""
        while self._waiting is None or not matches(self._waiting):
            self._more.clear()
            await self._more.wait()

    def tell(self, batch: Batch) -> None:
        """Hand ``batch`` on as if it had come through the gates."""
        self._deliver(batch)

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do ``work`` until it ends or the way does."""
        assert self._beside, "the way is not open"
        return self._beside.create_task(work)

    async def run(self) -> None:
        """Carry batches until cancelled; what ``deliver`` raises comes out here."""
        async with PlainTaskGroup() as self._beside:
            while True:
                await self._arrived.wait()
                batch = self.take()
                if batch:
                    self._deliver(await self._passed(batch))

    async def _passed(self, batch: Batch) -> Batch:
        """What comes out of ``batch``; where nothing is left of it, the way ends."""
        for gate in self._gates:
            batch = await gate(batch, self)
            if not batch.changes:
                break
        return batch
