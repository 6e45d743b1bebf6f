"""Watches the paths that the user named, and watches them again when they come back."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from math import inf

from livereload_loc.errors import NoSuchPath
from livereload_loc.watcher.debounce import LIMIT
from livereload_loc.watcher.findings import Findings
from livereload_loc.watcher.folder import WatchedFolder, WatchedRoot
from livereload_loc.watcher.ignore.rules import IgnoreRules
from livereload_loc.watcher.notices import back, gone
from livereload_loc.watcher.scanner import TreeScanner
from livereload_loc.watcher.tree import WatchedTree

# Seconds between two regular checks of the roots, and while one is missing. No event reports that a folder
# above a root is renamed, or that something is mounted over it.
REGULARLY, MISSING = 1.0, 0.05


class WatchedRoots:
    """Adds the roots to ``tree``, and notices when they are removed, replaced or back.

    ``due`` is when to check them next without an event. Patterns of ``ignore`` do not apply to single files.
    """

    def __init__(
        self, paths: Sequence[str], tree: WatchedTree, scanner: TreeScanner, ignore: Sequence[str], git: bool
    ) -> None:
        self._tree, self._scanner, self._outside = tree, scanner, tree.subscriptions.outside
        self._ignore, self._git = ignore, git
        self._roots = [WatchedRoot(path) for path in paths]
        self.due = inf

    def add_all(self, now: float) -> Findings:
        """Add each root. Raises NoSuchPath where one is missing."""
        for root in self._roots:
            if not os.path.exists(root.path):
                raise NoSuchPath(root.path)
        return self.refresh_all(now)

    def refresh_all(self, now: float, lost: bool = False) -> Findings:
        """Refresh each root; ``lost``: scan all of it, because events are missing."""
        found: Findings = []
        for root in self._roots:
            found += self.refresh(root, now)
            if lost and root.folder is not None:
                found += self._scanner.recover(root.folder)
        missing = any(root.missing_since is not None for root in self._roots)
        self.due = now + (MISSING if missing else REGULARLY)
        return found

    def refresh(self, root: WatchedRoot, now: float, replaced: bool = False) -> Findings:
        """Update the tree to ``root`` as it is now; ``replaced``: an event says that it is a new one."""
        try:
            status = os.stat(root.path)
        except OSError:
            return self._lose(root, now)
        found: Findings = []
        identity = status.st_dev, status.st_ino, stat.S_IFMT(status.st_mode)
        path = root.path if stat.S_ISDIR(status.st_mode) else os.path.dirname(root.path)
        real = os.path.realpath(path)
        if root.folder is not None and (root.folder.path, root.folder.real) != (path, real):
            found += self._tree.drop(root.folder)
            root.folder = None
        if root.folder is None:
            found += self._add(root, path, real)
        elif replaced or not root.folder.readable or root.identity != identity:
            self._outside.follow(root.path, root)
            found += self._scanner.rescan(root.folder, new=True)
        if root.reported_gone:
            found.append(back(root.path))
        root.identity, root.missing_since, root.reported_gone = identity, None, False
        return found

    def _add(self, root: WatchedRoot, path: str, real: str) -> Findings:
        """Watch the folder ``path`` for ``root``, which is that folder or a file in it."""
        single = path != root.path
        ignore = IgnoreRules(path, () if single else self._ignore, self._git)
        folder = root.folder = WatchedFolder(path, real, root, ignore, ignore.at_root())
        folder.only = os.path.basename(root.path) if single else None
        self._outside.follow(root.path, root)
        for file in ignore.rule_files(folder.rules):
            self._outside.follow(file, folder)
        return self._scanner.add(folder)

    def _lose(self, root: WatchedRoot, now: float) -> Findings:
        found: Findings = []
        if root.missing_since is None:
            root.missing_since = now
            self.due = min(self.due, now + MISSING)
            if root.folder is not None:
                found += self._tree.drop(root.folder)
                root.folder = None
            self._outside.follow(root.path, root)
        elif not root.reported_gone and now - root.missing_since >= LIMIT:
            root.reported_gone = True
            found.append(gone(root.path))
        return found
