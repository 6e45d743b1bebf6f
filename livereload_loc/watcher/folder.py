"""The records of watched roots and folders."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreReason, IgnoreRules


@dataclass(eq=False, slots=True)
class WatchedRoot:
    """A watched path from the user: a folder, or a file, for which the ``folder`` around it is watched."""

    path: str
    folder: WatchedFolder | None = None
    identity: tuple[int, int, int] | None = None
    missing_since: float | None = None
    reported_gone: bool = False


@dataclass(eq=False, slots=True)
class WatchedFolder:
    """A folder under the path by which the user knows it; ``real`` is its path without symbolic links.

    ``files`` holds the signatures of the watched files. An ``ignored`` folder has none: it is
    watched only to report why a save in it does nothing. ``only`` is the name of a root that is a file. A
    ``dropped`` folder is no longer watched.
    """

    path: str
    real: str
    root: WatchedRoot
    ignore: IgnoreRules
    rules: FolderRules
    parent: WatchedFolder | None = None
    ignored: IgnoreReason | None = None
    only: str | None = None
    files: dict[str, int] = field(default_factory=dict)
    folders: dict[str, WatchedFolder] = field(default_factory=dict)
    readable: bool = True
    dropped: bool = False

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    def child(self, name: str) -> str:
        return os.path.join(self.path, name)

    def relative(self, name: str) -> str:
        """Return the path of the entry ``name`` below the root, with ``/``; of the root its name."""
        path, root = self.child(name), self.root.path
        return name if path == root else path[len(root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")

    def with_descendants(self) -> Iterator[WatchedFolder]:
        """Yield the folder and all its descendants, parents first."""
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting.extend(folder.folders.values())

    def ignore_reason(self, name: str, is_folder: bool) -> IgnoreReason | None:
        """Return why the entry ``name`` is ignored, None where it is watched."""
        if self.only is not None:
            return None
        return self.ignored or self.ignore.ignore_reason(self.child(name), is_folder, self.rules)

    def with_ancestors(self) -> Iterator[WatchedFolder]:
        """Yield the folder and its ancestors, up to the root."""
        folder: WatchedFolder | None = self
        while folder is not None:
            yield folder
            folder = folder.parent

    def file_status(self, name: str) -> os.stat_result | None:
        """Return the status of the file ``name``; None where it is no regular file, or no longer watched.

        A dropped folder that is back has another record, which reports its files.
        """
        if self.dropped:
            return None
        try:
            status = os.stat(self.child(name))
        except OSError:
            return None
        return status if stat.S_ISREG(status.st_mode) else None


# What depends on an outside entry: a root, a root's folder for the rules above it, or a link in a folder.
PathUser = WatchedRoot | WatchedFolder | tuple[WatchedFolder, str]
