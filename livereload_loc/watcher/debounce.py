"""Decides when saved files are complete. Pure: times, file states and locks are passed in.

A single save is reported as soon as its writer has closed the file; files that come together are reported
together. An open writer delays its own file only, and a lock its own repository.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Protocol

from livereload_loc.watcher.findings import FoundFile
from livereload_loc.watcher.fingerprint import has_content
from livereload_loc.watcher.folder import WatchedFolder
from livereload_loc.watcher.ignore.git import GitRepository

# Seconds without a further change that end a save of few files: what one program saves together.
LULL = 0.0012

# More files than this at once are a storm (a checkout, a build), which ends after so many seconds without a
# change. A change so soon after a reported one counts as a storm, too. So does from then on a change of the
# file that was reported first, until it stays alone: only the first slow build is reported twice.
STORM_FILES, STORM_QUIET = 5, 0.06

# Seconds to wait for a rename onto a deleted file; for a new file to prove temporary (``sed -i``, an atomic
# writer); for new content of a truncated file; and, after deletions only, for a build that empties its folder
# first.
RENAME, NEW, EMPTY, CLEARED = 0.02, 0.02, 0.05, 0.5

# Nothing is held back for more seconds than this.
LIMIT = 2.0

# Seconds between two tests for what no event may announce: a closed file, a released lock.
RETEST = 0.005

# Seconds for which a file has to be written again and again to count as busy.
_BUSY = 0.15

# Seconds between two tests of many files while more arrive; and for each file in a locked repository.
_CROWD, _CROWD_FILE = 0.02, 5e-6

# The number of locks that are remembered.
_LOCKS = 64


class WriteState(Enum):
    GONE = "gone"
    LOST = "gone with its whole root, which is often made anew at once"
    EMPTY = "empty"
    WRITING = "open for writing"
    COMPLETE = "complete"


@dataclass(slots=True)
class PendingFile:
    """A file that may have changed and is not yet reported.

    ``before`` is the signature that the pages know, None where the file is new to them. ``first`` and
    ``last`` are when it was touched; ``calm_since`` is ``first``, or when its writer closed it. ``due`` is
    when to report it, or to look at it again.
    """

    folder: WatchedFolder
    name: str
    before: int | None
    written: bool
    first: float
    last: float
    calm_since: float
    path: str
    state: WriteState = WriteState.COMPLETE
    tested: float = -inf
    due: float = inf
    signature: int | None = None
    signature_since: float = -inf

    @property
    def expires(self) -> float:
        return self.first + LIMIT

    def note_signature(self, signature: int, now: float) -> float:
        """Store ``signature``, and return for how many seconds the file has had it."""
        if signature != self.signature:
            self.signature, self.signature_since = signature, now
        return now - self.signature_since


class FileTests(Protocol):
    """Tests files in the file system."""

    def state(self, file: PendingFile) -> WriteState: ...


class Debouncer:
    """Holds changed files from :meth:`add` until :meth:`take` returns them as complete.

    ``due`` is the time of the next :meth:`take`.
    """

    def __init__(self, tests: FileTests) -> None:
        self._tests = tests
        self._files: dict[str, PendingFile] = {}
        self._constant: set[str] = set()  # written all the time: not waited for again until they pause
        self._locks: dict[object, float] = {}  # token -> since when
        self._newest = self._reported = self._crowd_tested = -inf
        self._latest: set[str] = set()  # what was reported last
        self._leading: set[str] = set()  # what was reported shortly before more files changed
        self.due = inf

    def add(self, found: FoundFile, now: float) -> None:
        """Hold a file that may have changed."""
        self.due = now
        path = found.folder.child(found.name)
        file = self._files.get(path)
        if file is None:
            self._files[path] = PendingFile(*found, now, now, now, path)
        else:
            file.last = now
            file.written |= found.written
            if file.folder.dropped:  # its folder is there again, as another record
                file.folder = found.folder
        if path not in self._constant:
            self._newest = now

    def forget(self, path: str) -> None:
        """Forget ``path`` and what lies below it: it is not watched any more."""
        below = path.rstrip(os.sep) + os.sep
        known = [*self._files, *self._constant, *self._leading]
        for each in [each for each in known if each == path or each.startswith(below)]:
            self._files.pop(each, None)
            self._constant.discard(each)
            self._leading.discard(each)

    def reported(self, files: Collection[PendingFile], now: float) -> None:
        """Record that ``files``, from :meth:`take`, were reported as changed."""
        previous, self._reported = self._reported, now
        saves = {file.path: file.first for file in files if file.path not in self._constant}
        if not saves:
            return
        if 0 <= min(saves.values()) - previous < STORM_QUIET:
            if len(self._latest) <= STORM_FILES:
                self._leading |= self._latest - saves.keys()
        elif len(saves) == 1:
            self._leading -= saves.keys()
        self._latest = set(saves)

    def take(self, now: float) -> list[PendingFile]:
        """Remove and return the files that are complete."""
        if len(self._files) > 2 * STORM_FILES and now < self._newest + STORM_QUIET:
            self.due = min(self._crowd_tested + _CROWD, self._newest + STORM_QUIET)
            if now < self.due:
                return []
            self._crowd_tested = now
        saves: list[PendingFile] = []
        for file in self._hold_locked(now):
            if file.path in self._constant:
                self._schedule_constant(file, now)
            else:
                saves.append(file)
        self._schedule_saves(saves, now)
        ready = [file for file in self._files.values() if file.due <= now]
        for file in ready:
            del self._files[file.path]
            (self._constant.add if self._is_unsteady(file, now) else self._constant.discard)(file.path)
        self.due = min((file.due for file in self._files.values()), default=inf)
        return ready

    def _hold_locked(self, now: float) -> list[PendingFile]:
        """Schedule a retest of the files whose repositories are locked; return the others."""
        free = []
        locked: dict[GitRepository | None, bool] = {None: False}
        retest = now + max(RETEST, len(self._files) * _CROWD_FILE)
        for file in self._files.values():
            repository = file.folder.rules.repository
            if repository is not None and repository not in locked:
                token = repository.lock()
                locked[repository] = token is not None and now < self._locks.setdefault(token, now) + LIMIT
            if locked[repository]:
                file.due = retest
            else:
                free.append(file)
        while len(self._locks) > _LOCKS:
            del self._locks[next(iter(self._locks))]
        return free

    def _schedule_constant(self, file: PendingFile, now: float) -> None:
        """Schedule a constantly written file after a pause, but at least every LIMIT seconds."""
        file.due = min(file.last + STORM_QUIET, file.expires)
        if file.due <= now:
            self._test(file, now)

    def _schedule_saves(self, saves: list[PendingFile], now: float) -> None:
        """Schedule complete files together, once no more arrive."""
        steady: list[PendingFile] = []
        for file in saves:
            if len(saves) <= STORM_FILES or file.state is WriteState.WRITING:
                self._test(file, now)
            if self._is_unsteady(file, now):
                self._schedule_unsteady(file, now)
            else:
                steady.append(file)
        if not steady:
            return
        first, last = min(file.first for file in steady), max(file.last for file in steady)
        leading = any(file.path in self._leading for file in steady)
        storm = leading or len(steady) > STORM_FILES or first - self._reported < STORM_QUIET
        quiet = min(last + (STORM_QUIET if storm else LULL), first + LIMIT)
        for file in steady:
            if now < quiet:
                file.due = quiet
            else:
                self._schedule_steady(file, now)
        ready = [file for file in steady if file.due <= now]
        if any(file.state is WriteState.LOST for file in ready):
            for file in steady:
                if file.state is WriteState.LOST:  # what went together is reported together
                    file.due = now
        elif len(ready) > STORM_FILES and all(file.state is WriteState.GONE for file in ready):
            for file in ready:
                file.due = last + CLEARED

    def _schedule_steady(self, file: PendingFile, now: float) -> None:
        """Schedule a complete file for when its state is unlikely to change again."""
        self._test(file, now)
        if file.state is WriteState.WRITING:
            self._schedule_unsteady(file, now)
            return
        due = now
        if file.state is WriteState.LOST:
            due = file.expires
        elif file.state is WriteState.GONE:
            due = now if file.before is None else file.last + RENAME
        elif file.before is None:
            due = file.first + NEW
        elif file.state is WriteState.EMPTY and has_content(file.before):
            due = file.last + EMPTY
        file.due = min(due, file.expires)

    def _schedule_unsteady(self, file: PendingFile, now: float) -> None:
        """Schedule a file that is being written after a pause, or unfinished after LIMIT seconds."""
        retest = now + RETEST if file.state is WriteState.WRITING else file.last + STORM_QUIET
        file.due = min(retest, file.expires)

    def _is_unsteady(self, file: PendingFile, now: float) -> bool:
        """Return whether ``file`` is being written, or was written repeatedly until a moment ago."""
        if file.state is WriteState.WRITING:
            return True
        busy = file.path in self._constant or file.last - file.calm_since > _BUSY
        return busy and now < file.last + STORM_QUIET

    def _test(self, file: PendingFile, now: float) -> None:
        if file.tested < now:
            was, file.state = file.state, self._tests.state(file)
            file.tested = now
            if was is WriteState.WRITING and file.state is not WriteState.WRITING:
                file.calm_since = now
