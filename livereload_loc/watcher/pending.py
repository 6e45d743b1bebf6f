"""The files that may have changed: what the pages know of them, how they are now, what became of them."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Hashable, Iterable

from livereload_loc.changes import FileChange, Kind
from livereload_loc.watcher.debounce import WriteState
from livereload_loc.watcher.fingerprint import RecentFingerprints, has_content, signature
from livereload_loc.watcher.folder import WatchedDirectory
from livereload_loc.watcher.ignore.git import GitRepository
from livereload_loc.watcher.sources.base import RawFileEvent
from livereload_loc.watcher.tree import WatchedTree
from livereload_loc.watcher.write_detection import STILL, STILL_FAR, StillnessProbe, has_writer


class PendingFiles:
    """Keeps them until they are told, and is the :class:`~livereload_loc.watcher.debounce.Probe` meanwhile.

    ``lost`` says whether a root, by its path, is away as a whole.
    """

    def __init__(self, tree: WatchedTree, fresh: RecentFingerprints, lost: Callable[[str], bool]) -> None:
        self._tree, self._fresh, self._lost = tree, fresh, lost
        self._before: dict[str, tuple[WatchedDirectory, str, int | None]] = {}
        self._wrote: set[str] = set()
        self._open: set[str] = set()  # written, and not reported closed
        self._still = StillnessProbe()

    def add(self, folder: WatchedDirectory, name: str, before: int | None, wrote: bool) -> str:
        """The path of ``name``, which may differ from ``before``, its signature that was told last."""
        path = folder.child(name)
        known = self._before.get(path)
        if known is None:
            self._before[path] = (folder, name, before)
        elif known[0].dropped:  # its folder is there again, as another record
            self._before[path] = (folder, name, known[2])
        if wrote:
            self._wrote.add(path)
        return path

    def heard(self, path: str, hint: RawFileEvent) -> None:
        """Take in what ``hint`` says of writers of ``path``."""
        if hint.open:
            self._open.add(path)
        elif hint.open is not None:
            self._open.discard(path)

    def hide(self, prefix: str) -> list[str]:
        """Forget ``prefix`` and what lies below it; the paths that were pending."""
        below = prefix.rstrip(os.sep) + os.sep
        paths = [path for path in self._before if path == prefix or path.startswith(below)]
        for path in paths:
            self._pop(path)
        return paths

    def finish(self, paths: Iterable[str]) -> list[FileChange]:
        """What became of ``paths``: those that differ from what was told last. They are recorded so."""
        changes = []
        for path in paths:
            wrote = path in self._wrote
            folder, name, before = self._pop(path)
            status = _status(folder, path)
            kind = self._kind(path, before, status, wrote)
            self._tree.record(folder, name, status)
            if kind is not None:
                changes.append(FileChange(folder.root, relative(folder.root, path), kind))
        return changes

    def state(self, path: str) -> WriteState:
        folder = self._before[path][0]
        status = _status(folder, path)
        if status is None:
            return WriteState.LOST if self._lost(folder.root) else WriteState.GONE
        if self._has_writer(path, folder, status):
            return WriteState.WRITING
        return WriteState.WHOLE if status.st_size else WriteState.EMPTY

    def known(self, path: str) -> WriteState:
        before = self._before[path][2]
        if before is None:
            return WriteState.GONE
        return WriteState.WHOLE if has_content(before) else WriteState.EMPTY

    def group(self, path: str) -> Hashable:
        return self._before[path][0].place.repository

    def lock(self, group: Hashable) -> object | None:
        return group.lock() if isinstance(group, GitRepository) else None

    def _kind(self, path: str, before: int | None, status: os.stat_result | None, wrote: bool) -> Kind | None:
        if status is None:
            return None if before is None else "deleted"
        if before is None:
            return "added"
        if signature(status) == before and not self._fresh.written(path, status, wrote):
            return None
        return "modified"

    def _has_writer(self, path: str, folder: WatchedDirectory, status: os.stat_result) -> bool:
        writer = has_writer(path)
        hearing = self._tree.hearing
        far = folder in hearing.polled and folder not in hearing.unheard
        if writer is not None and not far:
            return writer
        if writer or path in self._open:
            return True
        span = STILL_FAR if far else STILL
        return not self._still.still(path, signature(status), time.monotonic(), span)

    def _pop(self, path: str) -> tuple[WatchedDirectory, str, int | None]:
        self._wrote.discard(path)
        self._still.forget(path)
        return self._before.pop(path)


def relative(root: str, path: str) -> str:
    """``path`` below ``root``, with ``/``; the bare name where ``path`` is the root."""
    inner = os.path.basename(path) if path == root else path[len(root.rstrip(os.sep)) + 1 :]
    return inner.replace(os.sep, "/")


def _status(folder: WatchedDirectory, path: str) -> os.stat_result | None:
    """None where ``path`` is no file, or none that is watched: what is told has to be on record, or its
    end would not be noticed. If ``folder`` is there again, a hint of that is on its way."""
    if folder.dropped:
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
