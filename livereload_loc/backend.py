"""The server that pages come from: what is known of it, and a probe that watches it from outside.

A backend is up, restarting, or down for a reason.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from livereload_loc.httputil.hosts import bracketed
from livereload_loc.httputil.tasks import background
from livereload_loc.httputil.tls import unverified_context

# How often a backend that refuses connections is tried again.
PROBE_SECONDS = 0.02

# A TimeoutError is an OSError, and a name that cannot be a host name fails to be encoded (IDNA).
_UNREACHABLE = (OSError, UnicodeError)


class BackendState:
    """What is known of the backend, in one place.

    The command that runs it, the proxy that connects to it and the step that waits for its restart note here
    what they learn, and read what the others have learnt.
    """

    def __init__(self) -> None:
        self.restarting = False
        """Whether it was asked since a restart began, and has not responded yet."""
        self.silent_since = ""
        """The path of the save since which it has not responded in time, until it does."""
        self.foreign = False
        """Whether something else listened at its address before our command was started."""
        self._crash = ""
        self._crashed = asyncio.Event()
        self._sign = asyncio.Event()

    @property
    def silence(self) -> str:
        """Why nothing should be sent to it, though it may take connections; empty where it may respond."""
        return f"it has answered nothing since {self.silent_since} was saved" if self.silent_since else ""

    @property
    def absence(self) -> str:
        """Why it will not come back by itself; empty where it may."""
        return "" if self.foreign else self._crash

    def responded(self) -> None:
        """Note that it is up."""
        self.restarting, self.silent_since = False, ""

    def crashed(self, how: str) -> None:
        """Note that the command that runs it has ended with an error."""
        self._crash, self.silent_since = how, ""
        self._crashed.set()

    def started(self) -> None:
        """Note that the command that runs it is started again."""
        self._crash = ""
        self._crashed.clear()

    async def crash(self) -> str:
        """Wait until the command has crashed, unless it has; return how it did."""
        await self._crashed.wait()
        return self._crash

    def note_sign(self) -> None:
        """Note a sign of a restart, which may mean other things: a connection that was closed or refused, a
        process that appeared."""
        self._sign.set()

    async def sign(self) -> None:
        """Wait for the next sign."""
        self._sign.clear()
        await self._sign.wait()


class BackendProbe:
    """Watches the backend that listens at ``host`` and ``port``.

    The kernel closes a connection that is held open and silent when the process ends that accepted it, even
    where a reloader's parent keeps the listening socket, and so refuses nothing.

    ``path`` is a request target. With one, the backend only counts as back once it responds to that: a
    process that is about to end takes connections, too. ``secure``: it serves over HTTPS.
    """

    def __init__(
        self, host: str, port: int, state: BackendState, *, path: str = "", secure: bool = False
    ) -> None:
        self._host, self._port, self._state = host, port, state
        self._path, self._secure = path, secure

    async def restarts(self, within: float) -> bool:
        """Wait until it restarts, there is a sign that it does, or ``within`` seconds have passed; return
        whether the process that it was is gone for sure."""
        async with background(self._gone(), self._state.sign()) as (gone, sign):
            await asyncio.wait((gone, sign), timeout=within, return_when=asyncio.FIRST_COMPLETED)
            return gone.done()

    async def responds(self, within: float) -> bool:
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
            async with self._connection(secure=self._secure and self._path != "") as (reader, writer):
                if not self._path:
                    return True
                host = f"{bracketed(self._host)}:{self._port}"
                head = f"GET {self._path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close"
                writer.write(f"{head}\r\n\r\n".encode("latin-1", "replace"))
                return await reader.read(1) != b""
        except _UNREACHABLE:
            return False

    async def _gone(self) -> None:
        """Hold a connection until it is refused or ended."""
        with contextlib.suppress(*_UNREACHABLE):
            async with self._connection() as (reader, _):
                while await reader.read(4096):
                    pass

    @contextlib.asynccontextmanager
    async def _connection(
        self, *, secure: bool = False
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        context = unverified_context() if secure else None  # all we want to know is whether it responds
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
