"""The queue of batches before the pages, and the interface of the steps that each batch passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol

from livereload_loc.changes import Batch, merged
from livereload_loc.httputil.tasks import PlainTaskGroup
from livereload_loc.protocol import Problem


class PipelineStep(Protocol):
    """Something that a batch passes before pages are told of it: a build, a restart."""

    @property
    def problem(self) -> Problem | None:
        """What is wrong, until it is solved; a new object each time that pages are to show it anew."""

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Wait until pages may be told of ``batch``, and return what to tell them.

        The result may be another batch: with a build's output in it, or without changes where pages are to
        be told nothing, as while there is a problem. What the user's code does never raises here.
        """


class StepQueue:
    """Passes batches through ``steps``, one at a time, and hands each result to ``deliver``.

    Batches that arrive while another one is in the steps are merged into one. Without steps, :meth:`put`
    delivers before it returns.
    """

    def __init__(self, steps: Sequence[PipelineStep], deliver: Callable[[Batch], None]) -> None:
        self.deliver = deliver
        """Tells pages of a batch at once, past all steps, and of any change in the steps' problems."""
        self._steps = steps
        self._waiting: Batch | None = None
        self._arrived = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None

    @property
    def problem(self) -> Problem | None:
        """The problem of the first step that has one."""
        return next(filter(None, (step.problem for step in self._steps)), None)

    def put(self, batch: Batch) -> None:
        """Add ``batch`` to what waits for the steps."""
        if self._steps:
            self._waiting = merged(self._waiting, batch)
            self._arrived.set()
        else:
            self.deliver(batch)

    def take(self) -> Batch | None:
        """Remove what waits from the queue and return it: the caller is responsible for it from then on."""
        batch, self._waiting = self._waiting, None
        return batch

    async def wait_for(self, matches: Callable[[Batch], bool]) -> None:
        """Wait until what waits for the steps ``matches``; it stays in the queue."""
        while self._waiting is None or not matches(self._waiting):
            self._arrived.clear()
            await self._arrived.wait()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run ``work`` beside the steps, until it ends, is cancelled, or :meth:`run` is."""
        assert self._tasks, "the queue does not run"
        return self._tasks.create_task(work)

    async def run(self) -> None:
        """Pass batches through the steps until cancelled; what ``deliver`` raises comes out here."""
        async with PlainTaskGroup() as self._tasks:
            while True:
                await self.wait_for(lambda batch: True)
                if batch := self.take():
                    self.deliver(await self._pass(batch))

    async def _pass(self, batch: Batch) -> Batch:
        for step in self._steps:
            batch = await step(batch, self)
            if not batch.changes:
                break
        return batch
