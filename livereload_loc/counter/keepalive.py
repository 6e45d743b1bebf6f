"""Pings all open sockets, so that none outlives its page, and closes them in good order at the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Protocol

# How often a page is pinged; proxies cut connections that are silent for a minute.
PING_SECONDS = 25.0
# How long a page may take to answer a ping, and to complete a close, before its socket is aborted.
PONG_SECONDS = 20.0
CLOSE_SECONDS = 5.0
# How many sockets are closed at once, the pause after them, and the longest time that closing all may take.
BATCH = 250
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


class KeepAlive:
    """The open sockets of one process, each with a timer for what is due next.

    The pings of a crowd are spread as its joins were, and cost a fraction of them. ``draining`` says whether
    all sockets are being closed, so that no page should be admitted. The timers are those of the running
    loop, unless ``call_later`` makes them.
    """

    def __init__(self, call_later: Callable[..., asyncio.TimerHandle] | None = None) -> None:
        self.draining = False
        self._call_later = call_later or asyncio.get_running_loop().call_later
        self._timers: dict[KeptSocket, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._timers)

    def opened(self, socket: KeptSocket) -> None:
        """Ping ``socket`` from now on."""
        self._timers[socket] = self._call_later(PING_SECONDS, self._ping, socket)

    def closing(self, socket: KeptSocket) -> None:
        """Give ``socket`` the time to complete its closing handshake."""
        if socket in self._timers:
            self._timers[socket].cancel()
            self._timers[socket] = self._call_later(CLOSE_SECONDS, socket.abort)

    def closed(self, socket: KeptSocket) -> None:
        """Forget ``socket``."""
        if socket in self._timers:
            self._timers.pop(socket).cancel()

    async def drain(self) -> None:
        """Close all sockets in batches, each with a time after which its page may come back."""
        self.draining = True
        sockets = list(self._timers)
        spread = min(MAX_RETURN_SECONDS, max(1.0, len(sockets) / RETURNS_PER_SECOND))
        batch = max(BATCH, round(len(sockets) * DRAIN_PAUSE_SECONDS / DRAIN_SECONDS))
        for start in range(0, len(sockets), batch):
            if start:
                await asyncio.sleep(DRAIN_PAUSE_SECONDS)
            for socket in sockets[start : start + batch]:
                wait = random.uniform(0, spread)  # noqa: S311 - to spread load, not to keep a secret
                socket.close(SERVICE_RESTART, f"retry-after={wait:.1f}")

    def _ping(self, socket: KeptSocket) -> None:
        self._timers[socket] = self._call_later(PONG_SECONDS, self._check_pong, socket)
        socket.ping()

    def _check_pong(self, socket: KeptSocket) -> None:
        if socket.waits_for_pong:
            socket.abort()
        else:
            self._timers[socket] = self._call_later(PING_SECONDS - PONG_SECONDS, self._ping, socket)
