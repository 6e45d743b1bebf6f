"""The watcher's thread: turns file events and polls into batches and notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from livereload_loc.changes import Batch
from livereload_loc.httputil.log import RepeatFilter
from livereload_loc.watcher.debounce import Debouncer
from livereload_loc.watcher.findings import Finding, Findings, FoundFile, FoundHidden, FoundIgnored
from livereload_loc.watcher.folder import PathUser, WatchedFolder, WatchedRoot
from livereload_loc.watcher.ignored_log import IgnoredLog, OwnOutputs
from livereload_loc.watcher.notices import IgnoredSave, WatchEvent, WatchNotice
from livereload_loc.watcher.roots import WatchedRoots
from livereload_loc.watcher.scanner import TreeScanner
from livereload_loc.watcher.sources.base import PollResult, RawFileEvent
from livereload_loc.watcher.subscriptions import Subscriptions
from livereload_loc.watcher.system import WatchSystem
from livereload_loc.watcher.tree import WatchedTree
from livereload_loc.watcher.write_detection import WriteDetector

# Seconds between two polls of a source: while the user is active, and otherwise.
INTERVAL_AT_WORK, INTERVAL_IDLE = 0.002, 0.02

# Seconds between two scans of what has to be polled, unless set otherwise.
POLL = 0.3

# Polling takes at most a tenth of a processor, a hundredth while the user is idle, and a quarter of the time:
# a scan also waits, for the disk or while other programs run.
_SHARE_AT_WORK, _SHARE_IDLE, _SHARE_WAITING = 10, 100, 3

# Turns that may follow one another at once; after that, each waits for an interval.
_IN_A_ROW = 8


def poll_pause(cpu: float, took: float, at_work: bool) -> float:
    """Return the seconds from one poll to the next, where the last took ``cpu`` seconds of a processor."""
    return max(cpu * (_SHARE_AT_WORK if at_work else _SHARE_IDLE), took * _SHARE_WAITING)


class WatchWorker:
    """Watches ``paths`` on ``system``; ``at_work`` returns whether the user is active.

    ``ignore`` is in the syntax of gitignore(5); ``poll`` is in seconds.
    """

    def __init__(
        self,
        paths: Sequence[str],
        system: WatchSystem,
        at_work: Callable[[], bool],
        ignore: Sequence[str] = (),
        gitignore: bool = True,
        poll: float | None = None,
    ) -> None:
        self._source, self._at_work, self._poll_interval = system.source, at_work, poll or POLL
        self._stop = threading.Event()
        self.subscriptions = Subscriptions(system)
        self.tree = WatchedTree(self.subscriptions)
        self._scanner = TreeScanner(self.tree, self._stop)
        self._roots = WatchedRoots(paths, self.tree, self._scanner, ignore, gitignore)
        self._writes = WriteDetector(self.subscriptions, system.leases)
        self._debouncer = Debouncer(self._writes)
        self._ignored = IgnoredLog()
        self._own_outputs = OwnOutputs()
        self._repeats = RepeatFilter()
        self._last_events = self._poll_due = 0.0
        self._in_a_row = 0

    def stop(self) -> None:
        """End :meth:`run` at once. From any thread."""
        self._stop.set()
        self._source.wake()

    def start(self) -> list[WatchEvent]:
        """Begin to watch: whatever is saved after this is reported by :meth:`run`.

        Raises NoSuchPath where a path is missing, and WatchStopped as :meth:`run` does.
        """
        found = self._roots.add_all(time.monotonic())
        result, now = self._source.wait(0, INTERVAL_AT_WORK), time.monotonic()
        self._poll_due = now + self._poll_interval
        found += self._scan_events(result, now)  # what happened while the folders were scanned
        return self._take_in((each for each in found if isinstance(each, WatchNotice)), now)

    def run(self) -> Iterator[WatchEvent]:
        """Yield what happens until :meth:`stop`, which makes a running scan raise WatchStopped."""
        while True:
            interval = INTERVAL_AT_WORK if self._at_work() else INTERVAL_IDLE
            result = self._source.wait(self._timeout(), interval)
            if self._stop.is_set():
                return
            now = time.monotonic()
            self.tree.recent.purge(now)
            yield from self._take_in(self._scan_events(result, now), now)
            files = self._debouncer.take(now)
            changes = [(file, change) for file in files if (change := self.tree.record(file))]
            if changes:
                self._debouncer.reported([file for file, _ in changes], now)
                yield Batch(tuple(change for _, change in changes), min(file.first for file in files))
            yield from self._ignored.take(now)
            if result.events:
                self._pace(interval, now)

    def _timeout(self) -> float:
        due = min(self._roots.due, self._debouncer.due, self._ignored.due)
        if self.subscriptions.polled:
            due = min(due, self._poll_due)
        return max(0.0, due - time.monotonic())

    def _scan_events(self, result: PollResult, now: float) -> Findings:
        """Scan what the events name, and regularly what no event may report."""
        found: Findings = []
        outside = self.subscriptions.outside
        for event in result.events:
            for folder in self.subscriptions.at(event.folder):
                found += self._scan_entry(folder, event, now)
            for user in outside.users(event.folder, event.name):
                found += self._scan_user(user, event.written, event.replaced, now)
            if event.replaced and not event.name:
                outside.lost(event.folder)
        if result.lost or now >= self._roots.due:
            found += self._roots.refresh_all(now, result.lost)
            for user in outside.review():
                found += self._scan_user(user, False, True, now)
        if self.subscriptions.polled and now >= self._poll_due:
            found += self._poll(now)
        return found + self.subscriptions.retry(now)

    def _scan_entry(self, folder: WatchedFolder, event: RawFileEvent, now: float) -> Findings:
        name = event.name
        if folder.dropped or (folder.only is not None and name not in ("", folder.only)):
            return []
        if not name:
            if folder.parent is None:
                return self._roots.refresh(folder.root, now, event.replaced)
            return self._scanner.compare_entry(folder.parent, folder.name, replaced=event.replaced)
        self._writes.note(folder.child(name), event)
        found = self._scanner.compare_entry(folder, name, event.written, event.replaced)
        rules = name == ".gitignore" or (name == ".git" and (event.written or event.replaced))
        if rules and not folder.ignored:
            found += self._scanner.apply_rules(folder)
        return found

    def _scan_user(self, user: PathUser, written: bool, replaced: bool, now: float) -> Findings:
        """Scan what depends on a changed entry outside the watched folders."""
        if isinstance(user, WatchedRoot):
            return self._roots.refresh(user, now, replaced)
        if isinstance(user, WatchedFolder):
            return [] if user.dropped else self._scanner.apply_rules(user)
        folder, name = user
        return [] if folder.dropped else self._scanner.compare_entry(folder, name, written, replaced)

    def _poll(self, now: float) -> Findings:
        found: Findings = []
        cpu = time.thread_time()
        for folder in list(self.subscriptions.polled):
            if not folder.dropped:
                found += self._scanner.scan(folder)
        cpu, took = time.thread_time() - cpu, time.monotonic() - now
        self._poll_due = now + max(self._poll_interval, poll_pause(cpu, took, self._at_work()))
        return found

    def _take_in(self, findings: Iterable[Finding], now: float) -> list[WatchEvent]:
        """Queue ``findings`` for the debouncer and the ignored log; return what to report at once."""
        events: list[WatchEvent] = []
        for found in findings:
            if isinstance(found, FoundFile):
                if found.folder.child(found.name) not in self._own_outputs:
                    self._debouncer.add(found, now)
                elif self._repeats.admit(OwnOutputs):
                    events.append(IgnoredSave(found.folder.relative(found.name), OwnOutputs.WHY, noise=False))
            elif isinstance(found, FoundIgnored):
                self._ignored.add(found, now)
            elif isinstance(found, FoundHidden):
                self._debouncer.forget(found.path)
            elif isinstance(found, WatchNotice) and (
                found.subject is None or self._repeats.admit(found.subject)
            ):
                events.append(found)
        return events

    def _pace(self, interval: float, now: float) -> None:
        """Sleep during a flood of events, so that they are handled together."""
        self._in_a_row = self._in_a_row + 1 if now - self._last_events < 5 * interval else 0
        self._last_events = now
        if self._in_a_row > _IN_A_ROW:
            time.sleep(interval)
