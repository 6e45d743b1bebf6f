"""Limits the reports of ignored saves: a log file may be written all the time."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from math import inf

from livereload_loc.watcher.findings import FoundIgnored
from livereload_loc.watcher.notices import IgnoredSave

# Seconds for which a reason waits, since one save is many events.
DELAY = 0.1

# Seconds between two reports with the same reason.
INTERVAL = 1.0

_REASONS = 200


@dataclass(slots=True)
class _IgnoredCount:
    since: float
    saves: dict[str, tuple[str, bool]] = field(default_factory=dict)  # path -> where it is, whether noise


class IgnoredLog:
    """Collects ignored saves by their reasons.

    A file that is gone by the time of the report is noise: a temporary file of one save, such as rsync's.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, _IgnoredCount] = {}
        self._reported: dict[str, float] = {}

    def add(self, found: FoundIgnored, now: float) -> None:
        path, reason = found.folder.relative(found.name), found.reason
        saves = self._waiting.setdefault(reason.why, _IgnoredCount(now)).saves
        noise = saves.get(path, ("", True))[1] and (reason.noise or not found.present)
        saves[path] = found.folder.child(found.name), noise

    def take(self, now: float) -> list[IgnoredSave]:
        """Return what to report now: each reason once in ``INTERVAL`` seconds at most."""
        if len(self._reported) > _REASONS:
            self._reported.clear()
        reports = []
        for why in [why for why in self._waiting if self._due(why) <= now]:
            self._reported[why] = now
            saves = self._waiting.pop(why).saves
            shown = [path for path, (file, noise) in saves.items() if not noise and os.path.lexists(file)]
            reports.append(IgnoredSave(next(iter(shown or saves)), why, not shown, len(saves)))
        return reports

    @property
    def due(self) -> float:
        """The time of the next report."""
        return min(map(self._due, self._waiting), default=inf)

    def _due(self, why: str) -> float:
        return max(self._waiting[why].since + DELAY, self._reported.get(why, -inf) + INTERVAL)


class OwnOutputs:
    """The files that loc-dev's own output goes to, as in ``loc-dev serve > loc.log``.

    A report about such a file would be written to it, and cause the next report.
    """

    WHY = "our own output goes there"

    def __init__(self) -> None:
        self._files = set()
        for fd in (1, 2):
            with contextlib.suppress(OSError):  # there may be none
                status = os.fstat(fd)
                if stat.S_ISREG(status.st_mode):
                    self._files.add((status.st_dev, status.st_ino))

    def __contains__(self, path: str) -> bool:
        with contextlib.suppress(OSError):
            if self._files:
                status = os.stat(path)
                return (status.st_dev, status.st_ino) in self._files
        return False
