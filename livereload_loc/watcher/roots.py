"""The paths that were named: watched as long as they are there, and again when they are back."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from livereload_loc.errors import NoSuchPath
from livereload_loc.watcher import notices as events
from livereload_loc.watcher.debounce import LIMIT
from livereload_loc.watcher.folder import WatchedDirectory
from livereload_loc.watcher.ignore.rules import IgnoreRules
from livereload_loc.watcher.notices import WatchNotice
from livereload_loc.watcher.tree import WatchedTree

REGULARLY, MISSING = 1.0, 0.05
"""Seconds between two looks at the roots, and while one is missing. No event tells when a folder above
a root is renamed, or something is mounted over it."""


@dataclass(eq=False, slots=True)
class WatchedRoot:
    """One path. ``away`` is since when it is missing, ``said`` whether that was told."""

    path: str
    folder: WatchedDirectory | None = None
    identity: tuple[int, int, int] | None = None
    away: float | None = None
    said: bool = False


@dataclass(frozen=True, slots=True)
class ParentRules:
    """Stands for the files with git's rules that lie above ``root``."""

    root: WatchedRoot


class WatchedRoots:
    """Plants the roots in ``tree`` and looks whether they still are what they were."""

    def __init__(
        self,
        paths: Sequence[str],
        tree: WatchedTree,
        rules: Callable[[str, bool], IgnoreRules],
        emit: Callable[[WatchNotice], None],
    ) -> None:
        """``rules`` gives those for a folder, and for the folder around a single file (True)."""
        self._tree, self._rules, self._emit = tree, rules, emit
        self._roots = {path: WatchedRoot(path) for path in paths}
        self._due = 0.0

    def plant(self) -> None:
        """NoSuchPath where one of them is missing."""
        for path in self._roots:
            if not os.path.exists(path):
                raise NoSuchPath(path)
        for root in self._roots.values():
            self._plant(root)

    def lost(self, path: str) -> bool:
        """Whether the root ``path`` is missing."""
        return self._roots[path].away is not None

    def of(self, folder: WatchedDirectory) -> WatchedRoot:
        """The root that ``folder`` lies in."""
        return self._roots[folder.root]

    def wait(self, now: float) -> float:
        """Seconds until the next regular look."""
        return max(0.0, self._due - now)

    def look(self, now: float) -> None:
        """The regular look, when it is due."""
        if now < self._due:
            return
        for root in self._roots.values():
            self.check(root, now, fresh=False)
        missing = any(root.away is not None for root in self._roots.values())
        self._due = now + (MISSING if missing else REGULARLY)

    def rescan(self, now: float) -> None:
        """Look through everything: events were lost."""
        for root in self._roots.values():
            self.check(root, now, fresh=True)

    def check(self, root: WatchedRoot, now: float, fresh: bool) -> None:
        """Is ``root`` what it was? ``fresh``: it is said to be another."""
        try:
            status = os.stat(root.path)
        except OSError:
            self._lose(root, now)
            return
        if root.folder is not None and not _stands_for(root.folder, root, status):
            self._tree.drop(root.folder)
            root.folder = None
        if root.folder is None:
            self._plant(root)
        elif fresh or not root.folder.readable or root.identity != _identity(status):
            root.identity = _identity(status)
            self._tree.hearing.links.follow(root.path, root)
            self._tree.rescan(root.folder, again=True)
        if root.said:
            self._emit(events.back(root.path))
        root.away, root.said = None, False

    def _plant(self, root: WatchedRoot) -> None:
        try:
            status = os.stat(root.path)
        except OSError:
            return
        where = _folder_of(root, status)
        single = where != root.path
        ignore = self._rules(where, single)
        place = ignore.at_root()
        folder = WatchedDirectory(where, os.path.realpath(where), root.path, ignore, place)
        folder.only = os.path.basename(root.path) if single else None
        root.folder, root.identity = folder, _identity(status)
        self._tree.hearing.links.follow(root.path, root)
        for path in ignore.rule_files(place):
            self._tree.hearing.links.follow(path, ParentRules(root))
        self._tree.plant(folder)

    def _lose(self, root: WatchedRoot, now: float) -> None:
        if root.away is None:
            root.away = now
            self._due = min(self._due, now + MISSING)
            if root.folder is not None:
                self._tree.drop(root.folder)
                root.folder = None
            self._tree.hearing.links.follow(root.path, root)
        elif not root.said and now - root.away >= LIMIT:
            root.said = True
            self._emit(events.gone(root.path))


def _folder_of(root: WatchedRoot, status: os.stat_result) -> str:
    """The folder to watch for ``root``: that around it where it is a single file."""
    return root.path if stat.S_ISDIR(status.st_mode) else os.path.dirname(root.path)


def _stands_for(folder: WatchedDirectory, root: WatchedRoot, status: os.stat_result) -> bool:
    where = _folder_of(root, status)
    return where == folder.path and os.path.realpath(where) == folder.real


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_dev, status.st_ino, stat.S_IFMT(status.st_mode)
