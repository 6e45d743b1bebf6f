"""Changed files, and the update that they ask for.

The watcher puts files that were saved together into a :class:`Batch`; :func:`decide` turns its changes into
an action and paths for the pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from livereload_loc.httputil.text import without_surrogates

Kind = Literal["added", "modified", "deleted"]
Action = Literal["reload", "css", "image"]

# More paths than this are not named: pages reload.
MAX_PATHS = 100

IMAGE_SUFFIXES = frozenset({"apng", "avif", "bmp", "gif", "ico", "jfif", "jpeg", "jpg", "png", "svg", "webp"})


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that was added, modified or deleted.

    ``root`` is the absolute path of the watched root. ``path`` is relative to it, with ``/`` on every system,
    or the file's name where the root is a file. Bytes that are not UTF-8 are surrogate escapes (PEP 383).
    """

    root: str
    path: str
    kind: Kind

    @property
    def file(self) -> tuple[str, str]:
        """The key of the file: its root and its path."""
        return self.root, self.path

    @property
    def location(self) -> str:
        """The absolute path of the file."""
        is_root = self.path == os.path.basename(self.root) and not os.path.isdir(self.root)
        return self.root if is_root else os.path.join(self.root, *self.path.split("/"))


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of files that were saved together, and are completely written.

    ``seen`` is the ``time.monotonic()`` in seconds at which the first change was noticed.
    """

    changes: tuple[FileChange, ...]
    seen: float


@dataclass(frozen=True, slots=True)
class ServedFolder:
    """The folder that is served: files in it have URL paths; files outside it are sources of its pages.

    ``root`` is the absolute path of the folder, ``real`` the same without symbolic links.
    """

    root: str
    real: str

    def contains(self, change: FileChange) -> bool:
        """Return whether the file of a relocated change is in the folder: its ``path`` is a URL path then."""
        return change.root == self.root

    def relocate(self, change: FileChange) -> FileChange:
        """Return the change relative to this folder if the file is in it, whichever root it was seen in."""
        if change.root == self.root:
            return change
        for base in (self.root, self.real):
            below = base.rstrip(os.sep) + os.sep
            if change.location.startswith(below):
                path = change.location.removeprefix(below).replace(os.sep, "/")
                return replace(change, root=self.root, path=path)
        return change


@dataclass(frozen=True, slots=True)
class Decision:
    """The action and the paths of an update; paths are relative, sorted, without repetition, and UTF-8."""

    action: Action
    paths: tuple[str, ...]


def decide(changes: Iterable[FileChange]) -> Decision:
    """Return the update that ``changes`` ask for.

    Pages swap style sheets alone or images alone, and reload for all else: also for a deleted file, for a
    name that is not UTF-8 and matches no URL, and for more than ``MAX_PATHS`` paths.
    """
    actions: set[Action] = set()
    paths: set[str] = set()
    for change in changes:
        path = without_surrogates(change.path)
        swappable = path == change.path and change.kind != "deleted"
        actions.add(_action(path) if swappable else "reload")
        paths.add(path)
    if len(paths) > MAX_PATHS:
        return Decision("reload", ())
    return Decision(actions.pop() if len(actions) == 1 else "reload", tuple(sorted(paths)))


def _action(path: str) -> Action:
    stem, _, suffix = path.rpartition("/")[2].rpartition(".")
    suffix = suffix.lower() if stem else ""
    return "css" if suffix == "css" else "image" if suffix in IMAGE_SUFFIXES else "reload"


def merged(*batches: Batch | None) -> Batch | None:
    """Return all ``batches`` as one, with the newest change of each file; None where there is none."""
    present = [batch for batch in batches if batch]
    if len(present) < 2:
        return present[0] if present else None
    changes: dict[tuple[str, str], FileChange] = {}
    for batch in present:
        for change in batch.changes:
            earlier = changes.get(change.file)
            if earlier and earlier.kind != "added" and change.kind == "added":
                change = replace(change, kind="modified")
            changes[change.file] = change
    return Batch(tuple(changes.values()), min(batch.seen for batch in present))
