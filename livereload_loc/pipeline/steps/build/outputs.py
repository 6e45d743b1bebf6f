"""Tells what a build writes from what a person saves, by watching both for a while.

The system does not say who wrote a file. A file that changes while a build runs is in doubt: it may be the
build's, or a save that the build came too early for. So one more run follows, the test. What changes in
that one too, and holds the same as before it, is the build's own from then on: a build writes the same
again, a person does not. What holds something else stays in doubt, for more tests, and so does what a person
was seen to save while no build ran.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from livereload_loc.changes import Batch, FileChange
from livereload_loc.pipeline.steps.build.contents import File, FileDigest

Changes = tuple[FileChange, ...]

LATE_SECONDS = 0.4
"""The watcher waits for a calm in what a build writes, and does not look all the time where the system tells
nothing: so long after its end its files may still arrive."""

SURE_TIMES = 5
"""After so many tests in a row a build has written a file, though each time it held something else, or
though it is a source."""

DATED_TIMES = 2
"""After so many it has, where nothing but digits differed: most builds that write otherwise write a date."""

COMPILED = (".scss", ".sass", ".less", ".styl", ".ts", ".tsx", ".jsx", ".coffee", ".elm")
"""Sources that no page shows as they are; when their output is seen, pages are told of that alone."""


class BuildOutputs:
    """What is known of a build's own files. Times are those of ``time.monotonic()``, in seconds; ``late`` is
    how long after a run its files may arrive."""

    def __init__(self, late: float = LATE_SECONDS) -> None:
        self.doubted: Mapping[File, FileDigest] = {}
        """The files that the next run puts to the test, with what they hold before it."""
        self.was_test = False
        """Whether the last run was for nothing but files in doubt."""
        self.suspects_only = False
        """Whether all that it tested had been written in a test before."""
        self._late = late
        self._own: set[File] = set()
        self._saved: set[File] = set()  # by somebody else, at a time when no build ran
        self._tested: Mapping[File, FileDigest] = {}
        self._suspected: Counter[File] = Counter()
        self._counted: set[File] = set()  # once a test, however often the file is noticed
        self._left: Counter[File] = Counter()
        self._doubted_in_test = False
        self._renewals = 0  # tests in a row that made files of new names
        self._renewed = False
        self._alike: set[File] = set()  # of those of the last test, what looks like the ones before
        self._ended = -math.inf

    @property
    def unsettled(self) -> bool:
        """Whether all that is in doubt was written in a test already: the next one had better wait a while,
        for a person may save in between, and a build does not. A save is not to wait for that."""
        return all(file in self._suspected or file in self._alike for file in self.doubted)

    def began(self, sources: Changes) -> None:
        """A run begins, because of ``sources``."""
        for file in self._suspected.keys() - self.doubted.keys():
            del self._suspected[file]  # the last test left it alone
        if self.was_test and not self._renewed:
            self._renewals = 0
        self._doubted_in_test = self.was_test
        self._tested, self.was_test = self.doubted, all(change.file in self.doubted for change in sources)
        self.suspects_only = all(file in self._suspected for file in self._tested)
        self._counted, self._renewed, self._alike = set(), False, set()

    def ended(self, now: float) -> None:
        """The run has ended."""
        self._ended = now

    def is_late(self, batch: Batch) -> bool:
        """Whether ``batch`` was noticed so soon after a run that it may be the run's work."""
        return batch.seen <= self._ended + self._late

    def saved(self, changes: Changes) -> None:
        """Take note that somebody else wrote ``changes``: no build ran."""
        files = {change.file for change in changes}
        self._own -= files
        self._saved |= files
        for file in files:
            self._suspected.pop(file, None)
        self.doubted = {file: held for file, held in self.doubted.items() if file not in files}
        if any(change.kind == "added" for change in changes):
            self._renewals = 0  # somebody who makes files may go on

    def is_saved(self, change: FileChange) -> bool:
        """Whether somebody else is known to write the file."""
        return change.file in self._saved and change.file not in self._own

    def is_tested(self, change: FileChange) -> bool:
        """Whether the last run put the file to the test."""
        return change.file in self._tested

    def unknown(self, written: Changes) -> Changes:
        """What of ``written`` is not known to be the build's."""
        return tuple(change for change in written if change.file not in self._own)

    def learn(self, written: Changes, found: Mapping[File, FileDigest], *, late: bool = False) -> Changes:
        """What of ``written``, that changed in the run, is in doubt; ``found`` is what the unknown ones of
        them hold now. What comes ``late`` shows no habit of making new names: most of it are saves."""
        unknown = self.unknown(written)
        if self.was_test and not late:
            self._take_new_names(unknown, found)
        for change in unknown:
            if change.file in self._tested and self._is_sure(change, found[change.file]):
                self._own.add(change.file)
        return self.unknown(unknown)

    def left(self, written: Changes) -> set[File]:
        """The tested files that the run, which wrote ``written``, left alone: some are saves, others what a
        build does not write again where nothing has changed."""
        left = self._tested.keys() - {change.file for change in written}
        if not self._doubted_in_test:
            self._left.update(left)
        return left

    def may_be_missed(self, change: FileChange) -> bool:
        """Whether a file that was left alone may be a save. Later it is known that a build does so: it wrote
        the file before in a run that was for a save, for nothing has changed in a test."""
        return self._doubted_in_test or self._left[change.file] <= 1

    def repeats(self, left: set[File]) -> bool:
        """Whether the run was a test that left nothing alone, and no save is known to be in it."""
        return self.was_test and not left and not (self._tested.keys() & self._saved - self._own)

    def _take_new_names(self, unknown: Changes, found: Mapping[File, FileDigest]) -> None:
        """Names that a build makes anew would be in doubt for ever. It makes some in each test; so may a
        person, but not of files that hold the same."""
        anew = {change.file for change in unknown if change.kind == "added"} - self._tested.keys()
        if not anew:
            return
        if not self._renewed:
            self._renewed, self._renewals = True, self._renewals + 1
        before = {held.but_digits for held in self._tested.values() if held.says_something}
        alike = {file for file in anew if found[file].but_digits in before}
        self._alike |= alike
        if self._renewals >= DATED_TIMES:
            self._own |= anew if self._renewals >= SURE_TIMES else alike

    def _is_sure(self, change: FileChange, now: FileDigest) -> bool:
        """Whether a file that changed again in a test is the build's. Few builds write sources, and people
        who save each time a slow build runs must not be taken for one."""
        before = self._tested[change.file]
        if before != now and not self.was_test:
            return False  # what is built of a source that was saved holds something else, too
        if change.file not in self._counted:
            self._counted.add(change.file)
            self._suspected[change.file] += 1
        times, source = self._suspected[change.file], change.file in self._saved
        if before.but_digits != now.but_digits or is_compiled(change) or (source and before != now):
            return times >= SURE_TIMES
        return (before == now and not source) or times >= DATED_TIMES


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
