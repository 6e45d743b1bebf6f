"""Ignored saves, told without a flood: a log in an ignored folder may be written all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from livereload_loc.watcher.notices import IgnoredSave

DELAY = 0.1
"""Seconds for which a reason waits, since one save is many events."""

INTERVAL = 1.0
"""Seconds between two reports with the same reason."""

_REASONS = 200


@dataclass(slots=True)
class _IgnoredCount:
    since: float
    paths: dict[str, tuple[str, bool]] = field(default_factory=dict)  # -> where it is, whether it is noise


class IgnoredLog:
    """Puts together the ignored saves that have the same reason.

    ``present`` tells whether there is something at a place: what came and went within one save, such as
    the temporary file of an rsync, is noise.
    """

    def __init__(self, present: Callable[[str], bool]) -> None:
        self._present = present
        self._waiting: dict[str, _IgnoredCount] = {}
        self._said: dict[str, float] = {}

    def add(self, path: str, place: str, why: str, noise: bool, now: float) -> None:
        """``path``, as it is named, at ``place`` was saved."""
        reason = self._waiting.setdefault(why, _IgnoredCount(now))
        reason.paths[path] = place, reason.paths.get(path, ("", True))[1] and noise

    def take(self, now: float) -> list[IgnoredSave]:
        """Those to be said now: each reason once in ``INTERVAL`` seconds at most."""
        due = [why for why in self._waiting if self._due(why) <= now]
        if len(self._said) > _REASONS:
            self._said.clear()
        return [self._say(why, now) for why in due]

    def wait(self, now: float) -> float | None:
        """Seconds until something is to be said; None where nothing is."""
        if not self._waiting:
            return None
        return max(0.0, min(map(self._due, self._waiting)) - now)

    def _due(self, why: str) -> float:
        return max(self._waiting[why].since + DELAY, self._said.get(why, float("-inf")) + INTERVAL)

    def _say(self, why: str, now: float) -> IgnoredSave:
        self._said[why] = now
        reason = self._waiting.pop(why)
        named = reason.paths.items()
        wondered = [path for path, (place, noise) in named if not noise and self._present(place)]
        shown = next(iter(wondered or reason.paths))
        return IgnoredSave(shown, why, not wondered, len(reason.paths))
