"""Sees a backend restart from outside, by the connections that it ends or refuses."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from enum import Enum
from typing import Protocol

PROBE_SECONDS = 0.02
"""How often a backend that refuses is asked again."""

_UNREACHABLE = (OSError, UnicodeError)
"""A TimeoutError is an OSError, and a name that cannot be one fails to be encoded (IDNA)."""


class RestartSign(Enum):
    """What was seen of a restart."""

    NOTHING = 0
    HINT = 1
    """A pooled connection was closed, or a process appeared: a server does both at other times, too."""
    RESTART = 2
    """The process that answered is gone."""


class RestartWatch(Protocol):
    """What waits for a restart needs to know of a backend."""

    async def restarts(self, within: float) -> RestartSign:
        """Wait for a sign that it restarts, at most so many seconds."""

    async def answers(self, within: float) -> bool:
        """Wait until it takes connections, at most so many seconds; whether it does."""


class ListeningBackend:
    """A backend that listens at ``host`` and ``port``.

    A connection that is held open and silent is closed by the kernel when the process ends that accepted
    it, also where a reloader's parent keeps the listening socket: that one refuses nothing.

    ``asks`` is what to ask for before it counts as back, where browsers go there by themselves: a process
    that is about to end takes connections that it never answers. ``secure`` says that it speaks TLS.
    ``watching`` is told for how many seconds a ``hint`` is welcome.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        asks: str = "",
        secure: bool = False,
        watching: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._host, self._port = host, port
        self._asks, self._secure, self._watching = asks, secure, watching
        self._hint = asyncio.Event()

    def hint(self) -> None:
        """Somebody else has seen a sign of a restart."""
        self._hint.set()

    async def restarts(self, within: float) -> RestartSign:
        """Wait for a sign that it restarts, at most ``within`` seconds."""
        self._hint.clear()
        self._watching(within)
        gone = asyncio.create_task(self._gone())
        hinted = asyncio.create_task(self._hint.wait())
        try:
            await asyncio.wait((gone, hinted), timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if gone.done() and gone.result():
                return RestartSign.RESTART
            return RestartSign.HINT if hinted.done() else RestartSign.NOTHING
        finally:
            for task in (gone, hinted):
                task.cancel()
            await asyncio.gather(gone, hinted, return_exceptions=True)

    async def answers(self, within: float) -> bool:
        """Wait until it takes connections and answers, at most ``within`` seconds; whether it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not await self._answers():  # noqa: ASYNC110 - nobody would set an event
                    await asyncio.sleep(PROBE_SECONDS)
                return True
        return False

    async def listens(self, within: float) -> bool:
        """Whether a connection can be had, within so many seconds."""
        try:
            async with asyncio.timeout(within):
                _, writer = await asyncio.open_connection(self._host, self._port)
        except _UNREACHABLE:
            return False
        writer.transport.abort()
        return True

    async def _answers(self) -> bool:
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls())
            if not self._asks:
                return True
            name = f"[{self._host}]" if ":" in self._host else self._host
            writer.write(
                f"GET {self._asks} HTTP/1.1\r\nHost: {name}:{self._port}\r\nAccept: text/html\r\n"
                "Connection: close\r\n\r\n".encode("latin-1", "replace")
            )
            return await reader.read(1) != b""
        except _UNREACHABLE:
            return False
        finally:
            if writer:
                writer.transport.abort()

    def _tls(self) -> ssl.SSLContext | None:
        """Whoever the certificate names: we only want to know whether somebody answers."""
        if not self._asks or not self._secure:
            return None
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    async def _gone(self) -> bool:
        """Hold a connection; returns when it is refused or ended."""
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_connection(self._host, self._port)
            while await reader.read(4096):
                pass
        except _UNREACHABLE:
            pass
        finally:
            if writer:
                writer.transport.abort()
        return True
