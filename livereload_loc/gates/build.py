"""The build step: runs after a settled change, before the pages are told."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Awaitable, Callable, Mapping

from livereload_loc.changes import Batch, FileChange, merged
from livereload_loc.gates import Way
from livereload_loc.gates.outputs import Changes, File, Outputs, is_compiled, shown
from livereload_loc.messages import Problem

CALM_SECONDS = 0.03
"""How long after a run nothing more of it has to arrive for it to be over."""

EXPECTED_SECONDS = 0.2
"""How long a run's files are waited for that is known to write some."""

_PIECE = 1 << 20


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
        self._writes = True  # until it is known better
        self._owed: Batch | None = None
        self._problem: Problem | None = None

    async def __call__(self, batch: Batch, way: Way) -> Batch | Problem:
        """Build, unless ``batch`` is what the last run wrote."""
        sources = self._outputs.saved(batch)
        if not sources:
            return Batch((), batch.seen) if self._problem else batch
        if self._outputs.is_late(batch):
            self._writes = True
            self._outputs.doubt(sources)
        doubted = self._outputs.doubted
        again = all(change.file in doubted for change in sources)
        self._outputs.began(sources)
        problem = await self._run()
        self._outputs.ended(self._clock())
        arrived = await self._arrived(way)
        written = arrived.changes if arrived else ()
        unsure = self._outputs.learn(written)
        failed_again = problem is not None and again and problem == self._problem
        self._problem = problem
        told = () if problem else tuple(change for change in unsure if not self._unseen(change))
        self._outputs.doubted = await asyncio.to_thread(_contents, told)
        if unsure:
            self._outputs.doubt(unsure)
            way.put(Batch(unsure, batch.seen))
        if problem:
            self._owed = merged(self._owed, batch, arrived)
            return Batch((), batch.seen) if failed_again else problem
        owed, self._owed = self._owed, None
        everything = merged(owed, batch) or batch
        changes = shown(everything.changes, written, self._unseen)
        return Batch(await asyncio.to_thread(_news, changes, doubted), everything.seen)

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


def _contents(changes: Changes) -> Mapping[File, bytes]:
    return {change.file: _digest(change) for change in changes}


def _news(changes: Changes, told: Mapping[File, bytes]) -> Changes:
    """What does not hold the same as when it was told."""
    return tuple(
        change for change in changes if change.file not in told or _digest(change) != told[change.file]
    )


def _digest(change: FileChange) -> bytes:
    """What the file holds, for short; nothing where it cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    below = os.path.join(change.root, change.path)
    try:
        with open(below if os.path.isdir(change.root) else change.root, "rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except OSError:
        return b""
    return digest.digest()
