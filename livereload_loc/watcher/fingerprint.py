"""What tells one state of a file from another, in few bytes."""

from __future__ import annotations

import os
import sys
import time

YOUNG = 50_000_000
"""Nanoseconds: a file may be written twice within one tick of the clock that its mtime is taken from
(4 to 10 ms on Linux before 6.13, 15 ms on Windows), so that size and mtime stay as they are."""

_SMALL = 1 << 18
_KEEP = 2.0
_MASK = (1 << 60) - 2


def signature(status: os.stat_result) -> int:
    """Inode, size and mtime in 60 bits; its lowest bit is whether there is any content.

    A chmod leaves it as it is, a touch does not.
    """
    inode = 0 if sys.platform == "win32" else status.st_ino  # os.scandir does not tell it there
    return hash((inode, status.st_size, status.st_mtime_ns)) & _MASK | (status.st_size > 0)


def has_content(value: int) -> bool:
    return bool(value & 1)


def is_young(status: os.stat_result) -> bool:
    """Whether another write could still get the same mtime."""
    return time.time_ns() - status.st_mtime_ns < YOUNG


class RecentFingerprints:
    """The files that were recorded a moment ago, with what their signature can't tell.

    Of a young file the content itself is kept, as a hash; of others the ctime, which every write moves.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, int | None, bool, float]] = {}  # ctime, digest, young, until

    def keep(self, path: str, status: os.stat_result) -> None:
        young = is_young(status)
        digest = _digest(path) if young and status.st_size <= _SMALL else None
        self._kept.pop(path, None)  # the newest stands last
        self._kept[path] = (status.st_ctime_ns, digest, young, time.monotonic() + _KEEP)

    def keep_if_young(self, path: str, status: os.stat_result) -> None:
        if is_young(status):
            self.keep(path, status)

    def written(self, path: str, status: os.stat_result, wrote: bool) -> bool:
        """Whether ``path``, whose signature is as recorded, was nevertheless written since.

        ``wrote``: the system reported a write, which may have been seen in the record already.
        """
        kept = self._kept.get(path)
        if kept is None:
            return wrote
        ctime, digest, young, _until = kept
        if digest is not None:
            return _digest(path) != digest
        return wrote and (young or status.st_ctime_ns != ctime)

    def purge(self, now: float) -> None:
        """Forget what has grown old."""
        while self._kept:  # in order of age
            path = next(iter(self._kept))
            if self._kept[path][3] > now:
                return
            del self._kept[path]


def _digest(path: str) -> int | None:
    try:
        with open(path, "rb") as file:
            return hash(file.read(_SMALL + 1))
    except OSError:
        return None
