"""A debouncer's files and clock, which a test plans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from livereload_loc.watcher.debounce import (
    Debouncer,
    PendingFile,
    WriteState,
)
from livereload_loc.watcher.findings import FoundFile
from livereload_loc.watcher.folder import WatchedFolder, WatchedRoot
from livereload_loc.watcher.ignore.git import GitRepository
from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreRules

MS = 0.001


@dataclass(frozen=True, slots=True)
class _PlannedRepository(GitRepository):
    """A repository whose lock is in ``locks``, under its top folder."""

    locks: dict[str, object] = field(compare=False)

    def lock(self) -> object | None:
        return self.locks.get(self.top)


class PlannedWrites:
    """Files that change at planned times, watched as the worker does it.

    ``reported`` collects when which paths were reported. A first folder is a repository of its own.
    """

    def __init__(self, *known: str) -> None:
        self.now = 100.0
        self.start = self.now
        self.files: dict[str, WriteState] = dict.fromkeys(known, WriteState.COMPLETE)
        self.pages = set(known)
        self.locks: dict[str, object] = {}
        self.reported: list[tuple[float, set[str]]] = []
        self.tests = 0
        self.debouncer = Debouncer(self)
        self._plan: list[tuple[float, int, Callable[[], None]]] = []

    def state(self, file: PendingFile) -> WriteState:
        self.tests += 1
        return self.files.get(file.path, WriteState.GONE)

    def at(self, milliseconds: float, action: Callable[[], None]) -> None:
        self._plan.append((self.start + milliseconds * MS, len(self._plan), action))

    def put(self, at: float, path: str, state: WriteState = WriteState.COMPLETE, event: bool = True) -> None:
        """``path`` gets into ``state`` after ``at`` milliseconds; without ``event`` nothing reports it."""

        def change() -> None:
            self.files[path] = state
            if event:
                self.debouncer.add(self._found(path), self.now)

        self.at(at, change)

    def write(self, at: float, path: str, takes: float) -> None:
        """Open ``path`` for writing, and close it after ``takes`` milliseconds."""
        self.put(at, path, WriteState.WRITING)
        self.put(at + takes, path, WriteState.COMPLETE, event=False)

    def run(self, milliseconds: float) -> PlannedWrites:
        end = self.start + milliseconds * MS
        self._plan.sort()
        turns = 0
        while True:
            due = max(self.debouncer.due, self.now + 1e-5)
            self.now = min(due, end, *(when for when, _, _ in self._plan[:1]))
            while self._plan and self._plan[0][0] <= self.now:
                self._plan.pop(0)[2]()
            self._take()
            turns += 1
            assert turns < 50_000, "it spins"
            if self.now >= end:
                return self

    def _found(self, path: str) -> FoundFile:
        top, _, name = path.rpartition("/")
        repository = _PlannedRepository(top, top, self.locks) if top else None
        rules = FolderRules(repository=repository)
        folder = WatchedFolder(top, top, WatchedRoot(""), IgnoreRules(""), rules)
        return FoundFile(folder, name, 1 if path in self.pages else None)

    def _take(self) -> None:
        files = self.debouncer.take(self.now)
        changed = []
        for file in files:
            gone = self.files.get(file.path, WriteState.GONE) in (WriteState.GONE, WriteState.LOST)
            if not gone or file.path in self.pages:
                changed.append(file)
            (self.pages.discard if gone else self.pages.add)(file.path)
        if changed:
            self.debouncer.reported(changed, self.now)
            self.reported.append((round((self.now - self.start) / MS, 3), {file.path for file in changed}))
