"""What changed, and the most that it asks of a page.

A :class:`Batch` is what the watcher hands on once its files are whole; :func:`decide` turns it into
the action and the paths that the pages are told.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["added", "modified", "deleted"]
Action = Literal["reload", "css", "image", "morph"]

MAX_PATHS = 100
"""More changed paths than this are told as a plain reload, without naming them."""

IMAGE_SUFFIXES = frozenset({"apng", "avif", "bmp", "gif", "ico", "jfif", "jpeg", "jpg", "png", "svg", "webp"})


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that was added, modified or deleted.

    ``root`` is the watched root as an absolute path; ``path`` lies below it, with ``/`` between its
    parts on every system, and is the bare file name where the root is a single file. Bytes of a name
    that are not UTF-8 stand in both as surrogate escapes (PEP 383).
    """

    root: str
    path: str
    kind: Kind

    @property
    def file(self) -> tuple[str, str]:
        """What names the file among all: its root and its path."""
        return self.root, self.path


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that were saved together and are whole by now.

    ``seen`` is the ``time.monotonic()`` in seconds at which the first of them was noticed.
    """

    changes: tuple[FileChange, ...]
    seen: float


@dataclass(frozen=True, slots=True)
class ServedFolder:
    """A folder that is served: a file in it has a URL path, and any other that is watched is a source.

    ``root`` is its absolute path and ``real`` the same without links.
    """

    root: str
    real: str

    def placed(self, batch: Batch) -> Batch:
        """``batch`` with each file of the site below ``root``, whichever watched root it was seen in."""
        return replace(batch, changes=tuple(map(self._placed, batch.changes)))

    def holds(self, change: FileChange) -> bool:
        """Whether a file that was placed has a URL path, which is then its ``path``."""
        return change.root == self.root

    def _placed(self, change: FileChange) -> FileChange:
        if change.root == self.root:
            return change
        single = change.path == os.path.basename(change.root)
        file = change.root if single else os.path.join(change.root, *change.path.split("/"))
        for base in (self.root, self.real):
            below = base.rstrip(os.sep) + os.sep
            if file.startswith(below):
                return replace(change, root=self.root, path=file.removeprefix(below).replace(os.sep, "/"))
        return change


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pages are told of a batch: paths as they travel, never absolute, sorted, none twice."""

    action: Action
    paths: tuple[str, ...]


def decide(changes: Iterable[FileChange]) -> Decision:
    """The most that ``changes`` ask of a page.

    Style sheets alone are swapped, and so are images alone. A deleted file cannot be swapped in, a name
    that is not UTF-8 cannot be matched to a URL, and more than ``MAX_PATHS`` paths are not worth naming:
    these reload.
    """
    actions: set[Action] = set()
    paths: set[str] = set()
    for change in changes:
        path = change.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        garbled = path != change.path
        actions.add("reload" if garbled or change.kind == "deleted" else _swappable(path))
        paths.add(path)
    action: Action = actions.pop() if len(actions) == 1 else "reload"
    if len(paths) > MAX_PATHS:
        return Decision("reload", ())
    return Decision(action, tuple(sorted(paths)))


def _swappable(path: str) -> Action:
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    if not dot or not stem:
        return "reload"
    suffix = suffix.lower()
    if suffix == "css":
        return "css"
    return "image" if suffix in IMAGE_SUFFIXES else "reload"


def merged(*batches: Batch | None) -> Batch | None:
    """All of ``batches`` as one, in which the newest change of a file is the one that counts."""
    there = [batch for batch in batches if batch]
    if len(there) < 2:
        return there[0] if there else None
    changes: dict[tuple[str, str], FileChange] = {}
    for batch in there:
        for change in batch.changes:
            # A file that was there before is modified by one that comes in its place.
            earlier = changes.get(change.file)
            kept = earlier and earlier.kind != "added" and change.kind == "added"
            changes[change.file] = replace(change, kind="modified") if kept else change
    return Batch(tuple(changes.values()), min(batch.seen for batch in there))
