"""Tells the files that a build writes from those that a person saves.

The system does not say who wrote a file. A file that changes while a build runs is in doubt: the build may
have written it, or a person saved it too late for the run. So one more run follows, a test. A file that
changes in the test, too, and holds the same as before, is an output from then on: a build writes the same
again, a person does not. A file that holds something else stays in doubt for more tests, and so does one that
a person is known to have saved while no build ran.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from livereload_loc.changes import Batch, FileChange
from livereload_loc.pipeline.steps.build.contents import File, FileDigest

Changes = tuple[FileChange, ...]
# Outputs may arrive so many seconds after the end of a run: the watcher waits until a storm of writes is
# over, and polls where the system reports no changes.
LATE_SECONDS = 0.4
# A file that is written in so many tests in a row is an output, even if its content differs each time, or if
# it is a source.
SURE_TIMES = 5
# So many tests are enough where only digits differ: most builds that write something else write a date.
DATED_TIMES = 2
# Sources that no page shows as they are: pages get what is built from them, if that is seen.
COMPILED = (".scss", ".sass", ".less", ".styl", ".ts", ".tsx", ".jsx", ".coffee", ".elm")


class BuildOutputs:
    """Records which files a build writes. Times are seconds of ``time.monotonic()``.

    Outputs may arrive up to ``late`` seconds after the end of a run.
    """

    def __init__(self, late: float = LATE_SECONDS) -> None:
        self.was_test = False
        """Whether the last run was only for files in doubt."""
        self.suspects_only = False
        """Whether all files that the last run tested had been written in a test before."""
        self.ended = -math.inf
        """When the last run ended."""
        self._late = late
        self._own: set[File] = set()  # the outputs
        self._saved: set[File] = set()  # what a person saved while no build ran
        self._doubted: dict[File, FileDigest] = {}  # what the next run tests, and its contents before
        self._tested: Mapping[File, FileDigest] = {}
        self._suspected: Counter[File] = Counter()  # how many tests in a row wrote the file
        self._counted: set[File] = set()  # files count once a test, however often they are noticed
        self._left: Counter[File] = Counter()
        self._doubted_in_test = False
        self._renewals = 0  # tests in a row that made files of new names
        self._renewed = False
        self._alike: set[File] = set()  # files of the last test that hold the same as earlier ones

    @property
    def unsettled(self) -> bool:
        """Whether a test has already written all files in doubt.

        The next test should wait for a while then, because a person may save in between and a build does
        not. A save should not wait for that.
        """
        return all(file in self._suspected or file in self._alike for file in self._doubted)

    def began(self, sources: Changes) -> None:
        """Record that a run begins, because of ``sources``."""
        for file in self._suspected.keys() - self._doubted.keys():
            del self._suspected[file]  # the last test did not write it
        if self.was_test and not self._renewed:
            self._renewals = 0
        self._doubted_in_test = self.was_test
        self._tested = self._doubted
        self.was_test = all(change.file in self._doubted for change in sources)
        self.suspects_only = all(file in self._suspected for file in self._tested)
        self._counted, self._renewed, self._alike = set(), False, set()

    def is_late(self, batch: Batch) -> bool:
        """Return whether ``batch`` was noticed so soon after a run that it may be its output."""
        return batch.seen <= self.ended + self._late

    def saved(self, changes: Changes) -> None:
        """Record that a person saved ``changes``: no build ran."""
        files = {change.file for change in changes}
        self._own -= files
        self._saved |= files
        for file in files:
            self._suspected.pop(file, None)
        self._doubted = {file: digest for file, digest in self._doubted.items() if file not in files}
        if any(change.kind == "added" for change in changes):
            self._renewals = 0  # a person who makes new files may go on

    def is_saved(self, change: FileChange) -> bool:
        """Return whether a person is known to save the file."""
        return change.file in self._saved and change.file not in self._own

    def is_tested(self, change: FileChange) -> bool:
        """Return whether the last run tested the file."""
        return change.file in self._tested

    def unknown(self, written: Changes) -> Changes:
        """Return those of ``written`` that are not known to be outputs."""
        return tuple(change for change in written if change.file not in self._own)

    def learn(self, written: Changes, found: Mapping[File, FileDigest], *, late: bool = False) -> Changes:
        """Return those of ``written``, the files that changed in the run, that are in doubt from now on.

        ``found`` is what the unknown ones hold now. Files that come ``late`` do not show that a build makes
        new names: most of them are saves.
        """
        unknown = self.unknown(written)
        if self.was_test and not late:
            self._learn_new_names(unknown, found)
        for change in unknown:
            before, now = self._tested.get(change.file), found[change.file]
            # After a save, what is built from it differs as well: that says nothing about who wrote it.
            if before and (self.was_test or before == now):
                if change.file not in self._counted:
                    self._counted.add(change.file)
                    self._suspected[change.file] += 1
                if self._is_sure(change, before, now):
                    self._own.add(change.file)
        unsure = self.unknown(unknown)
        doubted = {change.file: found[change.file] for change in unsure}
        self._doubted = self._doubted | doubted if late else doubted
        return unsure

    def note_left(self, written: Changes) -> set[File]:
        """Record and return the tested files that the run, which wrote ``written``, did not write.

        Some of them are saves; others are what a build does not write again where nothing has changed.
        """
        left = self._tested.keys() - {change.file for change in written}
        if not self._doubted_in_test:
            self._left.update(left)
        return left

    def may_be_missed(self, change: FileChange) -> bool:
        """Return whether a file that was left alone may be a save that the run missed.

        Once a build has left it alone before, it is not: the build wrote it in a run that was for a save, and
        a test changes nothing.
        """
        return self._doubted_in_test or self._left[change.file] <= 1

    def repeats(self, left: set[File]) -> bool:
        """Return whether the run was a test that left nothing alone and tested no known save."""
        return self.was_test and not left and not (self._tested.keys() & self._saved - self._own)

    def _learn_new_names(self, unknown: Changes, found: Mapping[File, FileDigest]) -> None:
        """Recognize outputs whose names are new in each run, which would be in doubt for ever.

        A person may make new files in each test, too, but not with the same content.
        """
        anew = {change.file for change in unknown if change.kind == "added"} - self._tested.keys()
        if not anew:
            return
        if not self._renewed:
            self._renewed, self._renewals = True, self._renewals + 1
        before = {digest.but_digits for digest in self._tested.values() if digest.has_text}
        alike = {file for file in anew if found[file].but_digits in before}
        self._alike |= alike
        if self._renewals >= DATED_TIMES:
            self._own |= anew if self._renewals >= SURE_TIMES else alike

    def _is_sure(self, change: FileChange, before: FileDigest, now: FileDigest) -> bool:
        """Return whether a file that changed in a run and again in its test is an output.

        Few builds write sources, and a person who saves whenever a slow build runs must not count as one.
        """
        times, source = self._suspected[change.file], change.file in self._saved
        if before.but_digits != now.but_digits or is_compiled(change) or (source and before != now):
            return times >= SURE_TIMES
        return (before == now and not source) or times >= DATED_TIMES


def is_compiled(change: FileChange) -> bool:
    """Return whether no page shows the file as it is."""
    return change.path.endswith(COMPILED)
