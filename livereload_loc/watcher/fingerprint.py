"""Fingerprints of files: a few bytes that differ when a file has changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

# Nanoseconds: a file may be written twice within one tick of the clock that its times are taken from (4 to
# 10 ms on Linux before 6.13, 15 ms on Windows), so that its size and times stay as they are.
_YOUNG = 50_000_000

_SMALL = 1 << 18
_KEEP = 2.0
_MASK = (1 << 60) - 2


def signature(status: os.stat_result) -> int:
    """Return a 60-bit hash of inode, size and mtime; its lowest bit is set unless the file is empty.

    A touch changes it, a chmod does not.
    """
    inode = 0 if sys.platform == "win32" else status.st_ino  # os.scandir does not tell it there
    return hash((inode, status.st_size, status.st_mtime_ns)) & _MASK | (status.st_size > 0)


def has_content(value: int) -> bool:
    return bool(value & 1)


class _Fingerprint(NamedTuple):
    ctime: int
    digest: int | None
    young: bool
    until: float


class RecentFingerprints:
    """Detects writes that do not change the signature of a recently recorded file.

    It keeps a hash of the content of a young file, and the ctime of others, which every write changes.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, _Fingerprint] = {}  # the newest last

    def keep(self, path: str, status: os.stat_result) -> None:
        young = is_young(status.st_mtime_ns)
        digest = _digest(path) if young and status.st_size <= _SMALL else None
        self._kept.pop(path, None)
        self._kept[path] = _Fingerprint(status.st_ctime_ns, digest, young, self._clock() + _KEEP)

    def written(self, path: str, status: os.stat_result, reported: bool) -> bool:
        """Return whether ``path`` was written although its signature is unchanged.

        ``reported``: the system reported a write, which the record may already include.
        """
        kept = self._kept.get(path)
        if kept is None:
            return reported
        if kept.digest is not None:
            return _digest(path) != kept.digest
        return reported and (kept.young or status.st_ctime_ns != kept.ctime)

    def purge(self, now: float) -> None:
        """Forget what is no longer recent."""
        while self._kept:
            path = next(iter(self._kept))
            if self._kept[path].until > now:
                return
            del self._kept[path]


def is_young(written_ns: int) -> bool:
    """Return whether another write could still get the same mtime or ctime ``written_ns``."""
    return time.time_ns() - written_ns < _YOUNG


def _digest(path: str) -> int | None:
    try:
        with open(path, "rb") as file:
            return hash(file.read(_SMALL + 1))
    except OSError:
        return None
