"""Pings all open sockets, so that none outlives its page, and closes them in good order at the end."""

from __future__ import annotations

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Protocol

# How often a page is pinged; proxies cut connections that are silent for a minute.
PING_SECONDS = 25.0
# How long a page may take to answer a ping, and to complete a close, before its socket is aborted.
PONG_SECONDS = 20.0
CLOSE_SECONDS = 5.0
# How often the deadlines are checked, and after how many sockets the event loop has its turn.
TICK_SECONDS = 0.25
BATCH = 250
# The pause between two batches that are closed, and the longest time that closing all may take.
DRAIN_PAUSE_SECONDS = 0.05
DRAIN_SECONDS = 5.0
# Pages are asked to come back spread out, so that no server is overrun, but within this time.
RETURNS_PER_SECOND = 500
MAX_RETURN_SECONDS = 20.0
SERVICE_RESTART = 1012


class KeptSocket(Protocol):
    """A socket that is kept alive; no method waits or raises. ``abort`` closes without a handshake."""

    waits_for_pong: bool

    def ping(self) -> None: ...
    def close(self, code: int, reason: str) -> None: ...
    def abort(self) -> None: ...


class _DeadlineQueue:
    """Sockets that wait equally long, the next first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: OrderedDict[KeptSocket, float] = OrderedDict()

    def add(self, socket: KeptSocket, now: float) -> None:
        self._until[socket] = now + self._seconds
        self._until.move_to_end(socket)

    def discard(self, socket: KeptSocket) -> None:
        self._until.pop(socket, None)

    def pop_due(self, now: float) -> Iterator[KeptSocket]:
        while self._until:
            socket, until = next(iter(self._until.items()))
            if until > now:
                return
            del self._until[socket]
            yield socket


class KeepAlive:
    """The open sockets of one process. ``clock`` returns seconds that never run backwards.

    ``draining`` says whether all sockets are being closed, so that no page should be admitted.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.draining = False
        self._clock = clock
        self._sockets: dict[KeptSocket, None] = {}
        self._pings = _DeadlineQueue(PING_SECONDS)
        self._pongs = _DeadlineQueue(PONG_SECONDS)
        self._closings = _DeadlineQueue(CLOSE_SECONDS)

    def __len__(self) -> int:
        return len(self._sockets)

    def opened(self, socket: KeptSocket) -> None:
        """Ping ``socket`` from now on."""
        self._sockets[socket] = None
        self._pings.add(socket, self._clock())

    def closing(self, socket: KeptSocket) -> None:
        """Give ``socket`` the time to complete its closing handshake."""
        self._pings.discard(socket)
        self._pongs.discard(socket)
        if socket in self._sockets:
            self._closings.add(socket, self._clock())

    def closed(self, socket: KeptSocket) -> None:
        """Forget ``socket``."""
        self.closing(socket)
        self._closings.discard(socket)
        self._sockets.pop(socket, None)

    async def run(self) -> None:
        """Ping sockets and abort dead ones until cancelled."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for done, _ in enumerate(self.check_deadlines(), 1):
                if done % BATCH == 0:
                    await asyncio.sleep(0)

    def check_deadlines(self) -> Iterator[None]:
        """Ping or abort each socket whose time has come, one for each step of the iterator."""
        now = self._clock()
        for socket in self._pings.pop_due(now):
            self._pings.add(socket, now)
            self._pongs.add(socket, now)
            socket.ping()
            yield
        for socket in self._pongs.pop_due(now):
            if socket.waits_for_pong:
                socket.abort()
            yield
        for socket in self._closings.pop_due(now):
            socket.abort()
            yield

    async def drain(self) -> None:
        """Close all sockets in batches, each with a time after which its page may come back."""
        self.draining = True
        sockets = list(self._sockets)
        spread = min(MAX_RETURN_SECONDS, max(1.0, len(sockets) / RETURNS_PER_SECOND))
        batch = max(BATCH, round(len(sockets) * DRAIN_PAUSE_SECONDS / DRAIN_SECONDS))
        for start in range(0, len(sockets), batch):
            if start:
                await asyncio.sleep(DRAIN_PAUSE_SECONDS)
            for socket in sockets[start : start + batch]:
                wait = random.uniform(0, spread)  # noqa: S311 - to spread load, not to keep a secret
                socket.close(SERVICE_RESTART, f"retry-after={wait:.1f}")
        self._sockets.clear()
