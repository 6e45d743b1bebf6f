"""Hints where there is no inotify (macOS, Windows), from the native watcher of ``watchfiles``.

It watches the roots with everything below them: ignored folders cost there what the system takes for
them (with FSEvents and ReadDirectoryChangesW nothing, they watch whole trees anyway).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable

from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError

from livereload_loc.watcher.sources.base import PollResult, RawFileEvent

_SLICE = 0.1
"""Seconds after which the second watcher is asked, and a new step is taken up."""

_ADDED, _DELETED = 1, 3


class WatchfilesSource:
    """An :class:`~livereload_loc.watcher.sources.base.Eye` over ``RustNotify``: the trees of ``roots`` in one
    instance, single folders outside of them in a second one.

    No folder can be added to an instance. It is made anew instead, and what the old one had yet to tell
    is lost: then everything is looked through.
    """

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = sorted({os.path.realpath(root) for root in roots})
        self._trees: RustNotify | None = None
        self._present: set[str] = set()
        self._fringe: RustNotify | None = None
        self._outside: set[str] = set()
        self._lost = False
        self._stop = threading.Event()

    def add(self, folder: str) -> None:
        if folder in self._roots:
            if folder not in self._present:
                self._renew_trees()
        elif not self._covers(folder) and folder not in self._outside:
            self._outside.add(folder)
            self._renew_fringe()

    def drop(self, folder: str) -> None:
        self._outside.discard(folder)

    def wait(self, seconds: float, step: float) -> PollResult:
        if self._stop.is_set():
            self._stop.clear()
            return PollResult()
        sight = PollResult()
        seconds = 0.0 if self._lost else min(seconds, _SLICE)
        milliseconds = max(1, round(step * 1000))
        if self._trees is None:
            self._stop.wait(seconds)
        elif not self._look(self._trees, milliseconds, max(milliseconds, round(seconds * 1000)), sight):
            self._renew_trees()
        if self._fringe is not None and not self._look(self._fringe, 1, 1, sight):
            self._renew_fringe()
        sight.lost, self._lost = self._lost, False
        return sight

    def wake(self) -> None:
        self._stop.set()

    def close(self) -> None:
        for notify in (self._trees, self._fringe):
            if notify is not None:
                notify.close()
        self._trees = self._fringe = None

    def _covers(self, folder: str) -> bool:
        return any(folder.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)

    def _renew_trees(self) -> None:
        self._present = {root for root in self._roots if os.path.isdir(root)}
        self._trees = self._instead(self._trees, self._present, True)

    def _renew_fringe(self) -> None:
        present = {folder for folder in self._outside if os.path.isdir(folder)}
        self._fringe = self._instead(self._fringe, present, False)

    def _instead(self, old: RustNotify | None, folders: set[str], recursive: bool) -> RustNotify | None:
        """Another instance in place of ``old``; the new one watches before the old one ends."""
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

    def _look(self, notify: RustNotify, step: int, timeout: int, sight: PollResult) -> bool:
        """Put into ``sight`` what ``notify`` has seen. False when it can't go on: it has come upon a name
        that is not UTF-8, and would fail for ever, or a root that it watched is no more."""
        try:
            changes = notify.watch(step, step, timeout, self._stop)
        except WatchfilesRustInternalError:
            return False
        if isinstance(changes, str):
            return True
        goes_on = True
        for kind, path in changes:
            folder, name = os.path.split(path)
            sight.hints.append(RawFileEvent(folder, name, False, kind in (_ADDED, _DELETED), None))
            if kind == _DELETED and path in self._present:
                goes_on = False
        return goes_on
