"""Sees a backend restart from outside, by the connections that it ends or refuses."""

from __future__ import annotations

import asyncio
import contextlib
from enum import Enum
from typing import Protocol

PROBE_SECONDS = 0.02
"""How often a backend that refuses is asked again."""

CONNECT_SECONDS = 2.0


class Seen(Enum):
    """What was seen of a restart."""

    NOTHING = 0
    HINT = 1
    """A pooled connection was closed, or a process appeared: a server does both at other times, too."""
    RESTART = 2
    """The process that answered is gone."""


class Backend(Protocol):
    """What waits for a restart needs to know of a backend."""

    async def restarts(self, within: float) -> Seen:
        """Wait for a sign that it restarts, at most so many seconds."""

    async def answers(self, within: float) -> bool:
        """Wait until it takes connections, at most so many seconds; whether it does."""


class Listening:
    """A backend that listens at ``host`` and ``port``.

    A connection that is held open and silent is closed by the kernel when the process ends that accepted
    it, also where a reloader's parent keeps the listening socket: that one refuses nothing.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._hint = asyncio.Event()

    def hint(self) -> None:
        """Somebody else has seen a sign of a restart."""
        self._hint.set()

    async def restarts(self, within: float) -> Seen:
        """Wait for a sign that it restarts, at most ``within`` seconds."""
        self._hint.clear()
        gone = asyncio.create_task(self._gone())
        hinted = asyncio.create_task(self._hint.wait())
        try:
            await asyncio.wait((gone, hinted), timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if gone.done() and gone.result():
                return Seen.RESTART
            return Seen.HINT if hinted.done() else Seen.NOTHING
        finally:
            for task in (gone, hinted):
                task.cancel()
            await asyncio.gather(gone, hinted, return_exceptions=True)

    async def answers(self, within: float) -> bool:
        """Wait until it takes connections, at most ``within`` seconds; whether it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    with contextlib.suppress(OSError):
                        _, writer = await asyncio.open_connection(self._host, self._port)
                        writer.transport.abort()
                        return True
                    await asyncio.sleep(PROBE_SECONDS)
        return False

    async def _gone(self) -> bool:
        """Hold a connection; returns when it is refused or ended."""
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            while await reader.read(4096):
                pass
        except OSError:
            pass
        finally:
            if writer:
                writer.transport.abort()
        return True
