"""Watches from outside whether the backend restarts and responds."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from livereload_loc.backend import BackendState
from livereload_loc.httputil.hosts import HttpUrl
from livereload_loc.httputil.tasks import background
from livereload_loc.httputil.tls import unverified_context

# How often a backend that refuses connections is tried again.
PROBE_SECONDS = 0.02

# A TimeoutError is an OSError, and a name that cannot be a host name fails to be encoded (IDNA).
_UNREACHABLE = (OSError, UnicodeError)


class BackendProbe:
    """Watches the backend at ``url``.

    The kernel closes a connection that is held open and silent when the process ends that accepted it, even
    where a reloader's parent keeps the listening socket, and so refuses nothing.

    It only counts as back once it responds: a process that is about to end takes connections, too.
    """

    def __init__(self, url: HttpUrl, state: BackendState) -> None:
        self._url, self._state = url, state

    async def wait_for_restart(self, within: float) -> bool:
        """Wait up to ``within`` seconds for a restart or a sign of one; return whether the process ended."""
        async with background(self._gone(), self._state.wait_for_sign()) as (gone, sign):
            await asyncio.wait((gone, sign), timeout=within, return_when=asyncio.FIRST_COMPLETED)
            return gone.done()

    async def wait_for_response(self, within: float) -> bool:
        """Wait until it responds, at most ``within`` seconds; return whether it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not await self._responds():  # noqa: ASYNC110 - nobody would set an event
                    await asyncio.sleep(PROBE_SECONDS)
                return True
        return False

    async def listens(self, within: float) -> bool:
        """Return whether a connection opens within so many seconds."""
        try:
            async with asyncio.timeout(within), self._connection():
                return True
        except _UNREACHABLE:
            return False

    async def _responds(self) -> bool:
        try:
            async with self._connection(secure=self._url.secure) as (reader, writer):
                start = f"GET {self._url.path} HTTP/1.1\r\nHost: {self._url.authority}\r\n"
                head = f"{start}Accept: text/html\r\nConnection: close\r\n\r\n"
                writer.write(head.encode("latin-1", "replace"))
                return await reader.read(1) != b""
        except _UNREACHABLE:
            return False

    async def _gone(self) -> None:
        """Keep a connection open until the backend closes or refuses it."""
        with contextlib.suppress(*_UNREACHABLE):
            async with self._connection() as (reader, _):
                while await reader.read(4096):
                    pass

    @contextlib.asynccontextmanager
    async def _connection(
        self, *, secure: bool = False
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        context = unverified_context() if secure else None  # all we want to know is whether it responds
        reader, writer = await asyncio.open_connection(self._url.host, self._url.port, ssl=context)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
