"""The peaks of a site over the last day: one for each quarter of an hour, in a few hundred bytes."""

from __future__ import annotations

from array import array
from collections.abc import Callable

SLOT_SECONDS = 900
SLOTS = 96
_DAY = SLOT_SECONDS * SLOTS


class PeakHistory:
    """The peaks of one site. ``clock`` returns seconds since the epoch in the time zone of its days."""

    __slots__ = ("_clock", "_day", "_peak", "_peaks", "_slot", "_total")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._peaks = array("I", bytes(4 * SLOTS))
        self._slot, self._day = int(clock() // SLOT_SECONDS), int(clock() // _DAY)
        self._total = 0
        self._peak = 0

    def note(self, total: int) -> None:
        """Record that there are ``total`` visitors from now on."""
        self._advance()
        self._total = min(total, 2**32 - 1)
        at = self._slot % SLOTS
        self._peaks[at] = max(self._peaks[at], self._total)
        self._peak = max(self._peak, self._total)

    def peak_today(self) -> int:
        """Return the most visitors since midnight."""
        self._advance()
        return self._peak

    def peaks(self) -> list[int]:
        """Return the peaks of the last 24 hours, the oldest quarter first."""
        self._advance()
        first = self._slot % SLOTS + 1
        return [*self._peaks[first:], *self._peaks[:first]]

    def _advance(self) -> None:
        """Carry the total over into each slot and day that has begun since."""
        now = self._clock()
        slot, day = int(now // SLOT_SECONDS), int(now // _DAY)
        for passed in range(max(self._slot + 1, slot - SLOTS + 1), slot + 1):
            self._peaks[passed % SLOTS] = self._total
        self._slot = max(self._slot, slot)
        if day > self._day:
            self._day, self._peak = day, self._total
