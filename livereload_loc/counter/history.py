"""The peaks of a site over the last day: one for each quarter of an hour, in a few hundred bytes."""

from __future__ import annotations

from array import array
from collections.abc import Callable

SLOT_SECONDS = 900
SLOTS = 96


class PeakHistory:
    """The peaks of one site. ``clock`` returns seconds since the epoch in the time zone of its days."""

    __slots__ = ("_clock", "_peaks", "_slot", "_total")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._slot = int(clock() // SLOT_SECONDS)
        self._peaks = array("I", bytes(4 * SLOTS))  # by the time of the day
        self._total = 0

    def note(self, total: int) -> None:
        """Record that there are ``total`` visitors from now on."""
        at = self._advance()
        self._total = min(total, 2**32 - 1)
        self._peaks[at] = max(self._peaks[at], self._total)

    def peak_today(self) -> int:
        """Return the most visitors since midnight."""
        return max(self._peaks[: self._advance() + 1])

    def peaks(self) -> list[int]:
        """Return the peaks of the last 24 hours, the oldest quarter first."""
        first = self._advance() + 1
        return [*self._peaks[first:], *self._peaks[:first]]

    def _advance(self) -> int:
        """Carry the total over into each slot that has begun since; return the index of the present one."""
        slot = max(self._slot, int(self._clock() // SLOT_SECONDS))
        for passed in range(max(self._slot + 1, slot - SLOTS + 1), slot + 1):
            self._peaks[passed % SLOTS] = self._total
        self._slot = slot
        return slot % SLOTS
