"""The build step: runs after a settled change, before the pages are told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from livereload_loc.changes import Batch, FileChange, merged
from livereload_loc.pipeline.steps.build.contents import File, read
from livereload_loc.pipeline.steps.build.outputs import LATE_SECONDS, BuildOutputs, Changes, is_compiled
from livereload_loc.pipeline.steps.build.selection import OutputSelector
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem

CALM_SECONDS = 0.03
"""How long after a run nothing more of it has to arrive for it to be over."""

EXPECTED_SECONDS = 0.2
"""How long a run's files are waited for that is known to write some."""

PAUSE_SECONDS = 2.0
"""The longest wait for a test that is not the first; a shorter run is waited for as long as it took."""

APPEAR_SECONDS = 0.2
"""How much longer than a run's files may be late that wait is at least, for a person to show up in it."""

LOAD_SECONDS = 0.3
"""Pages that were told load for so long: a test may take away what they load, and writes it as it was."""

_LOOK_SECONDS = 0.1
_LOOKS = 20
"""So often in a pause is looked whether somebody has shown up."""


class BuildStep:
    """Runs a build for each batch; ``run`` gives the problem where it fails, and ``unseen`` says which files
    no page shows as they are.

    What arrives while it runs is built in one further run. What it writes itself starts none, but is told,
    in place of sources that no page shows, where it differs from what was told before. What a failed run has
    not shown is told after the next good one. ``whole`` says that pages show nothing but what is watched, and
    ``poll`` how many seconds pass between two looks of the watcher.
    """

    def __init__(
        self,
        run: Callable[[], Awaitable[Problem | None]],
        *,
        unseen: Callable[[FileChange], bool] = is_compiled,
        whole: bool = False,
        poll: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run, self._clock, self._poll = run, clock, poll
        self._outputs = BuildOutputs(LATE_SECONDS + poll)
        self._telling = OutputSelector(self._outputs, unseen, whole)
        self._runs = 0
        self._seconds = 0.0  # that the last run took
        self._paused = False  # since then
        self._arriving: Batch | None = None
        self._gone: set[File] = set()  # what the run was seen to delete, if only for a while
        self._writes = True  # until it is known better
        self._unsure: Changes = ()
        self._problem: Problem | None = None

    @property
    def problem(self) -> Problem | None:
        """How the last run failed, where it did."""
        return self._problem

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Build, unless ``batch`` is what the last run wrote."""
        batch, sources = await self._sources(batch, queue)
        if not sources:
            return await self._telling.late(batch, told=not self._problem)
        again = all(change.file in self._outputs.doubted for change in sources)
        problem = await self._built(sources, queue)
        arrived = await self._arrived(queue)
        written = arrived.changes if arrived else ()
        found = await read(written)
        before, self._unsure = self._unsure, self._outputs.learn(written, found)
        self._outputs.doubted = {change.file: found[change.file] for change in self._unsure}
        failed_again = again and problem == self._problem
        if not failed_again:
            self._problem = problem
        if problem:
            self._telling.owe(batch, arrived)
            self._test(batch.seen, queue)
            return Batch((), batch.seen)
        self._telling.missed(change for change in written if change.file in self._gone)
        told = await self._telling.after(batch, before, written, found, settled=not self._unsure)
        self._test(batch.seen, queue, LOAD_SECONDS if told.changes else 0.0)
        return told

    async def _sources(self, batch: Batch, queue: StepQueue) -> tuple[Batch, Changes]:
        """What of ``batch``, that arrived while no build ran, a person may have saved; and ``batch``, with
        what else has arrived by then."""
        if not self._outputs.is_late(batch):
            self._outputs.saved(batch.changes)
            return batch, batch.changes
        found = await read(self._outputs.unknown(batch.changes))
        sources = self._outputs.learn(batch.changes, found, late=True)
        if not sources:
            return batch, ()
        self._writes = True
        self._outputs.doubted = {
            **self._outputs.doubted,
            **{change.file: found[change.file] for change in sources},
        }
        more = None
        if self._outputs.unsettled and not self._paused:
            more = await self._pause(queue)
        if more is None:
            return batch, sources
        more, further = await self._sources(more, queue)
        return merged(batch, more) or batch, (*sources, *further)

    async def _built(self, sources: Changes, queue: StepQueue) -> Problem | None:
        """Run it; how it went."""
        self._outputs.began(sources)
        self._runs += 1
        self._paused, self._gone = False, set()
        began = self._clock()
        looking = asyncio.create_task(self._look(queue))
        try:
            problem = await self._run()
        finally:
            looking.cancel()
        ended = self._clock()
        self._outputs.ended(ended)
        self._seconds = ended - began
        return problem

    async def _look(self, queue: StepQueue) -> None:
        """See what is deleted while it runs, before it is written again."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            self._take(queue)

    def _take(self, queue: StepQueue) -> bool:
        """Whether something more has arrived."""
        more = queue.take()
        self._arriving = merged(self._arriving, more)
        self._gone |= {change.file for change in more.changes if change.kind == "deleted"} if more else set()
        return more is not None

    def _test(self, seen: float, queue: StepQueue, seconds: float = 0.0) -> None:
        """Send what is in doubt through one more run, after a while if it was there before, and after
        ``seconds`` if nobody is known to save it."""
        if not self._unsure:
            return
        if self._outputs.unsettled:
            seconds = max(seconds, self._pause_seconds)
        elif any(map(self._outputs.is_saved, self._unsure)):
            seconds = 0.0
        batch = Batch(self._unsure, seen)
        if seconds:
            queue.start(self._later(seconds, batch, queue))
        else:
            queue.put(batch)

    async def _later(self, seconds: float, batch: Batch, queue: StepQueue) -> None:
        runs = self._runs
        await asyncio.sleep(seconds)
        if runs == self._runs:  # one that began meanwhile is as good
            self._paused = True
            queue.put(batch)

    async def _pause(self, queue: StepQueue) -> Batch | None:
        """Wait before what came late is built once more; what arrives meanwhile. A person who saves all the
        time is known by what is not late, and is not kept waiting for the rest."""
        self._paused = True
        arrived: Batch | None = None
        for _ in range(_LOOKS):
            await asyncio.sleep(self._pause_seconds / _LOOKS)
            more = queue.take()
            if more and not self._outputs.is_late(more):
                self._outputs.saved(more.changes)
                return merged(arrived, more)
            arrived = merged(arrived, more)
        return arrived

    @property
    def _pause_seconds(self) -> float:
        least = LATE_SECONDS + self._poll + APPEAR_SECONDS
        return min(max(self._seconds, least), PAUSE_SECONDS + self._poll)

    async def _arrived(self, queue: StepQueue) -> Batch | None:
        """What changed while it ran, which may be on its way still."""
        end = self._clock() + (EXPECTED_SECONDS + self._poll if self._writes else CALM_SECONDS)
        while True:
            await asyncio.sleep(CALM_SECONDS)
            if not self._take(queue) and (self._arriving or self._clock() >= end):
                break
        arrived, self._arriving = self._arriving, None
        self._writes = arrived is not None
        return arrived
