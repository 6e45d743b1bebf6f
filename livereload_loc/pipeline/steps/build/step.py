"""The build step: runs a command after a change, before the pages update."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from livereload_loc.changes import Batch, ServedFolder, merged
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.steps.build.contents import File, read
from livereload_loc.pipeline.steps.build.outputs import LATE_SECONDS, BuildOutputs, Changes
from livereload_loc.pipeline.steps.build.selection import OutputSelector
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem

# Seconds that a pause is longer than outputs may be late, at least: time for a person to save.
APPEAR_SECONDS = 0.2
# Seconds between two checks for files that a run deletes.
_LOOK_SECONDS = 0.1
# The number of checks for a save in one pause.
_LOOKS = 20


@dataclass(frozen=True, slots=True)
class BuildDelays:
    """The delays of the build step, in seconds.

    After a run it waits ``calm`` for further output, and ``expected`` for the first output of a build that is
    known to write some. Before a test that is not the first it waits as long as a run takes, ``pause`` at
    most; before one that may remove and rewrite what pages were just told to load, ``load``.
    """

    calm: float = 0.03
    expected: float = 0.2
    pause: float = 2.0
    load: float = 0.3


DELAYS = BuildDelays()


class BuildStep:
    """Runs a build for each batch; ``run`` returns the problem if it fails.

    Files that are saved while it runs are built in one further run; its own outputs start no run. Pages are
    told of outputs that differ from what they were told before, in place of sources that no page shows. They
    are told what a failed run should have shown after the next good one. ``site`` is the served folder, if
    any; ``poll`` is the time in seconds between two polls of the watcher.
    """

    def __init__(
        self,
        run: Callable[[], Awaitable[Problem | None]],
        *,
        site: ServedFolder | None = None,
        poll: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        delays: BuildDelays = DELAYS,
    ) -> None:
        self.problem: Problem | None = None
        """How the last run failed, if it did."""
        self._run, self._poll, self._delays = run, poll, delays
        self._clock, self._sleep = clock, sleep
        self._outputs = BuildOutputs(LATE_SECONDS + poll)
        self._selector = OutputSelector(self._outputs, site)
        self._runs = 0
        self._seconds = 0.0  # that the last run took
        self._paused = False  # since the last run
        self._arrived: Batch | None = None  # during the run
        self._deleted: set[File] = set()  # during the run, if only for a while
        self._writes = True  # until a run has written nothing
        self._unsure: Changes = ()

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Build, unless ``batch`` is only output of the last run; return what to tell pages."""
        batch, sources = await self._sources(batch, queue)
        nothing = Batch((), batch.seen)
        if not sources:
            if not self.problem:
                return await self._selector.select_late(batch)
            self._selector.postpone(batch)
            return nothing
        problem = await self._build(sources, queue)
        arrived = await self._wait_for_outputs(queue)
        written = arrived.changes if arrived else ()
        found = await read(written)
        before, self._unsure = self._unsure, self._outputs.learn(written, found)
        if not self._outputs.was_test or problem != self.problem:
            self.problem = problem
        if problem:
            self._selector.postpone(batch, arrived)
            self._schedule_test(batch.seen, queue)
            return nothing
        self._selector.forget(change for change in written if change.file in self._deleted)
        selected = await self._selector.select(batch, before, written, found, settled=not self._unsure)
        self._schedule_test(batch.seen, queue, self._delays.load if selected.changes else 0.0)
        return selected

    async def _sources(self, batch: Batch, queue: StepQueue) -> tuple[Batch, Changes]:
        """Return ``batch``, with what arrived in a pause, and those of its changes that may be saves."""
        if not self._outputs.is_late(batch):
            self._outputs.saved(batch.changes)
            return batch, batch.changes
        found = await read(self._outputs.unknown(batch.changes))
        sources = self._outputs.learn(batch.changes, found, late=True)
        if not sources:
            return batch, ()
        self._writes = True
        pauses = self._outputs.unsettled and not self._paused
        more = await self._pause(queue) if pauses else None
        if more is None:
            return batch, sources
        more, further = await self._sources(more, queue)
        return merged(batch, more) or batch, (*sources, *further)

    async def _build(self, sources: Changes, queue: StepQueue) -> Problem | None:
        self._outputs.began(sources)
        self._runs += 1
        self._paused, self._deleted = False, set()
        began = self._clock()
        async with background(self._look_for_deletions(queue)):
            problem = await self._run()
        self._outputs.ended = self._clock()
        self._seconds = self._outputs.ended - began
        return problem

    async def _look_for_deletions(self, queue: StepQueue) -> None:
        """Collect changes during the run: a file that is deleted and rewritten would seem just modified."""
        while True:
            await self._sleep(_LOOK_SECONDS)
            self._take(queue)

    def _take(self, queue: StepQueue) -> Batch | None:
        batch = queue.take()
        if batch:
            self._arrived = merged(self._arrived, batch)
            self._deleted |= {change.file for change in batch.changes if change.kind == "deleted"}
        return batch

    async def _wait_for_outputs(self, queue: StepQueue) -> Batch | None:
        """Wait until nothing more arrives after a run, and return all that arrived since it began."""
        delays = self._delays
        end = self._clock() + (delays.expected + self._poll if self._writes else delays.calm)
        while True:
            await self._sleep(delays.calm)
            if not self._take(queue) and (self._arrived or self._clock() >= end):
                break
        arrived, self._arrived = self._arrived, None
        self._writes = arrived is not None
        return arrived

    def _schedule_test(self, seen: float, queue: StepQueue, seconds: float = 0.0) -> None:
        """Schedule a test run for the files in doubt.

        It waits for a pause where a test has written them before, and ``seconds`` unless a person is known to
        save them.
        """
        if not self._unsure:
            return
        if self._outputs.unsettled:
            seconds = max(seconds, self._pause_seconds)
        elif any(map(self._outputs.is_saved, self._unsure)):
            seconds = 0.0
        batch = Batch(self._unsure, seen)
        if seconds:
            queue.start(self._put_test_later(seconds, batch, queue))
        else:
            queue.put(batch)

    async def _put_test_later(self, seconds: float, batch: Batch, queue: StepQueue) -> None:
        runs = self._runs
        await self._sleep(seconds)
        if runs == self._runs:  # a run that began meanwhile is a test as well
            self._paused = True
            queue.put(batch)

    async def _pause(self, queue: StepQueue) -> Batch | None:
        """Wait before late output is built once more, and return what arrives meanwhile.

        A change that is not late ends the pause: it is a person's save, which should not wait.
        """
        self._paused = True
        arrived: Batch | None = None
        for _ in range(_LOOKS):
            await self._sleep(self._pause_seconds / _LOOKS)
            more = queue.take()
            arrived = merged(arrived, more)
            if more and not self._outputs.is_late(more):
                self._outputs.saved(more.changes)
                break
        return arrived

    @property
    def _pause_seconds(self) -> float:
        least = LATE_SECONDS + self._poll + APPEAR_SECONDS
        return min(max(self._seconds, least), self._delays.pause + self._poll)
