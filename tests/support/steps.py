"""Gates as plain functions, for tests of what stands around them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from livereload_loc.changes import Batch
from livereload_loc.pipeline.steps.base import StepContext
from livereload_loc.protocol import Problem


class PlayedGate:
    """A gate that does what a function does: a problem that it gives lasts until it gives none."""

    def __init__(self, function: Callable[[Batch, StepContext], Awaitable[Batch | Problem]]) -> None:
        self._function = function
        self.problem: Problem | None = None

    async def __call__(self, batch: Batch, way: StepContext) -> Batch:
        outcome = await self._function(batch, way)
        self.problem = outcome if isinstance(outcome, Problem) else None
        return Batch((), batch.seen) if isinstance(outcome, Problem) else outcome
