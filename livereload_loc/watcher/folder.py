"""One folder of the record of what is watched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Protocol

from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreReason, IgnoreRules


class WatchedDirectory:
    """A folder under the path by which the user sees it; ``real`` is its path without symbolic links.

    ``files`` holds the signatures of the watched files. Of a folder with a ``mute`` verdict none is
    recorded: it is only heard of, to be able to say why a save in it does nothing.
    """

    __slots__ = (
        "dropped", "files", "folders", "ignore", "mute", "only", "parent", "path", "place", "readable",
        "real", "root",
    )  # fmt: skip

    def __init__(self, path: str, real: str, root: str, ignore: IgnoreRules, place: FolderRules) -> None:
        self.path, self.root = path, root
        self.real = path if path == real else real  # one string for both, where there are many
        self.ignore, self.place = ignore, place
        self.parent: WatchedDirectory | None = None
        self.files: dict[str, int] = {}
        self.folders: dict[str, WatchedDirectory] = {}
        self.mute: IgnoreReason | None = None
        self.only: str | None = None  # where the root is this one file
        self.readable = True
        self.dropped = False

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    def child(self, name: str) -> str:
        return os.path.join(self.path, name)

    def below(self) -> Iterator[WatchedDirectory]:
        """The folder and all below it, each before its own folders."""
        waiting = [self]
        while waiting:
            folder = waiting.pop()
            yield folder
            waiting.extend(folder.folders.values())

    def verdict(self, name: str, is_folder: bool) -> IgnoreReason | None:
        """What ignores the entry ``name``."""
        if self.only is not None:
            return None
        return self.mute or self.ignore.verdict(self.child(name), is_folder, self.place)

    def lies_in(self, real: str) -> bool:
        """Whether ``real`` is the folder itself or one above it, as the user sees them."""
        above: WatchedDirectory | None = self
        while above is not None and above.real != real:
            above = above.parent
        return above is not None

    def mute_depth(self) -> int:
        depth = 0
        folder: WatchedDirectory | None = self
        while folder is not None and folder.mute:
            depth, folder = depth + 1, folder.parent
        return depth


class ScanListener(Protocol):
    """Who is told what the looks find."""

    def touched(self, folder: WatchedDirectory, name: str, before: int | None, wrote: bool) -> None:
        """The file ``name`` differs from its signature ``before``, or was written."""

    def ignored(self, folder: WatchedDirectory, name: str, verdict: IgnoreReason, present: bool) -> None:
        """Something happened to ``name``, which is ignored."""

    def hidden(self, prefix: str) -> None:
        """``prefix``, and what lies below it, has become ignored."""

    def unreadable(self, folder: WatchedDirectory, error: OSError) -> None:
        """``folder`` can't be read."""

    def far(self, folder: WatchedDirectory, device: int) -> bool:
        """Whether ``folder`` lies where changes are not told of, and has to be polled."""
