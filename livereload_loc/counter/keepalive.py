"""Calls the roll of all open sockets: none outlives its page, and all leave in good order when we stop."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

PING_SECONDS = 25.0
"""So often a page is asked whether it is there; proxies cut what is silent for a minute."""

PONG_SECONDS = 20.0
"""So long it may take to answer; then it is cut."""

GOODBYE_SECONDS = 5.0
"""So long the other side may take to close."""

TICK_SECONDS = 0.25
BATCH = 250
"""So many sockets are dealt with before the event loop has its turn."""

DRAIN_PAUSE_SECONDS = 0.05
DRAIN_SECONDS = 5.0
"""The longest time that leaving takes, however many there are."""

RETURNS_PER_SECOND = 500
MOST_RETURN_SECONDS = 20.0
"""Pages are asked to come back so spread that no server is run over, within this time."""

SERVICE_RESTART = 1012


class KeptSocket(Protocol):
    """A socket, as the roll needs it; no method waits or raises."""

    waits_for_pong: bool

    def ping(self) -> None:
        """Ask whether the page is there."""

    def end(self, code: int, reason: str) -> None:
        """Close in good order."""

    def cut(self) -> None:
        """Close at once."""


class _DeadlineQueue:
    """Members that wait equally long, the next first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[KeptSocket, float] = OrderedDict()

    def add(self, member: KeptSocket, now: float) -> None:
        self._until[member] = now + self._seconds
        self._until.move_to_end(member)

    def drop(self, member: KeptSocket) -> None:
        self._until.pop(member, None)

    def due(self, now: float) -> Iterator[KeptSocket]:
        """Take those whose time has come."""
        while self._until:
            member, until = next(iter(self._until.items()))
            if until > now:
                return
            del self._until[member]
            yield member


class KeepAlive:
    """The open sockets of one process. ``clock`` is in seconds and never runs backwards."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._members: dict[KeptSocket, None] = {}
        self._pings, self._pongs, self._goodbyes = map(
            _DeadlineQueue, (PING_SECONDS, PONG_SECONDS, GOODBYE_SECONDS)
        )
        self.draining = False
        """Whether all are being sent away, and nobody should come."""

    def __len__(self) -> int:
        return len(self._members)

    def enter(self, member: KeptSocket) -> None:
        """A socket opened."""
        self._members[member] = None
        self._pings.add(member, self._clock())

    def part(self, member: KeptSocket) -> None:
        """Its closing has begun."""
        self._pings.drop(member)
        self._pongs.drop(member)
        if member in self._members:
            self._goodbyes.add(member, self._clock())

    def leave(self, member: KeptSocket) -> None:
        """It has closed."""
        self.part(member)
        self._goodbyes.drop(member)
        self._members.pop(member, None)

    async def run(self) -> None:
        """Ask the silent and cut the dead until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for done, _ in enumerate(self._due(), 1):
                if done % BATCH == 0:
                    await asyncio.sleep(0)

    def _due(self) -> Iterator[None]:
        """Deal with one socket after the other whose time has come."""
        now = self._clock()
        for member in self._pings.due(now):
            self._pings.add(member, now)
            self._pongs.add(member, now)
            member.ping()
            yield
        for member in self._pongs.due(now):
            if member.waits_for_pong:
                member.cut()
            yield
        for member in self._goodbyes.due(now):
            member.cut()
            yield

    async def drain(self) -> None:
        """Send all away in batches, each with a time after which to come back; returns when all have been
        told."""
        self.draining = True
        leaving = list(self._members)
        spread = min(MOST_RETURN_SECONDS, max(1.0, len(leaving) / RETURNS_PER_SECOND))
        batch = max(BATCH, round(len(leaving) * DRAIN_PAUSE_SECONDS / DRAIN_SECONDS))
        for start in range(0, len(leaving), batch):
            if start:
                await asyncio.sleep(DRAIN_PAUSE_SECONDS)
            for member in leaving[start : start + batch]:
                wait = random.uniform(0, spread)  # noqa: S311 - to spread load, not to keep a secret
                member.end(SERVICE_RESTART, f"retry-after={wait:.1f}")
        self._members.clear()
