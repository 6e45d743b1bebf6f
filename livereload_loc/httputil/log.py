"""The package's log, and the limit for what would be reported again and again."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Hashable

logger = logging.getLogger("livereload_loc")


class RepeatFilter:
    """Admits each subject once, or again after ``interval`` seconds, and no more than ``limit`` subjects."""

    def __init__(
        self,
        interval: float = math.inf,
        *,
        limit: float = math.inf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interval, self._limit, self._clock = interval, limit, clock
        self._admitted_at: dict[Hashable, float] = {}

    def admit(self, subject: Hashable) -> bool:
        """Return whether to report ``subject`` now, and record that it is reported."""
        now, before = self._clock(), self._admitted_at.get(subject)
        is_due = len(self._admitted_at) < self._limit if before is None else now - before >= self._interval
        if is_due:
            self._admitted_at[subject] = now
        return is_due


class WarnOnce:
    """Logs each warning once, and no more than 16 of them: their words may come from an attacker."""

    def __init__(self) -> None:
        self._repeats = RepeatFilter(limit=16)

    def __call__(self, text: str) -> None:
        """Log ``text``; an empty one is none."""
        if text and self._repeats.admit(text):
            logger.warning("%s", text)
