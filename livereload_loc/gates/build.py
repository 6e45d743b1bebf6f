"""The build step: runs after a settled change, before the pages are told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from livereload_loc.changes import Batch, FileChange, merged
from livereload_loc.gates import Way
from livereload_loc.gates.contents import Content, File, contents
from livereload_loc.gates.outputs import LATE_SECONDS, Changes, Outputs, is_compiled, shown
from livereload_loc.messages import Problem

CALM_SECONDS = 0.03
"""How long after a run nothing more of it has to arrive for it to be over."""

EXPECTED_SECONDS = 0.2
"""How long a run's files are waited for that is known to write some."""

PAUSE_SECONDS = 2.0
"""The longest wait for a test that is not the first; a shorter run is waited for as long as it took."""

APPEAR_SECONDS = 0.2
"""How much longer than a run's files may be late that wait is at least, for a person to show up in it."""


class Build:
    """Runs a build for each batch; ``run`` gives the problem where it fails, and ``unseen`` says which files
    no page shows as they are.

    What arrives while it runs is built in one further run. What it writes itself starts none, but is told,
    in place of sources that no page shows. What a failed run has not shown is told after the next good one.
    """

    def __init__(
        self,
        run: Callable[[], Awaitable[Problem | None]],
        *,
        unseen: Callable[[FileChange], bool] = is_compiled,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run, self._unseen, self._clock = run, unseen, clock
        self._outputs = Outputs()
        self._told: Mapping[File, Content] = {}  # what files in doubt held when pages were told of them
        self._runs = 0
        self._writes = True  # until it is known better
        self._owed: Batch | None = None
        self._problem: Problem | None = None

    async def __call__(self, batch: Batch, way: Way) -> Batch | Problem:
        """Build, unless ``batch`` is what the last run wrote."""
        sources = await self._sources(batch)
        if not sources:
            return Batch((), batch.seen) if self._problem else batch
        again = all(change.file in self._outputs.doubted for change in sources)
        problem, seconds = await self._built(sources)
        arrived = await self._arrived(way)
        written = arrived.changes if arrived else ()
        unsure, found = await self._learned(written)
        self._outputs.doubted = found
        if unsure:
            self._test(Batch(unsure, batch.seen), seconds, way)
        failed_again = problem is not None and again and problem == self._problem
        self._problem = problem
        if problem:
            self._told = {}
            self._owed = merged(self._owed, batch, arrived)
            return Batch((), batch.seen) if failed_again else problem
        owed, self._owed = self._owed, None
        everything = merged(owed, batch) or batch
        news = await self._news(shown(everything.changes, written, self._unseen))
        self._told = {change.file: found[change.file] for change in unsure if not self._unseen(change)}
        return Batch(news, everything.seen)

    async def _sources(self, batch: Batch) -> Changes:
        """What of ``batch``, that arrived while no build ran, a person may have saved."""
        if not self._outputs.is_late(batch):
            self._outputs.saved(batch.changes)
            return batch.changes
        sources, found = await self._learned(batch.changes, late=True)
        if sources:
            self._writes = True
            self._outputs.doubted = {**self._outputs.doubted, **found}
        return sources

    async def _built(self, sources: Changes) -> tuple[Problem | None, float]:
        """Run it; how it went, and the seconds that it took."""
        self._outputs.began(sources)
        self._runs += 1
        began = self._clock()
        problem = await self._run()
        ended = self._clock()
        self._outputs.ended(ended)
        return problem, ended - began

    async def _learned(
        self, written: Changes, *, late: bool = False
    ) -> tuple[Changes, Mapping[File, Content]]:
        """What of ``written`` is in doubt, and what it holds."""
        found = await asyncio.to_thread(contents, self._outputs.unknown(written))
        unsure = self._outputs.learn(written, found, late=late)
        return unsure, {change.file: found[change.file] for change in unsure}

    def _test(self, batch: Batch, seconds: float, way: Way) -> None:
        """Send what is in doubt through one more run, after a while if it was there before."""
        if self._outputs.unsettled:
            seconds = min(max(seconds, LATE_SECONDS + APPEAR_SECONDS), PAUSE_SECONDS)
            way.start(self._later(seconds, batch, way))
        else:
            way.put(batch)

    async def _later(self, seconds: float, batch: Batch, way: Way) -> None:
        runs = self._runs
        await asyncio.sleep(seconds)
        if runs == self._runs:  # one that began meanwhile is as good
            way.put(batch)

    async def _news(self, changes: Changes) -> Changes:
        """What does not hold the same as when pages were told of it."""
        told = self._told
        held = await asyncio.to_thread(contents, [change for change in changes if change.file in told])
        return tuple(
            change for change in changes if change.file not in told or held[change.file] != told[change.file]
        )

    async def _arrived(self, way: Way) -> Batch | None:
        """What changed while it ran, which may be on its way still."""
        arrived: Batch | None = None
        end = self._clock() + (EXPECTED_SECONDS if self._writes else CALM_SECONDS)
        while True:
            await asyncio.sleep(CALM_SECONDS)
            more = way.take()
            if more is None and (arrived or self._clock() >= end):
                break
            arrived = merged(arrived, more)
        self._writes = arrived is not None
        return arrived
