"""Tells what a build writes from what a person saves, by watching both for a while.

The system does not say who wrote a file. A file that changes while a build runs is in doubt: it may be the
build's, or a save that the build came too early for. So one more run follows, the test. What changes in
that one too, and holds the same as before it, is the build's own from then on: a build writes the same
again, a person does not. What holds something else stays in doubt, for more tests.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from livereload_loc.changes import Batch, FileChange
from livereload_loc.gates.contents import Content, File

Changes = tuple[FileChange, ...]

LATE_SECONDS = 0.3
"""The watcher waits for a calm in what a build writes: so long after its end its files may still arrive."""

SURE_TIMES = 5
"""After so many tests in a row a build has written a file, though each time it held something else, or
though it is a source."""

DATED_TIMES = 2
"""After so many it has, where nothing but digits differed: most builds that write otherwise write a date."""

COMPILED = (".scss", ".sass", ".less", ".styl", ".ts", ".tsx", ".jsx", ".coffee", ".elm")
"""Sources that no page shows as they are; when their output is seen, pages are told of that alone."""


class Outputs:
    """What is known of a build's own files. Times are those of ``time.monotonic()``, in seconds."""

    def __init__(self) -> None:
        self.doubted: Mapping[File, Content] = {}
        """The files that the next run puts to the test, with what they hold before it."""
        self._own: set[File] = set()
        self._tested: Mapping[File, Content] = {}
        self._was_test = False
        self._suspected: Counter[File] = Counter()
        self._counted: set[File] = set()  # once a test, however often the file is noticed
        self._renewals = 0  # tests in a row that made files of new names, up to enough of them
        self._renewed = False
        self._ended = -math.inf

    @property
    def unsettled(self) -> bool:
        """Whether a file in doubt was written in a test already: the next one had better wait a while, for a
        person may save in between, and a build does not."""
        return any(file in self._suspected for file in self.doubted) or (0 < self._renewals < DATED_TIMES)

    def began(self, sources: Changes) -> None:
        """A run begins, because of ``sources``."""
        for file in self._suspected.keys() - self.doubted.keys():
            del self._suspected[file]  # the last test left it alone
        if not self._renewed and self._renewals < DATED_TIMES:
            self._renewals = 0
        self._tested, self._was_test = self.doubted, all(change.file in self.doubted for change in sources)
        self._counted, self._renewed = set(), False

    def ended(self, now: float) -> None:
        """The run has ended."""
        self._ended = now

    def is_late(self, batch: Batch) -> bool:
        """Whether ``batch`` was noticed so soon after a run that it may be the run's work."""
        return batch.seen <= self._ended + LATE_SECONDS

    def saved(self, changes: Changes) -> None:
        """Take note that somebody else wrote ``changes``: no build ran."""
        files = {change.file for change in changes}
        self._own -= files
        for file in files:
            self._suspected.pop(file, None)
        self.doubted = {file: held for file, held in self.doubted.items() if file not in files}

    def unknown(self, written: Changes) -> Changes:
        """What of ``written`` is not known to be the build's."""
        return tuple(change for change in written if change.file not in self._own)

    def learn(self, written: Changes, found: Mapping[File, Content]) -> Changes:
        """What of ``written``, that changed in the run, is in doubt; ``found`` is what the unknown ones of
        them hold now."""
        unknown = self.unknown(written)
        anew = {change.file for change in unknown if change.kind == "added"} - self._tested.keys()
        if self._was_test and anew:
            if not self._renewed:
                self._renewed, self._renewals = True, self._renewals + 1
            if self._renewals >= DATED_TIMES:  # names that a build makes anew would be in doubt for ever
                self._own |= anew
        for change in unknown:
            if change.file in self._tested and self._is_sure(change, found[change.file]):
                self._own.add(change.file)
        return self.unknown(unknown)

    def _is_sure(self, change: FileChange, now: Content) -> bool:
        """Whether a file that changed again in a test is the build's. Few builds write sources, and people
        who save each time a slow build runs must not be taken for one."""
        before = self._tested[change.file]
        if before != now and not self._was_test:
            return False  # what is built of a source that was saved holds something else, too
        if change.file not in self._counted:
            self._counted.add(change.file)
            self._suspected[change.file] += 1
        times = self._suspected[change.file]
        if before.but_digits != now.but_digits or is_compiled(change):
            return times >= SURE_TIMES
        return before == now or times >= DATED_TIMES


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
