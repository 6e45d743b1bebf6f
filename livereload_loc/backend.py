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

    The command that runs it, the proxy that connects to it and the step that waits for its restart write
    down here what they learn, and read what the others have learnt.
    """

    def __init__(self) -> None:
        self.restarting = False
        """Whether it was asked since a restart began, and has not answered yet."""
        self.silent_since = ""
        """The path of the save after which it was too late to answer, until it answers."""
        self.foreign = False
        """Whether something else listened at its address before our command was started."""
        self._crash = ""
        self._crashed = asyncio.Event()
        self._sign = asyncio.Event()

    @property
    def silence(self) -> str:
        """Why nothing should be sent to it, though it may take connections; empty where it may answer."""
        return f"it has answered nothing since {self.silent_since} was saved" if self.silent_since else ""

    @property
    def absence(self) -> str:
        """Why it will not come back by itself; empty where it may."""
        return "" if self.foreign else self._crash

    def answered(self) -> None:
        """It is up."""
        self.restarting, self.silent_since = False, ""

    def crashed(self, how: str) -> None:
        """The command that runs it has ended with an error."""
        self._crash = how
        self._crashed.set()

    def started(self) -> None:
        """The command that runs it is started again."""
        self._crash = ""
        self._crashed.clear()

    async def crash(self) -> str:
        """Wait until the command has crashed, unless it has; return how it did."""
        await self._crashed.wait()
        return self._crash

    def note_sign(self) -> None:
        """Something happened that a restart brings about, and other things do, too: a connection was closed
        or refused, a process appeared."""
        self._sign.set()

    async def sign(self) -> None:
        """Wait for the next sign."""
        self._sign.clear()
        await self._sign.wait()


class BackendProbe:
    """Watches the backend that listens at ``host`` and ``port``.

    The kernel closes a connection that is held open and silent when the process ends that accepted it, even
    where a reloader's parent keeps the listening socket, and so refuses nothing.

    ``asks`` is a request target: the backend only counts as back once it answers that, where browsers go
    there by themselves. A process that is about to end takes connections that it never answers. ``secure``:
    it serves over HTTPS.
    """

    def __init__(
        self, host: str, port: int, state: BackendState, *, asks: str = "", secure: bool = False
    ) -> None:
        self._host, self._port, self._state = host, port, state
        self._asks, self._secure = asks, secure

    async def restarts(self, within: float) -> bool:
        """Wait until it restarts, there is a sign that it does, or ``within`` seconds have passed; return
        whether the process that answered is gone for sure."""
        async with background(self._gone(), self._state.sign()) as (gone, sign):
            await asyncio.wait((gone, sign), timeout=within, return_when=asyncio.FIRST_COMPLETED)
            return gone.done()

    async def answers(self, within: float) -> bool:
        """Wait until it takes connections and answers, at most ``within`` seconds; return whether it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not await self._answers():  # noqa: ASYNC110 - nobody would set an event
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

    async def _answers(self) -> bool:
        try:
            async with self._connection(secure=self._secure and self._asks != "") as (reader, writer):
                if not self._asks:
                    return True
                host = f"{bracketed(self._host)}:{self._port}"
                head = f"GET {self._asks} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close"
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
        context = unverified_context() if secure else None  # all we want to know is whether it answers
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        try:
            yield reader, writer
        finally:
            writer.transport.abort()
