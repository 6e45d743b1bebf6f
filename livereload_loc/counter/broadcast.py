"""Sends the pages of each site its total: soon after a calm, then so seldom that it never takes over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from time import perf_counter

from livereload_loc.counter.cluster.store import CountStore
from livereload_loc.counter.site_visitors import SiteVisitors, Visit
from livereload_loc.events import TotalChanged

# How long a first change waits for those that come with it.
GATHER_SECONDS = 0.02
# The shortest time between two broadcasts.
CALM_SECONDS = 0.1
# A broadcast takes at most one part in this many of the time.
SHARE = 5
# The event loop has its turn after this many messages.
BATCH = 500


class Broadcast:
    """Broadcasts one after the other, to the sites whose totals may have changed.

    ``on_total`` gets each new total of a site; ``sent`` counts all messages.
    """

    def __init__(self, store: CountStore, on_total: Callable[[TotalChanged], None] | None = None) -> None:
        self.sent = 0
        self._store, self._on_total = store, on_total
        self._changed: dict[SiteVisitors, None] = {}
        self._has_changes = asyncio.Event()

    def message(self, site: str) -> str:
        """Return the message with the total of ``site``."""
        return f'{{"type":"total","total":{self._store.total(site)},"state":"{self._store.state}"}}'

    def total_changed(self, visitors: SiteVisitors) -> None:
        """Send these visitors their total with the next broadcast, where it is news to them."""
        self._changed[visitors] = None
        self._has_changes.set()

    async def run(self) -> None:
        """Broadcast until cancelled."""
        resume_at = 0.0
        while True:
            await self._has_changes.wait()
            await asyncio.sleep(max(GATHER_SECONDS, resume_at - perf_counter()))
            self._has_changes.clear()
            changed, self._changed = self._changed, {}
            messages, spent = self._messages(changed), 0.0
            while batch := list(islice(messages, BATCH)):
                began = perf_counter()
                for visit, message in batch:
                    visit.last_message = message
                    if visit.connection:
                        visit.connection.send(message)
                spent += perf_counter() - began
                self.sent += len(batch)
                await asyncio.sleep(0)
            resume_at = perf_counter() + max(CALM_SECONDS, (SHARE - 1) * spent)

    def _messages(self, changed: Iterable[SiteVisitors]) -> Iterator[tuple[Visit, str]]:
        for visitors in changed:
            message = self.message(visitors.site)
            if message != visitors.last_message and self._on_total:
                self._on_total(TotalChanged(visitors.site, self._store.total(visitors.site)))
            visitors.last_message = message
            # A visit that has just begun may have been greeted with a total in between.
            for visit in [visit for visit in visitors.visits if visit.last_message != message]:
                yield visit, message
