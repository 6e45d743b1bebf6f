"""The step that holds back what programs write unchanged: most files of a site that is built as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import replace

from livereload_loc.changes import Batch, FileChange, merged
from livereload_loc.events import ChangeIgnored, Reporter
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.pipeline.steps.known_contents import KnownContents
from livereload_loc.pipeline.steps.queue import StepQueue

# More files than this at once are a program's. So is what follows within so many seconds.
STORM_FILES, FOLLOWS_SECONDS = 5, 0.5

# Seconds after a save in which COMMAND writes what it makes of it.
MADE_SECONDS = 2.0

# A generator may empty its folder first. A deleted file has so many seconds to return, and is news where it
# was away for longer than AWAY_SECONDS: a page may have been loaded without it.
RETURN_SECONDS, AWAY_SECONDS = 2.0, 0.3


class UnchangedStep:
    """Drops the changes of a program that leave a file with the content that pages know.

    A person's save is sent, whatever it holds. ``has_command``: COMMAND may write files after a save.
    ``requested`` has what browsers asked for, None where another server has the files.
    """

    problem = None

    def __init__(
        self,
        contents: KnownContents,
        report: Reporter,
        *,
        has_command: bool = False,
        requested: RequestedFiles | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._contents, self._report, self._clock = contents, report, clock
        self._requested = requested
        self._has_command = has_command
        self._storm_until = 0.0
        self._save = Batch((), seen=-math.inf)

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Return ``batch`` without what pages know."""
        if not self._is_programs(batch):
            self._save = batch
            self._contents.forget(batch.changes)
            queue.start(self._contents.read_later(batch.changes))
            return batch
        whole, away = await self._await_return(batch, queue)
        same = await self._contents.take(whole.changes)
        same = frozenset(each for each in same if each.file not in away and not self._was_missed(each, batch))
        self._storm_until = self._clock() + FOLLOWS_SECONDS
        if same:
            first = min(change.path for change in same)
            why, is_all = "the content is what it was", len(same) == len(whole.changes)
            self._report(ChangeIgnored(first, why, noise=not is_all, count=len(same)))
        return replace(whole, changes=tuple(change for change in whole.changes if change not in same))

    def _is_programs(self, batch: Batch) -> bool:
        """Return whether a program has written ``batch``, rather than a person."""
        if len(batch.changes) > STORM_FILES or batch.seen < self._storm_until:
            return True
        saved = {change.file for change in self._save.changes}
        is_soon = batch.seen - self._save.seen <= MADE_SECONDS
        return self._has_command and is_soon and saved.isdisjoint(change.file for change in batch.changes)

    async def _await_return(self, batch: Batch, queue: StepQueue) -> tuple[Batch, set[tuple[str, str]]]:
        """Return ``batch`` once its deleted files are back, and those of them that were away for long.

        A save of another file ends the wait, since a person should not have to.
        """
        gone = {change.file for change in batch.changes if change.kind == "deleted"}
        deleted, away = frozenset(gone), set[tuple[str, str]]()
        until = asyncio.get_running_loop().time() + RETURN_SECONDS
        whole = batch
        while gone:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(until):
                    await queue.wait_for(lambda more: True)
            more = queue.take()
            if more is None:
                break
            whole = merged(whole, more) or whole
            gone |= {change.file for change in more.changes if change.kind == "deleted"}
            back = {change.file for change in more.changes if change.kind != "deleted"}
            if more.seen - batch.seen > AWAY_SECONDS:
                away |= back & deleted
            gone -= back
            if any(change.kind == "modified" and change.file not in deleted for change in more.changes):
                break
        return whole, away if self._requested is None else set()

    def _was_missed(self, change: FileChange, batch: Batch) -> bool:
        """Return whether a page asked for the file while it was away."""
        return self._requested is not None and self._requested.was_missed(change.path, batch.seen)
