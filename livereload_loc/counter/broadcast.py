"""Tells each room its total: at once after a calm, then so seldom that telling never takes over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import islice

from livereload_loc.counter.site_visitors import SiteVisitors

GATHER_SECONDS = 0.02
"""So long a first change waits for those that come with it."""

CALM_SECONDS = 0.1
"""The shortest time between two rounds."""

SHARE = 5
"""A round of telling takes at most one part in so many of the time."""

BATCH = 500
"""After so many frames the event loop has its turn."""


class Broadcast:
    """One round after the other over the rooms whose total may have changed.

    ``message`` makes a room's message; who was sent the same last is not sent it again. ``clock`` is in
    seconds.
    """

    def __init__(
        self, message: Callable[[SiteVisitors], str], *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._message, self._clock = message, clock
        self._changed: dict[SiteVisitors, None] = {}
        self._awake = asyncio.Event()
        self._next = 0.0
        self.sent = 0
        """Messages, over all rounds."""

    def changed(self, room: SiteVisitors) -> None:
        """The total of ``room`` may not be what was told."""
        self._changed[room] = None
        self._awake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._awake.wait()
            await asyncio.sleep(max(GATHER_SECONDS, self._next - self._clock()))
            self._awake.clear()
            rooms, self._changed = self._changed, {}
            spent = 0.0
            in_batch = 0
            for room in rooms:
                room.told = message = self._message(room)
                # Who has just come may have been greeted with another one, even where it is the last again.
                seats = iter([seat for seat in room.seats if seat.told != message])
                while batch := list(islice(seats, BATCH - in_batch)):
                    began = self._clock()
                    for seat in batch:
                        seat.told = message
                        seat.visitor.tell(message)
                    spent += self._clock() - began
                    self.sent += len(batch)
                    in_batch += len(batch)
                    if in_batch >= BATCH:
                        in_batch = 0
                        await asyncio.sleep(0)
            self._next = self._clock() + max(CALM_SECONDS, (SHARE - 1) * spent)
