"""Steps as plain functions, for tests of what is around them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from livereload_loc.changes import Batch
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem


class PlayedStep:
    """A step that does what a function does: a problem that it gives lasts until it gives none."""

    def __init__(self, function: Callable[[Batch, StepQueue], Awaitable[Batch | Problem]]) -> None:
        self._function = function
        self.problem: Problem | None = None

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        outcome = await self._function(batch, queue)
        self.problem = outcome if isinstance(outcome, Problem) else None
        return Batch((), batch.seen) if isinstance(outcome, Problem) else outcome
