"""The record of the watched folders, with their files as they were at the last scan.

A folder is known by its path as the user sees it, and by its real path, which is what events name:
symbolic links may show one folder in several places.
"""

from __future__ import annotations

from livereload_loc.changes import FileChange, Kind
from livereload_loc.watcher.debounce import PendingFile
from livereload_loc.watcher.findings import Findings, FoundFile, FoundHidden
from livereload_loc.watcher.fingerprint import RecentFingerprints, signature
from livereload_loc.watcher.folder import WatchedFolder
from livereload_loc.watcher.ignore.rules import IgnoreReason
from livereload_loc.watcher.subscriptions import Subscriptions

# The number of ignored folders that are watched, to report why a save in them does nothing.
IGNORED_FOLDERS = 64
_IGNORED_DEPTH = 3


class WatchedTree:
    """All folders of all roots: how many ``files`` they hold, how many ``ignored_folders`` are among them."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self.subscriptions, self.recent = subscriptions, RecentFingerprints()
        self.files = 0
        self.ignored_folders = 0

    def wants(self, folder: WatchedFolder, ignored: IgnoreReason | None) -> bool:
        """Return whether to record a folder in ``folder``, though it may be ``ignored``."""
        if ignored is None:
            return True
        depth = sum(each.ignored is not None for each in folder.with_ancestors())
        return not ignored.noise and self.ignored_folders < IGNORED_FOLDERS and depth < _IGNORED_DEPTH

    def drop(self, folder: WatchedFolder) -> Findings:
        """Stop watching ``folder`` and everything below it, and return its files as missing."""
        if folder.parent is not None:
            folder.parent.folders.pop(folder.name, None)
        found: Findings = []
        for each in list(folder.with_descendants()):
            found += [FoundFile(each, name, before) for name, before in each.files.items()]
            self.files -= len(each.files)
            self.ignored_folders -= each.ignored is not None
            each.files, each.folders, each.dropped = {}, {}, True
            self.subscriptions.remove(each)
        return found

    def remove(self, folder: WatchedFolder, name: str, link: bool = False) -> Findings:
        """Forget ``name``, which is gone; a dangling ``link`` is still followed."""
        found = self._remove_folder(folder, name, link)
        before = folder.files.get(name)
        if before is not None:
            self.put(folder, name, None)
            found.append(FoundFile(folder, name, before))
        return found

    def hide(self, folder: WatchedFolder, name: str) -> Findings:
        """Forget ``name``, which is now an ignored file."""
        found = self._remove_folder(folder, name)
        if name in folder.files:
            self.put(folder, name, None)
            found.append(FoundHidden(folder.child(name)))
        return found

    def put(self, folder: WatchedFolder, name: str, value: int | None) -> None:
        """Set the signature of a file, None where it is gone."""
        if folder.dropped:
            return
        self.files += (value is not None) - (name in folder.files)
        if value is None:
            folder.files.pop(name, None)
        else:
            folder.files[name] = value

    def record(self, file: PendingFile) -> FileChange | None:
        """Record ``file`` as it is now, in every folder that shows it, and return how it has changed."""
        folder, name = file.folder, file.name
        status = folder.file_status(name)
        kind: Kind | None = "modified"
        if status is None:
            kind = None if file.before is None else "deleted"
        elif file.before is None:
            kind = "added"
        elif signature(status) == file.before and not self.recent.written(file.path, status, file.written):
            kind = None
        for each in self.subscriptions.at(folder.real):
            if each.path == folder.path:
                self.put(each, name, None if status is None else signature(status))
        if status is not None:
            self.recent.keep(file.path, status)
        return None if kind is None else FileChange(folder.root.path, folder.relative(name), kind)

    def _remove_folder(self, folder: WatchedFolder, name: str, link: bool = False) -> Findings:
        if not link:
            self.subscriptions.outside.forget(folder.child(name))
        return self.drop(folder.folders[name]) if name in folder.folders else []
