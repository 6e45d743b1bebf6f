"""The watch itself, in one thread: hints and polls go in, batches and notices come out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from livereload_loc.changes import Batch
from livereload_loc.watcher import notices as events
from livereload_loc.watcher.debounce import Debouncer
from livereload_loc.watcher.fingerprint import RecentFingerprints
from livereload_loc.watcher.folder import WatchedDirectory
from livereload_loc.watcher.ignore.rules import IgnoreReason, IgnoreRules
from livereload_loc.watcher.ignored_log import IgnoredLog
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice
from livereload_loc.watcher.pending import PendingFiles, relative
from livereload_loc.watcher.roots import ParentRules, WatchedRoot, WatchedRoots
from livereload_loc.watcher.sources import mounts
from livereload_loc.watcher.sources.base import FileEventSource, NullSource, PollResult, RawFileEvent
from livereload_loc.watcher.tree import WatchedTree
from livereload_loc.watcher.write_detection import OwnOutputs

Event = Batch | IgnoredSave | WatchNotice

STEP_AT_WORK, STEP_IDLE = 0.002, 0.02
"""Seconds between two looks, where looks are needed and while changes come in all the time."""

POLL = 0.3
"""Seconds between two looks through what has to be polled, unless said otherwise."""

_SHARE_AT_WORK, _SHARE_IDLE = 10, 100
"""Polling takes at most a tenth of the time, and a hundredth while nobody works."""

_LIMIT_AGAIN = 30.0
"""Seconds after which the system is asked again for watches that it did not have."""

_IN_A_ROW = 8
"""So many looks in a row may follow each other at once; then each waits for a step."""


class WatchStopped(Exception):
    """The watch is to end."""


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """``ignore`` in the syntax of gitignore(5); ``poll`` in seconds, None: where the system tells nothing."""

    ignore: tuple[str, ...] = ()
    gitignore: bool = True
    poll: float | None = None

    def rules(self, folder: str, single: bool) -> IgnoreRules:
        """Those below ``folder``. Where a ``single`` file in it was named, nothing ignores that."""
        return IgnoreRules(folder, () if single else self.ignore, self.gitignore)


class WatchWorker:
    """``emit`` is called in the thread that runs it, ``at_work`` asked whether somebody works now."""

    def __init__(
        self,
        paths: Sequence[str],
        options: WorkerOptions,
        emit: Callable[[Event], None],
        at_work: Callable[[], bool],
        eye: FileEventSource | None = None,
    ) -> None:
        self._options, self._emit, self._at_work = options, emit, at_work
        self.eye = eye or open_eye(paths, options.poll is not None)
        self._fresh = RecentFingerprints()
        self.tree = WatchedTree(self.eye, self, self._fresh, self._stopping)
        self._hearing = self.tree.hearing
        self._roots = WatchedRoots(paths, self.tree, options.rules, emit)
        self._pending = PendingFiles(self.tree, self._fresh, self._roots.lost)
        self._settle = Debouncer(self._pending)
        self._ignored = IgnoredLog(os.path.lexists)
        self._eventless = mounts.present()
        self._outputs = OwnOutputs()
        self._said: set[object] = set()
        self._now = self._looked = time.monotonic()
        self._in_a_row = 0
        self._poll_due = self._limit_due = 0.0
        self._silent = True
        self._stop = False

    def stop(self) -> None:
        """End :meth:`run` at once. From any thread."""
        self._stop = True
        self.eye.wake()

    def arm(self) -> None:
        """Hear of all roots. Whatever is saved after this is told. NoSuchPath where one is missing."""
        self._roots.plant()
        self._dispatch(self.eye.wait(0, STEP_AT_WORK))  # happened while the folders were read
        self._silent = False

    def run(self) -> None:
        """Watch until :meth:`stop`, by raising :class:`WatchStopped`."""
        while True:
            self.turn()

    def turn(self) -> None:
        """Wait for something to do, and do it."""
        step = STEP_AT_WORK if self._at_work() else STEP_IDLE
        sight = self.eye.wait(self._timeout(), step)
        self._stopping()
        self._now = time.monotonic()
        self._fresh.purge(self._now)
        self._dispatch(sight)
        self._look_regularly()
        self._tell()
        if sight.hints:
            self._pace(step)

    def touched(self, folder: WatchedDirectory, name: str, before: int | None, wrote: bool) -> None:
        if self._silent:
            return
        place = folder.child(name)
        if place in self._outputs:
            self._say(self._outputs, IgnoredSave(relative(folder.root, place), OwnOutputs.WHY, noise=False))
        else:
            self._settle.touched(self._pending.add(folder, name, before, wrote), self._now)

    def ignored(self, folder: WatchedDirectory, name: str, verdict: IgnoreReason, present: bool) -> None:
        if not self._silent:
            place = folder.child(name)
            noise = verdict.noise or not present
            self._ignored.add(relative(folder.root, place), place, verdict.why, noise, self._now)

    def hidden(self, prefix: str) -> None:
        self._settle.forget(self._pending.hide(prefix))

    def unreadable(self, folder: WatchedDirectory, error: OSError) -> None:
        self._say(folder.path, events.unreadable(folder.path, error.strerror or str(error)))

    def far(self, folder: WatchedDirectory, device: int) -> bool:
        if self._options.poll is not None:
            return True
        kind = self._eventless.get(device)
        if kind is not None:
            self._say(device, events.polling(folder.path, kind))
        return kind is not None

    def _dispatch(self, sight: PollResult) -> None:
        """Look where the hints say."""
        rules: dict[WatchedDirectory, None] = {}
        for hint in sight.hints:
            for folder in self._hearing.at(hint.folder):
                self._hear(folder, hint, rules)
            for key in self._hearing.links.at(hint.folder, hint.name):
                self._follow(key, hint.wrote, hint.fresh, rules)
            if not hint.name and hint.fresh:
                self._hearing.links.lost(hint.folder)
        for folder in rules:
            self._apply_rules(folder)
        if sight.lost:
            self._roots.rescan(self._now)

    def _hear(
        self, folder: WatchedDirectory, hint: RawFileEvent, rules: dict[WatchedDirectory, None]
    ) -> None:
        name = hint.name
        if folder.dropped or (folder.only is not None and name not in ("", folder.only)):
            return
        if name:
            if name in (".gitignore", ".git") and (hint.wrote or hint.fresh) and not folder.mute:
                rules[folder] = None
            self._pending.heard(folder.child(name), hint)
            self.tree.check(folder, name, hint.wrote, hint.fresh)
        elif folder.parent is not None:
            self.tree.check(folder.parent, folder.name, False, hint.fresh)
        else:
            self._roots.check(self._roots.of(folder), self._now, hint.fresh)

    def _follow(self, key: object, wrote: bool, fresh: bool, rules: dict[WatchedDirectory, None]) -> None:
        """Something happened where a link leads to."""
        if isinstance(key, WatchedRoot):
            self._roots.check(key, self._now, fresh)
        elif isinstance(key, ParentRules):
            if key.root.folder is not None:
                rules[key.root.folder] = None
        elif isinstance(key, tuple) and not key[0].dropped:
            self.tree.check(key[0], key[1], wrote, fresh)

    def _apply_rules(self, folder: WatchedDirectory) -> None:
        """What a change of rules uncovers or hides has not itself changed."""
        silent, self._silent = self._silent, True
        try:
            self.tree.reread(folder)
        finally:
            self._silent = silent

    def _look_regularly(self) -> None:
        if self._roots.wait(self._now) <= 0:
            self._roots.look(self._now)
            for key in self._hearing.links.review():
                self._follow(key, False, True, {})
        if self._hearing.polled and self._now >= self._poll_due:
            self._poll()
        if self._hearing.unheard:
            if self._now >= self._limit_due:
                self._limit_due = self._now + _LIMIT_AGAIN
                self._hearing.retry()
            limit, count = self._hearing.sysctl(), len(self._hearing.unheard)
            self._say(limit, events.out_of_watches(count, limit))

    def _poll(self) -> None:
        for folder in list(self._hearing.polled):
            if not folder.dropped:
                self.tree.look(folder)
        took = time.monotonic() - self._now
        share = _SHARE_AT_WORK if self._at_work() else _SHARE_IDLE
        self._poll_due = self._now + max(self._options.poll or POLL, took * share)

    def _tell(self) -> None:
        settled = self._settle.take(self._now)
        changes = self._pending.finish(settled.paths) if settled else []
        if settled and changes:
            self._settle.told(self._now)
            self._emit(Batch(tuple(changes), settled.seen))
        for ignored in self._ignored.take(self._now):
            self._emit(ignored)

    def _timeout(self) -> float:
        now = time.monotonic()
        waits = [self._roots.wait(now), self._settle.wait(now), self._ignored.wait(now)]
        if self._hearing.polled:
            waits.append(self._poll_due - now)
        return max(0.0, min(wait for wait in waits if wait is not None))

    def _pace(self, step: float) -> None:
        """Let a flood of hints come together, instead of looking at each."""
        self._in_a_row = self._in_a_row + 1 if self._now - self._looked < 5 * step else 0
        self._looked = self._now
        if self._in_a_row > _IN_A_ROW:
            time.sleep(step)

    def _say(self, key: object, event: Event) -> None:
        if key not in self._said:
            self._said.add(key)
            self._emit(event)

    def _stopping(self) -> None:
        if self._stop:
            raise WatchStopped


def open_eye(roots: Iterable[str], polls: bool) -> FileEventSource:
    """The source of hints for this system; imported here, since each system needs but one."""
    if polls:
        return NullSource()
    if sys.platform == "linux":
        from livereload_loc.watcher.sources.inotify import InotifySource

        return InotifySource()
    else:  # noqa: RET505 - for mypy, which looks at one system at a time
        from livereload_loc.watcher.sources.watchfiles import WatchfilesSource

        return WatchfilesSource(roots)
