"""The state of the server that pages come from, and a probe that watches it from outside.

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
    """The state of the backend, shared by all that watch it.

    The command that runs it, the proxy that connects to it and the step that waits for its restart record
    here what they learn, and read what the others have learned.
    """

    def __init__(self) -> None:
        self.restarting = False
        """Whether a restart has begun and it has not responded since."""
        self.silent_since = ""
        """The path of the save after which it did not respond in time; empty once it responds."""
        self.foreign = False
        """Whether something else listened at its address before our command was started."""
        self._crash = ""
        self._crashed = asyncio.Event()
        self._sign = asyncio.Event()

    @property
    def silence(self) -> str:
        """The reason to send it nothing, though it may accept connections; empty while it may respond."""
        return f"it has answered nothing since {self.silent_since} was saved" if self.silent_since else ""

    @property
    def absence(self) -> str:
        """The reason why it will not come back by itself; empty while it may."""
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
        """Wait until the command has crashed, and return how it ended."""
        await self._crashed.wait()
        return self._crash

    def note_sign(self) -> None:
        """Record a possible sign of a restart: a closed or refused connection, or a new process."""
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
        """Wait up to ``within`` seconds for a restart or a sign of one; return whether the process ended."""
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
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
