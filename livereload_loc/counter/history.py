"""How many were there over the last day: a peak for each quarter of an hour, in a few hundred bytes."""

from __future__ import annotations

from array import array

SLOT_SECONDS = 900
SLOTS = 96
_DAY = SLOT_SECONDS * SLOTS


class PeakHistory:
    """The peaks of one site. Times are seconds since the epoch, in the zone whose midnight begins a day."""

    __slots__ = ("_day", "_peak", "_peaks", "_slot", "_total")

    def __init__(self, now: float) -> None:
        self._peaks = array("I", bytes(4 * SLOTS))
        self._slot = int(now // SLOT_SECONDS)
        self._day = int(now // _DAY)
        self._total = 0
        self._peak = 0

    def note(self, total: int, now: float) -> None:
        """There are ``total`` visitors from ``now`` on."""
        self._advance(now)
        self._total = min(total, 2**32 - 1)
        at = self._slot % SLOTS
        self._peaks[at] = max(self._peaks[at], self._total)
        self._peak = max(self._peak, self._total)

    def peak_today(self, now: float) -> int:
        """The most that were there since midnight."""
        self._advance(now)
        return self._peak

    def peaks(self, now: float) -> list[int]:
        """Those of the last 24 hours, the oldest quarter first."""
        self._advance(now)
        first = self._slot % SLOTS + 1
        return [*self._peaks[first:], *self._peaks[:first]]

    def _advance(self, now: float) -> None:
        """Those who were there are there still, in each slot that has begun since."""
        slot = int(now // SLOT_SECONDS)
        for passed in range(max(self._slot + 1, slot - SLOTS + 1), slot + 1):
            self._peaks[passed % SLOTS] = self._total
        self._slot = max(self._slot, slot)
        day = int(now // _DAY)
        if day > self._day:
            self._day, self._peak = day, self._total
