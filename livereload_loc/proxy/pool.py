"""The connections to the upstream: kept for the next request, and waited for while it is away."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from livereload_loc.backend import BackendState
from livereload_loc.events import ProblemFound, Reporter
from livereload_loc.proxy.connect import UpstreamConnector, UpstreamUnreachable
from livereload_loc.proxy.connection import UpstreamConnection
from livereload_loc.proxy.response_parser import ConnectionLost, ResponseHead, ResponseParser
from livereload_loc.proxy.target import UpstreamTarget

# How often an upstream that refuses connections is tried again.
PROBE_SECONDS = 0.05

MAX_IDLE = 32
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


@dataclass(frozen=True)
class PoolLimits:
    """How patient the pool is; times are in seconds."""

    hold: float = 10.0
    """How long a request waits for an upstream that is away."""
    idle: float = 4.0
    """How long a connection is kept for the next request: less than uvicorn and Node keep it, so that one
    that ends meanwhile is a sign of a restart."""
    look: float = 1.0
    """How often a request that waits for its response looks whether the upstream is known to give none."""
    retries: int = 6
    """How often a safe request is sent again when the connection ends before a response, after twice the time
    at each: some 3 s in all, for servers whose port somebody else keeps open while they restart (Docker)."""


class UpstreamPool:
    """Gives connections to ``target``.

    Signs of a restart are noted in ``state``, and nobody waits for an upstream that is known there to be
    down. When it has been away for too long, that is reported, once until it is back.
    """

    def __init__(
        self,
        target: UpstreamTarget,
        state: BackendState,
        report: Reporter,
        *,
        insecure: bool = False,
        limits: PoolLimits,
    ) -> None:
        self.target = target
        self._state, self._report, self._limits = state, report, limits
        self._connector = UpstreamConnector(target, insecure=insecure)
        self._idle: dict[UpstreamConnection, asyncio.TimerHandle] = {}
        self._probing: asyncio.Task[None] | None = None
        self._waiting = 0
        self._reported = False

    async def close(self) -> None:
        """End all that is kept or tried."""
        self._drop_idle()
        if self._probing:
            self._probing.cancel()
            await asyncio.gather(self._probing, return_exceptions=True)
        await asyncio.sleep(0)  # connections end in the next turn of the loop

    async def request(
        self, head: bytes, method: str, *, upgrade: bool = False
    ) -> tuple[UpstreamConnection, ResponseHead]:
        """Send a request without a body and wait for the head of the response.

        A safe one is sent again when the upstream restarted over it. Any other goes out once, over a
        connection of its own.

        Raises:
            UpstreamFailed: there is no response.
        """
        self._raise_if_silent()
        deadline = asyncio.get_running_loop().time() + self._limits.hold
        shared = method in _SAFE and not upgrade
        for lost in range(self._limits.retries + 1):
            connection = (self._take_idle() if shared else None) or await self._open(deadline)
            response = connection.begin(head, method, upgrade=upgrade)
            try:
                return connection, await self._head(response, method)
            except ConnectionLost as error:
                if error.begun or method not in _SAFE or lost == self._limits.retries:
                    raise
                self._state.note_sign()
                if connection.used:
                    self._drop_idle()  # what one of them met, the others will, too
                else:
                    await asyncio.sleep(PROBE_SECONDS * 2**lost)
            except BaseException:
                connection.abort()
                raise
        raise AssertionError("the last try returns or raises")

    async def start(self, head: bytes, method: str) -> UpstreamConnection:
        """Send the head of a request whose body follows, over a connection of its own.

        Raises:
            UpstreamUnreachable: it was not sent.
        """
        self._raise_if_silent()
        connection = await self._open(asyncio.get_running_loop().time() + self._limits.hold)
        connection.begin(head, method)
        return connection

    def release(self, connection: UpstreamConnection, *, keep: bool) -> None:
        """Take back a connection whose exchange is over; it is kept where that is wanted and can be."""
        if connection.finish() and keep and len(self._idle) < MAX_IDLE:
            self._keep(connection)
        else:
            connection.abort()

    def _raise_if_silent(self) -> None:
        """Send nothing to an upstream that would not respond, but might do all of it later."""
        if why := self._state.silent_reason:
            raise UpstreamUnreachable(why)

    async def _head(self, response: ResponseParser, method: str) -> ResponseHead:
        """Wait for the head, with a safe request only until the upstream is known to be silent."""
        while method in _SAFE:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.look):
                    return await response.head()
            self._raise_if_silent()
        return await response.head()

    def _take_idle(self) -> UpstreamConnection | None:
        """Take the connection that was kept last, which is the likeliest to be open still."""
        while self._idle:
            connection, timer = self._idle.popitem()
            timer.cancel()
            if connection.open:
                return connection
        return None

    def _keep(self, connection: UpstreamConnection) -> None:
        loop = asyncio.get_running_loop()
        self._idle[connection] = loop.call_later(self._limits.idle, self._drop, connection)

    def _drop(self, connection: UpstreamConnection) -> None:
        del self._idle[connection]
        connection.abort()

    def _drop_idle(self) -> None:
        while connection := self._take_idle():
            connection.abort()

    def _idle_ended(self, connection: UpstreamConnection) -> None:
        timer = self._idle.pop(connection, None)
        if timer:  # else it was we who ended it
            timer.cancel()
            self._state.note_sign()

    async def _open(self, deadline: float) -> UpstreamConnection:
        """Open a connection; where that fails, wait for the upstream."""
        if kept := self._take_idle():
            kept.abort()  # a server with one thread would sit waiting on it
        connection: UpstreamConnection | None = None
        while connection is None:
            try:
                connection = await self._connector.connect(self._idle_ended)
            except UpstreamUnreachable as error:
                self._state.note_sign()
                if why := self._state.down_reason:
                    error = UpstreamUnreachable(f"{error}: {why}", hopeless=error.hopeless)
                if why or error.hopeless or not await self._returned(deadline):
                    self._report_once(error)
                    raise error from None
                connection = self._take_idle()
        self._reported = False
        return connection

    def _report_once(self, error: UpstreamUnreachable) -> None:
        if not self._reported:
            self._reported = True
            self._report(ProblemFound(f"{self.target.origin} does not answer", error.sentence))

    async def _returned(self, deadline: float) -> bool:
        """Wait for the upstream, all requests together; return whether it came back in time."""
        self._waiting += 1
        try:
            if self._probing is None or self._probing.done():
                self._probing = asyncio.create_task(self._probe())
            left = deadline - asyncio.get_running_loop().time()
            done, _ = await asyncio.wait((self._probing,), timeout=max(0, left))
            return bool(done)
        finally:
            self._waiting -= 1

    async def _probe(self) -> None:
        """Try until a connection opens, which the first of those who wait gets, or nobody has to wait."""
        while self._waiting and not self._state.down_reason:
            await asyncio.sleep(PROBE_SECONDS)
            with contextlib.suppress(UpstreamUnreachable):
                self._keep(await self._connector.connect(self._idle_ended))
                self._reported = False  # also where nobody waits any more
                return
