"""File events from the native watcher of ``watchfiles``, where there is no inotify (macOS, Windows)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from livereload_loc.watcher.sources.base import PollResult, RawFileEvent

# Seconds after which the second watcher is read, and a new interval takes effect.
_SLICE = 0.1

_ADDED, _DELETED = 1, 3


class WatchfilesSource:
    """Reports the trees of ``roots`` from one ``RustNotify``, and single folders outside from a second one.

    Ignored folders in the trees cost nothing: FSEvents and ReadDirectoryChangesW watch whole trees anyway.
    To add a folder, an instance is replaced by a new one; since the old one may have had more to report, the
    next result is ``lost``.
    """

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = sorted({os.path.realpath(root) for root in roots})
        self._trees: RustNotify | None = None
        self._present: set[str] = set()
        self._singles: RustNotify | None = None
        self._outside: set[str] = set()
        self._lost = False
        self._stop = threading.Event()

    def add(self, folder: str) -> None:
        if folder in self._roots:
            if folder not in self._present:
                self._renew_trees()
        elif not self._covers(folder) and folder not in self._outside:
            self._outside.add(folder)
            self._renew_singles()

    def remove(self, folder: str) -> None:
        self._outside.discard(folder)

    def wait(self, seconds: float, interval: float) -> PollResult:
        if self._stop.is_set():
            self._stop.clear()
            return PollResult()
        result = PollResult()
        seconds = 0.0 if self._lost else min(seconds, _SLICE)
        milliseconds = max(1, round(interval * 1000))
        if self._trees is None:
            self._stop.wait(seconds)
        elif not self._collect(self._trees, milliseconds, max(milliseconds, round(seconds * 1000)), result):
            self._renew_trees()
        if self._singles is not None and not self._collect(self._singles, 1, 1, result):
            self._renew_singles()
        result.lost, self._lost = self._lost, False
        return result

    def wake(self) -> None:
        self._stop.set()

    def close(self) -> None:
        for notify in (self._trees, self._singles):
            if notify is not None:
                notify.close()
        self._trees = self._singles = None

    def _covers(self, folder: str) -> bool:
        return any(folder.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)

    def _renew_trees(self) -> None:
        self._present = {root for root in self._roots if os.path.isdir(root)}
        self._trees = self._replace(self._trees, self._present, True)

    def _renew_singles(self) -> None:
        present = {folder for folder in self._outside if os.path.isdir(folder)}
        self._singles = self._replace(self._singles, present, False)

    def _replace(self, old: RustNotify | None, folders: set[str], recursive: bool) -> RustNotify | None:
        """Return another instance in place of ``old``; the new one watches before the old one ends."""
        new = None
        if folders:
            try:
                new = RustNotify(sorted(folders), False, False, 300, recursive, True)
            except (OSError, WatchfilesRustInternalError):  # gone in between, or a limit
                self._present -= folders
        if old is not None:
            self._lost = True
            old.close()
        return new

    def _collect(self, notify: RustNotify, interval: int, timeout: int, result: PollResult) -> bool:
        """Add the events of ``notify`` to ``result``, and return whether it still works.

        It fails for good at a name that is not UTF-8, and when a root is gone.
        """
        try:
            changes = notify.watch(interval, interval, timeout, self._stop)
        except WatchfilesRustInternalError:
            return False
        if isinstance(changes, str):
            return True
        for kind, path in changes:
            folder, name = os.path.split(path)
            result.events.append(RawFileEvent(folder, name, False, kind in (_ADDED, _DELETED), None))
        return not any(kind == _DELETED and path in self._present for kind, path in changes)
