"""Watches entries outside the watched folders that watched paths depend on.

These are the targets of symbolic links and the links on the way to them, the parents of removed roots, and
git's rule files above a root.
"""

from __future__ import annotations

import os
from collections.abc import Container

from livereload_loc.watcher.folder import PathUser
from livereload_loc.watcher.sources.base import FileEventSource

# The number of links in a row that the kernel follows, path_resolution(7).
_HOPS = 40

# Paths that each review follows again, in about a millisecond. No event reports that a folder far above a
# target was renamed, or that a link on the way to it has another target.
_REVIEWED = 50


class OutsidePaths:
    """Subscribes to the folders of all entries on the way of paths, besides the folders ``watched``."""

    def __init__(self, source: FileEventSource, watched: Container[str]) -> None:
        self._source, self._watched = source, watched
        self._users: dict[str, PathUser] = {}
        self._entries: dict[str, list[tuple[str, str]]] = {}  # path -> the entries that it leads over
        self._wanted: dict[str, dict[str, set[str]]] = {}  # folder -> name -> the paths that need it
        self._unsubscribed: dict[str, bool] = {}  # path -> whether the failure was seen by a review
        self._reviewed = 0

    def follow(self, path: str, user: PathUser) -> None:
        """Subscribe to all entries on the way of ``path``, for ``user``."""
        entries = entries_of(path)
        self._users[path] = user
        if self._entries.get(path) == entries and path not in self._unsubscribed:
            return
        self._release(path)
        self._entries[path] = entries
        for folder, name in entries:
            self._wanted.setdefault(folder, {}).setdefault(name, set()).add(path)
            try:
                self._source.add(folder)
            except OSError:
                self._unsubscribed[path] = True

    def forget(self, path: str) -> None:
        if path in self._users:
            del self._users[path]
            self._release(path)

    def forget_below(self, folder: str) -> None:
        """Forget the links among the entries of ``folder``."""
        for path in [path for path in self._users if os.path.dirname(path) == folder]:
            if isinstance(self._users[path], tuple):
                self.forget(path)

    def needs(self, folder: str) -> bool:
        return folder in self._wanted

    def users(self, folder: str, name: str) -> list[PathUser]:
        """Return the users of the entry ``name`` of ``folder``; without a name, those of all its entries."""
        names = self._wanted.get(folder, {})
        wanted = [names.get(name, set())] if name else names.values()
        return [self._users[path] for paths in list(wanted) for path in paths]

    def lost(self, folder: str) -> None:
        """Record that ``folder`` is gone or was replaced."""
        for paths in self._wanted.get(folder, {}).values():
            self._unsubscribed.update(dict.fromkeys(paths, False))

    def review(self) -> list[PathUser]:
        """Retry failed subscriptions, follow some paths again, and return the users whose paths changed."""
        changed = []
        for path, known in list(self._unsubscribed.items()):
            self.follow(path, self._users[path])
            if not known or path not in self._unsubscribed:
                changed.append(self._users[path])
        paths = list(self._users)
        if self._reviewed >= len(paths):
            self._reviewed = 0
        for path in paths[self._reviewed : self._reviewed + _REVIEWED]:
            before = self._entries[path]
            self.follow(path, self._users[path])
            if self._entries[path] != before:
                changed.append(self._users[path])
        self._reviewed += _REVIEWED
        return changed

    def _release(self, path: str) -> None:
        self._unsubscribed.pop(path, None)
        for folder, name in self._entries.pop(path, ()):
            names = self._wanted[folder]
            names[name].discard(path)
            if not names[name]:
                del names[name]
            if not names:
                del self._wanted[folder]
                if folder not in self._watched:
                    self._source.remove(folder)


def entries_of(path: str) -> list[tuple[str, str]]:
    """Return the entries on the way of ``path``, each as the real path of its folder and its name."""
    entries: list[tuple[str, str]] = []
    for _ in range(_HOPS):
        folder = os.path.realpath(os.path.dirname(path))
        entry = folder, os.path.basename(path)
        if entry in entries:
            break
        entries.append(entry)
        try:
            target = os.readlink(path)
        except OSError:
            break
        path = os.path.join(folder, target).rstrip(os.sep) or os.sep
    return entries
