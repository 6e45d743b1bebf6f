"""The queue that passes batches through the steps, and the interface of a step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol

from livereload_loc.changes import Batch, merged
from livereload_loc.httputil.tasks import PlainTaskGroup
from livereload_loc.protocol import Problem


class PipelineStep(Protocol):
    """A step that each batch passes before it is sent to pages: build, restart."""

    @property
    def problem(self) -> Problem | None:
        """The current problem, None once solved; a new object where pages should show it again."""

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Wait until ``batch`` may be sent to pages, and return what to send.

        The result may contain a build's output, or no changes, so that nothing is sent. Errors of the user's
        code are problems and never raised.
        """


class StepQueue:
    """Passes batches through ``steps``, one at a time, and hands each result to ``deliver``.

    Batches that arrive while another one is in the steps are merged into one. Without steps, :meth:`put`
    delivers before it returns.
    """

    def __init__(self, steps: Sequence[PipelineStep], deliver: Callable[[Batch], None]) -> None:
        self.deliver = deliver
        """Sends a batch to pages without the steps, and reports changes in the steps' problems."""
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
        """Remove the waiting batch from the queue and return it."""
        batch, self._waiting = self._waiting, None
        return batch

    async def wait_for(self, matches: Callable[[Batch], bool]) -> None:
        """Wait until the waiting batch ``matches``; it stays in the queue."""
        while self._waiting is None or not matches(self._waiting):
            self._arrived.clear()
            await self._arrived.wait()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run ``work`` beside the steps, until it ends, is cancelled, or :meth:`run` is."""
        assert self._tasks, "the queue does not run"
        return self._tasks.create_task(work)

    async def run(self) -> None:
        """Pass batches through the steps until cancelled; raises what ``deliver`` raises."""
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
