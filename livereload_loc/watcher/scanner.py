"""Compares the file system with the record of the watched folders, and returns what differs.

A folder is subscribed to *before* it is scanned, so that nothing is missed in between.
"""

from __future__ import annotations

import os
import stat
import threading
from collections import deque

from livereload_loc.watcher.findings import Findings, FoundFile, FoundHidden, FoundIgnored
from livereload_loc.watcher.fingerprint import is_young, signature
from livereload_loc.watcher.folder import WatchedFolder
from livereload_loc.watcher.ignore.rules import VIRTUAL_ENVIRONMENT
from livereload_loc.watcher.notices import WatchNotice, unreadable
from livereload_loc.watcher.tree import WatchedTree


class WatchStopped(Exception):
    """The watcher was stopped during a scan."""


class TreeScanner:
    """Keeps ``tree`` up to date. A scan raises WatchStopped once ``stop`` is set."""

    def __init__(self, tree: WatchedTree, stop: threading.Event) -> None:
        self._tree, self._stop = tree, stop
        self._new: deque[WatchedFolder] = deque()
        self._adding = False

    def add(self, folder: WatchedFolder) -> Findings:
        """Watch ``folder`` with everything below it.

        New folders in it are queued, not scanned recursively.
        """
        self._tree.ignored_folders += folder.ignored is not None
        self._new.append(folder)
        found: Findings = []
        if self._adding:
            return found
        self._adding = True
        try:
            while self._new:
                new = self._new.popleft()
                if not new.dropped:
                    found += self._tree.subscriptions.add(new)
                    found += self.scan(new, new=True)
        finally:
            self._adding = False
            self._new.clear()
        return found

    def recover(self, folder: WatchedFolder) -> Findings:
        """Subscribe again to ``folder`` and all below it, of which events were lost, and scan them."""
        found: Findings = []
        for each in folder.with_descendants():
            found += self._tree.subscriptions.renew(each)
        return found + self.rescan(folder)

    def rescan(self, folder: WatchedFolder, new: bool = False) -> Findings:
        """Scan ``folder`` and all below it; ``new``: they are other folders than before."""
        found: Findings = []
        waiting = [folder]
        while waiting:
            each = waiting.pop()
            if each.dropped:
                continue
            if new:
                found += self._tree.subscriptions.renew(each)
            known = list(each.folders.values())
            found += self.scan(each, new)
            waiting.extend(known)
        return found

    def apply_rules(self, folder: WatchedFolder) -> Findings:
        """Apply the rules in ``folder``, which have changed, to it and to all below it.

        Files that they no longer ignore have not changed, and are not returned.
        """
        for each in folder.with_descendants():
            if each.parent is None:
                each.rules = each.ignore.at_root()
            elif not each.ignored:
                each.rules = each.ignore.below(each.path, each.parent.rules)
        found = self.rescan(folder)
        return [each for each in found if isinstance(each, FoundHidden | WatchNotice)]

    def scan(self, folder: WatchedFolder, new: bool = False) -> Findings:
        """Compare the entries of ``folder`` with the record, and add folders that are new in it.

        Where it can't be read, its record stays as it is. In a ``new`` folder, which no event may have named,
        ignored files are returned, too.
        """
        if self._stop.is_set():
            raise WatchStopped
        if folder.only is not None:
            return self.compare_entry(folder, folder.only)
        try:
            with os.scandir(folder.path) as scanned:
                entries = {entry.name: entry for entry in scanned}
        except (FileNotFoundError, NotADirectoryError):
            return [] if folder.parent is None else self._tree.drop(folder)
        except OSError as error:
            folder.readable = False
            return [unreadable(folder.path, error)]
        folder.readable = True
        if "pyvenv.cfg" in entries and folder.parent is not None:
            return self._hide_environment(folder, folder.parent)
        found: Findings = []
        for name in [*folder.files, *folder.folders]:
            if name not in entries:
                found += self._tree.remove(folder, name)
        for name, entry in entries.items():
            found += self._compare_scanned(folder, name, entry, new)
        return found

    def compare_entry(
        self, folder: WatchedFolder, name: str, written: bool = False, replaced: bool = False
    ) -> Findings:
        """Compare one entry with the record; an event may say that it was ``written`` or ``replaced``."""
        path = folder.child(name)
        try:
            link = stat.S_ISLNK(os.lstat(path).st_mode)
        except OSError:
            known = name in folder.files or name in folder.folders
            event = not known and (written or replaced)
            return self._tree.remove(folder, name) + self._ignored(folder, name, event, present=False)
        if name == "pyvenv.cfg" and folder.parent is not None:
            return self._hide_environment(folder, folder.parent)
        # Subscribe to the target before reading its status, so that no later change is missed.
        if link:
            self._tree.subscriptions.outside.follow(path, (folder, name))
        else:
            self._tree.subscriptions.outside.forget(path)
        try:
            status = os.stat(path)
        except OSError:  # gone since, or a link that leads nowhere or in a circle
            status = None
        is_folder = status is not None and stat.S_ISDIR(status.st_mode)
        if not is_folder and folder.ignore_reason(name, False):
            event = written or replaced
            return self._tree.hide(folder, name) + self._ignored(folder, name, event, present=True)
        if status is None:
            return self._tree.remove(folder, name, link)
        if is_folder:
            return self._compare_folder(folder, name, link, replaced)
        return self._compare_file(folder, name, status, link, written)

    def _compare_scanned(
        self, folder: WatchedFolder, name: str, entry: os.DirEntry[str], new: bool
    ) -> Findings:
        reason = status = None
        try:
            link = entry.is_symlink()
            is_folder = not link and entry.is_dir()
            if not link and not is_folder:
                reason = folder.ignore_reason(name, False)
                status = None if reason else entry.stat()
        except OSError:  # gone since
            return self._tree.remove(folder, name)
        if link:
            return self.compare_entry(folder, name)
        if is_folder:
            return self._compare_folder(folder, name, link, replaced=False)
        if status is None:
            found = self._tree.hide(folder, name)
            return [*found, FoundIgnored(folder, name, reason, present=True)] if reason and new else found
        return self._compare_file(folder, name, status, link, written=False)

    def _compare_file(
        self, folder: WatchedFolder, name: str, status: os.stat_result, link: bool, written: bool
    ) -> Findings:
        if not stat.S_ISREG(status.st_mode):
            return self._tree.remove(folder, name, link)
        found = self._tree.drop(folder.folders[name]) if name in folder.folders else []
        before, path, recent = folder.files.get(name), folder.child(name), self._tree.recent
        now = signature(status)
        if before != now or recent.written(path, status, written):
            if before is None and is_young(status.st_mtime_ns):
                recent.keep(path, status)
            self._tree.put(folder, name, now)
            found.append(FoundFile(folder, name, before, written))
        return found

    def _compare_folder(self, folder: WatchedFolder, name: str, link: bool, replaced: bool) -> Findings:
        found = self._tree.remove(folder, name, link) if name in folder.files else []
        path = folder.child(name)
        real = os.path.realpath(path) if link else os.path.join(folder.real, name)
        known = folder.folders.get(name)
        if known is not None and known.real == real:
            if replaced or not known.readable:
                found += self.rescan(known, new=True)
            return found
        if known is not None:
            found += self._tree.drop(known)
        ignored = folder.ignore_reason(name, True)
        loop = any(each.real == real for each in folder.with_ancestors())
        if folder.only or loop or not self._tree.wants(folder, ignored):
            return found
        rules = folder.rules if ignored else folder.ignore.below(path, folder.rules)
        child = WatchedFolder(path, real, folder.root, folder.ignore, rules, folder, ignored)
        folder.folders[name] = child
        return found + self.add(child)

    def _hide_environment(self, folder: WatchedFolder, parent: WatchedFolder) -> Findings:
        """Forget ``folder``, in which a virtual environment was created."""
        self._tree.drop(folder)
        return [FoundHidden(folder.path), FoundIgnored(parent, folder.name, VIRTUAL_ENVIRONMENT, True)]

    def _ignored(self, folder: WatchedFolder, name: str, event: bool, present: bool) -> Findings:
        """Return a finding where ``name`` is ignored, and an ``event`` named it."""
        reason = folder.ignore_reason(name, False) if event else None
        return [FoundIgnored(folder, name, reason, present)] if reason else []
