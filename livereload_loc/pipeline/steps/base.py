"""What stands between a change on disk and the pages: a build step, a backend that restarts.

A gate takes a batch and gives it back when the pages may be told, and says what problem forbids it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Protocol

from livereload_loc.changes import Batch
from livereload_loc.protocol import Problem


class StepContext(Protocol):
    """The way that batches go, as a gate sees it that one of them has reached."""

    def take(self) -> Batch | None:
        """What arrived since the last batch left for the gates, as one; it is the gate's from then on."""

    async def arrival(self, matches: Callable[[Batch], bool]) -> None:
        """Wait until what arrived since then ``matches``, which takes none of it."""

    def put(self, batch: Batch) -> None:
        """Send ``batch`` through all gates, after the one that is on its way."""

    def tell(self, batch: Batch) -> None:
        """Tell the pages of ``batch`` now, past all gates, and of what has become of the gates' problems."""

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do ``work`` beside the way, for as long as there is one, or until the task is cancelled."""


class PipelineStep(Protocol):
    """One reason to wait."""

    @property
    def problem(self) -> Problem | None:
        """What is wrong, until it is over: another object each time that it is to be said anew."""

    async def __call__(self, batch: Batch, way: StepContext) -> Batch:
        """Wait until the pages may be told of ``batch``; never raises for what the user's code does.

        It may give back another batch than it took, with the build's output in it, say, or one without
        changes, of which nobody is told: so where there is a problem.
        """
