"""The records of what is watched: roots, and the folders in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreReason, IgnoreRules


@dataclass(eq=False, slots=True)
class WatchedRoot:
    """A path that was named: a folder, or a single file, for which the ``folder`` around it is watched."""

    path: str
    folder: WatchedDirectory | None = None
    identity: tuple[int, int, int] | None = None
    missing_since: float | None = None
    reported_gone: bool = False


class WatchedDirectory:
    """A folder under the path by which the user knows it; ``real`` is its path without symbolic links.

    ``files`` holds the signatures of the watched files. A folder that is ``ignored`` has none: it is
    subscribed to only to be able to say why a save in it does nothing. ``only`` is the name of the single
    file that was named. A folder that is ``dropped`` is not watched any more.
    """

    __slots__ = (
        "dropped", "files", "folders", "ignore", "ignored", "only", "parent", "path", "readable", "real",
        "root", "rules",
    )  # fmt: skip

    def __init__(
        self, path: str, real: str, root: WatchedRoot, ignore: IgnoreRules, rules: FolderRules
    ) -> None:
        self.path, self.root = path, root
        self.real = path if path == real else real  # one string for both, where there are many
        self.ignore, self.rules = ignore, rules
        self.parent: WatchedDirectory | None = None
        self.files: dict[str, int] = {}
        self.folders: dict[str, WatchedDirectory] = {}
        self.ignored: IgnoreReason | None = None
        self.only: str | None = None
        self.readable = True
        self.dropped = False

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    def child(self, name: str) -> str:
        return os.path.join(self.path, name)

    def relative(self, name: str) -> str:
        """Return the path of the entry ``name`` below the root, with ``/``; its bare name where it is the root."""
        path, root = self.child(name), self.root.path
        return name if path == root else path[len(root.rstrip(os.sep)) + 1 :].replace(os.sep, "/")

    def below(self) -> Iterator[WatchedDirectory]:
        """Yield the folder and all below it, each before its own folders."""
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting.extend(folder.folders.values())

    def verdict(self, name: str, is_folder: bool) -> IgnoreReason | None:
        """Return why the entry ``name`` is ignored, None where it is watched."""
        if self.only is not None:
            return None
        return self.ignored or self.ignore.verdict(self.child(name), is_folder, self.rules)

    def lies_in(self, real: str) -> bool:
        """Return whether ``real`` is the folder itself or one above it, as the user knows them."""
        above: WatchedDirectory | None = self
        while above is not None and above.real != real:
            above = above.parent
        return above is not None

    def ignored_depth(self) -> int:
        """Return how many folders up to the topmost ignored one are ignored."""
        depth = 0
        folder: WatchedDirectory | None = self
        while folder is not None and folder.ignored:
            depth, folder = depth + 1, folder.parent
        return depth

    def file_status(self, name: str) -> os.stat_result | None:
        """Return the status of the file ``name``; None where it is no regular file, or not watched any more.

        What is reported has to be on record, or its end would not be noticed. A dropped folder that is
        there again has another record, with events of its own.
        """
        if self.dropped:
            return None
        try:
            status = os.stat(self.child(name))
        except OSError:
            return None
        return status if stat.S_ISREG(status.st_mode) else None


@dataclass(frozen=True, slots=True)
class RulesAbove:
    """Stands for the files with git's rules that lie above ``root``."""

    root: WatchedRoot


# Whom the entries that a path leads over concern: a root, the rules above one, or an entry that is a link.
PathUser = WatchedRoot | RulesAbove | tuple[WatchedDirectory, str]
