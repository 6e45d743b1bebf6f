"""Entries of folders that are not watched for themselves, and whom their changes concern.

Symbolic links lead to such entries: a save of the target, or another target put in its place, happens
elsewhere. So does the return of a root that was removed, and a change of git's rules above a root.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable

_HOPS = 40
"""As many links in a row the kernel follows, path_resolution(7)."""

_REVIEWED = 50
"""So many paths are followed anew at each regular look: no event tells when a folder far above a target
is renamed, or a link on the way to it set elsewhere. Takes about a millisecond."""


class SymlinkTracker:
    """``hear`` and ``unhear`` are called with real paths of folders that become or cease to be needed."""

    def __init__(self, hear: Callable[[str], None], unhear: Callable[[str], None]) -> None:
        self._hear, self._unhear = hear, unhear
        self._keys: dict[str, Hashable] = {}
        self._steps: dict[str, list[tuple[str, str]]] = {}  # path -> the entries that it leads over
        self._wanted: dict[str, dict[str, set[str]]] = {}  # folder -> name -> the paths that need it
        self._reviewed = 0
        self._deaf: dict[str, bool] = {}  # what is not heard of -> whether that is known

    def follow(self, path: str, key: Hashable) -> None:
        """Hear of all entries that ``path`` leads over; ``key`` stands for it in :meth:`at`."""
        steps = steps_of(path)
        self._keys[path] = key
        if self._steps.get(path) == steps and path not in self._deaf:
            return
        self._leave(path)
        self._steps[path] = steps
        for folder, name in steps:
            self._wanted.setdefault(folder, {}).setdefault(name, set()).add(path)
            try:
                self._hear(folder)
            except OSError:
                self._deaf[path] = True

    def forget(self, path: str) -> None:
        if path in self._keys:
            del self._keys[path]
            self._leave(path)

    def forget_below(self, folder: str) -> None:
        """Forget the paths of the entries of ``folder``."""
        for path in [path for path in self._keys if os.path.dirname(path) == folder]:
            if isinstance(self._keys[path], tuple):
                self.forget(path)

    def needs(self, folder: str) -> bool:
        return folder in self._wanted

    def at(self, folder: str, name: str) -> list[Hashable]:
        """The keys of the paths that lead over the entry ``name`` of ``folder``; with no name, over any."""
        names = self._wanted.get(folder, {})
        wanted = [names.get(name, set())] if name else names.values()
        return [self._keys[path] for paths in list(wanted) for path in paths]

    def lost(self, folder: str) -> None:
        """``folder`` is another one now, or gone."""
        for paths in self._wanted.get(folder, {}).values():
            self._deaf.update(dict.fromkeys(paths, False))

    def review(self) -> list[Hashable]:
        """The regular look: hear again of what could not be heard of, as when its folder was missing, and
        see whether some paths still lead over the same entries. The keys of what may have changed.
        """
        changed = []
        for path, known in list(self._deaf.items()):
            self.follow(path, self._keys[path])
            if not known or path not in self._deaf:
                changed.append(self._keys[path])
        paths = list(self._keys)
        if self._reviewed >= len(paths):
            self._reviewed = 0
        for path in paths[self._reviewed : self._reviewed + _REVIEWED]:
            before = self._steps[path]
            self.follow(path, self._keys[path])
            if self._steps[path] != before:
                changed.append(self._keys[path])
        self._reviewed += _REVIEWED
        return changed

    def _leave(self, path: str) -> None:
        self._deaf.pop(path, None)
        for folder, name in self._steps.pop(path, ()):
            names = self._wanted[folder]
            names[name].discard(path)
            if not names[name]:
                del names[name]
            if not names:
                del self._wanted[folder]
                self._unhear(folder)


def steps_of(path: str) -> list[tuple[str, str]]:
    """The entries that ``path`` leads over, each as the real path of its folder and its name."""
    steps: list[tuple[str, str]] = []
    for _ in range(_HOPS):
        folder = os.path.realpath(os.path.dirname(path))
        step = folder, os.path.basename(path)
        if step in steps:
            break
        steps.append(step)
        try:
            target = os.readlink(path)
        except OSError:
            break
        path = os.path.join(folder, target).rstrip(os.sep) or os.sep
    return steps
