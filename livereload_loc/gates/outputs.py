"""Tells what a build writes from what a person saves, by watching both for a while.

The system does not say who wrote a file. A file that changes while a build runs is in doubt: it may be the
build's, or a save that the build came too early for. So one more run follows, and what changes again in
that one is the build's own from then on.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from livereload_loc.changes import Batch, FileChange

File = tuple[str, str]
Changes = tuple[FileChange, ...]

LATE_SECONDS = 0.3
"""The watcher waits for a calm in what a build writes: so long after its end its files may still arrive."""

SURE_TIMES = 5
"""A source that changed in so many tests is written by the build."""

COMPILED = (".scss", ".sass", ".less", ".styl", ".ts", ".tsx", ".jsx", ".coffee", ".elm")
"""Sources that no page shows as they are; when their output is seen, pages are told of that alone."""


class Outputs:
    """What is known of a build's own files. Times are those of ``time.monotonic()``, in seconds."""

    def __init__(self) -> None:
        self.doubted: Mapping[File, bytes] = {}
        """The files that the next run puts to the test, with what they held when pages were told of them."""
        self._own: set[File] = set()
        self._tested: frozenset[File] = frozenset()
        self._was_test = False
        self._suspected: Counter[File] = Counter()
        self._ended = -math.inf

    def doubt(self, changes: Changes) -> None:
        """Put files to the test, besides those in doubt, of which pages have not been told."""
        self.doubted = {**dict.fromkeys((change.file for change in changes), b"not told"), **self.doubted}

    def began(self, sources: Changes) -> None:
        """A run begins, because of ``sources``."""
        self._tested = frozenset(self.doubted)
        self._was_test = all(change.file in self._tested for change in sources)

    def ended(self, now: float) -> None:
        """The run has ended."""
        self._ended = now

    def is_late(self, batch: Batch) -> bool:
        """Whether ``batch`` was noticed so soon after a run that it may be the run's work."""
        return batch.seen <= self._ended + LATE_SECONDS

    def saved(self, batch: Batch) -> Changes:
        """What of ``batch``, that arrived while no build ran, a person may have saved."""
        if self.is_late(batch):
            return self.learn(batch.changes)
        for change in batch.changes:  # somebody else writes them too
            self._own.discard(change.file)
            self._suspected.pop(change.file, None)
        return batch.changes

    def learn(self, written: Changes) -> Changes:
        """What of ``written``, that changed in the run, is in doubt."""
        for change in written:
            if change.file in self._tested and self._is_sure(change):
                self._own.add(change.file)
            elif self._was_test and change.kind == "added":
                self._own.add(change.file)  # names that a build makes anew would be in doubt for ever
        return tuple(change for change in written if change.file not in self._own)

    def _is_sure(self, change: FileChange) -> bool:
        """Whether a file that changed again in a test is the build's. Few builds write sources, and people
        who save twice in a row, or while a slow build runs, must not be taken for one."""
        self._suspected[change.file] += 1
        return not is_compiled(change) or self._suspected[change.file] >= SURE_TIMES


def is_compiled(change: FileChange) -> bool:
    """Whether no page shows the file as it is."""
    return change.path.endswith(COMPILED)


def shown(
    sources: Iterable[FileChange], written: Changes, unseen: Callable[[FileChange], bool] = is_compiled
) -> Changes:
    """What pages are told of a run: what it wrote, and the sources that a server may show as they are.

    One that is ``unseen``, and was saved meanwhile, is told with the run that follows.
    """
    outputs = tuple(change for change in written if not unseen(change))
    if not outputs:
        return tuple(sources)
    files = {change.file for change in outputs}
    kept = (change for change in sources if change.file not in files and not unseen(change))
    return (*kept, *outputs)
