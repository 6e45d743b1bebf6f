"""The upstream as one thing: connections that are kept, a server that is away for a moment or for longer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from livereload_loc.proxy.connect import UpstreamConnector, UpstreamUnreachable
from livereload_loc.proxy.connection import UpstreamConnection
from livereload_loc.proxy.response_parser import ConnectionLost, ResponseHead, ResponseParser
from livereload_loc.proxy.target import UpstreamTarget

HOLD_SECONDS = 10.0
"""How long a request waits for a server that is away."""

PROBE_SECONDS = 0.05
"""How often a server that refuses connections is tried again."""

IDLE_SECONDS = 4.0
"""How long a connection is kept for the next request: less than uvicorn and Node keep it, so that one that
ends meanwhile is a sign of a restart."""

MAX_IDLE = 32
RETRIES = 6
"""How often a safe request is sent again when the connection ends before an answer, after twice the time at
each: some 3 s in all, for servers whose port somebody else keeps open while they restart (Docker)."""

LOOK_SECONDS = 1.0
"""How often a request that waits for its answer looks whether the server is known to give none."""

_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


@dataclass(slots=True)
class PooledExchange:
    """A request that is under way; ``answer`` arrives over ``connection``."""

    connection: UpstreamConnection
    answer: ResponseParser


class UpstreamPool:
    """Gives connections to ``target``. ``restarted`` is called when it seems to restart, ``trouble`` with a
    title and the details when it has been away for too long, once until it is back. ``gone`` says why it will
    not come back by itself, so that nobody waits, and ``silent`` why it is known to answer nobody though it
    takes connections; nothing where it may."""

    def __init__(
        self,
        target: UpstreamTarget,
        *,
        insecure: bool = False,
        restarted: Callable[[], None] | None = None,
        trouble: Callable[[str, str], None] | None = None,
        gone: Callable[[], str] = lambda: "",
        silent: Callable[[], str] = lambda: "",
    ) -> None:
        self.target = target
        self._dialer = UpstreamConnector(target, insecure=insecure)
        self._restarted, self._trouble = restarted, trouble
        self._gone, self._silent = gone, silent
        self._idle: list[UpstreamConnection] = []
        self._back: asyncio.Task[None] | None = None
        self._waiting = 0
        self._told = False
        self._cleaning: asyncio.TimerHandle | None = None

    async def close(self) -> None:
        """End all that is kept or tried."""
        if self._cleaning:
            self._cleaning.cancel()
        self._drop_idle()
        if self._back:
            self._back.cancel()
            await asyncio.gather(self._back, return_exceptions=True)
        await asyncio.sleep(0)  # connections end in the next turn of the loop

    async def ask(
        self, head: bytes, method: str, *, upgrade: bool = False
    ) -> tuple[PooledExchange, ResponseHead]:
        """Send a request without a body and wait for the start of its answer.

        A safe one is sent again when the server restarted over it; any other goes out once, over a
        connection of its own.

        Raises:
            UpstreamFailed: there is none.
        """
        self._check()
        deadline = asyncio.get_running_loop().time() + HOLD_SECONDS
        shared = method in _SAFE and not upgrade
        for lost in range(RETRIES + 1):
            connection = (self._kept() if shared else None) or await self._open(deadline)
            exchange = PooledExchange(connection, connection.begin(head, method, upgrade=upgrade))
            try:
                return exchange, await self._head(exchange.answer, method)
            except ConnectionLost as error:
                if error.answered or method not in _SAFE or lost == RETRIES:
                    raise
                self._notice()
                if connection.used:
                    self._drop_idle()  # what one of them met, the others will, too
                else:
                    await asyncio.sleep(PROBE_SECONDS * 2**lost)
            except BaseException:
                connection.abort()
                raise
        raise AssertionError("the last try returns or raises")

    async def start(self, head: bytes, method: str) -> PooledExchange:
        """Send the start of a request whose body follows, over a connection of its own.

        Raises:
            Unreachable: it was not sent.
        """
        self._check()
        connection = await self._open(asyncio.get_running_loop().time() + HOLD_SECONDS)
        return PooledExchange(connection, connection.begin(head, method))

    def done(self, exchange: PooledExchange, *, keep: bool) -> None:
        """The exchange is over; its connection is kept where that is wanted and can be."""
        connection = exchange.connection
        if connection.rest() and keep and len(self._idle) < MAX_IDLE:
            self._keep(connection)
        else:
            connection.abort()

    def _check(self) -> None:
        """Send nothing to a server that would not answer, but might do all of it later."""
        if why := self._silent():
            raise UpstreamUnreachable(why)

    async def _head(self, answer: ResponseParser, method: str) -> ResponseHead:
        """The start of ``answer``. What is safe is not left with a server that falls silent meanwhile."""
        while method in _SAFE:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    return await answer.head()
            self._check()
        return await answer.head()

    def _kept(self) -> UpstreamConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        return None

    def _clean(self) -> None:
        """Let go of what was not used for a while; the one that has waited longest stands first."""
        loop = asyncio.get_running_loop()
        while self._idle and loop.time() - self._idle[0].idle_since >= IDLE_SECONDS:
            self._idle.pop(0).abort()
        oldest = self._idle[0].idle_since if self._idle else None
        self._cleaning = None if oldest is None else loop.call_at(oldest + IDLE_SECONDS, self._clean)

    def _drop_idle(self) -> None:
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.abort()

    def _idle_ended(self, connection: UpstreamConnection) -> None:
        if connection in self._idle:  # else it was we who ended it
            self._idle.remove(connection)
            self._notice()

    def _notice(self) -> None:
        if self._restarted:
            self._restarted()

    async def _open(self, deadline: float) -> UpstreamConnection:
        """A new connection; where none is to be had, wait for one."""
        if kept := self._kept():
            kept.abort()  # a server with one thread would sit waiting on it
        while True:
            try:
                connection = await self._dialer.dial(self._idle_ended)
                break
            except UpstreamUnreachable as error:
                self._notice()
                if why := self._gone():
                    error = UpstreamUnreachable(f"{error}: {why}", hopeless=error.hopeless)
                if why or error.hopeless or not await self._returned(deadline):
                    self._tell(error)
                    raise error from None
            if kept := self._kept():
                connection = kept
                break
        self._told = False
        return connection

    def _tell(self, error: UpstreamUnreachable) -> None:
        if not self._told:
            self._told = True
            if self._trouble:
                self._trouble(f"{self.target.url} does not answer", error.sentence)

    async def _returned(self, deadline: float) -> bool:
        """Wait for the server, all requests together; whether it came back in time."""
        self._waiting += 1
        try:
            if self._back is None or self._back.done():
                self._back = asyncio.create_task(self._probe())
            left = deadline - asyncio.get_running_loop().time()
            done, _ = await asyncio.wait((self._back,), timeout=max(0, left))
            return bool(done)
        finally:
            self._waiting -= 1

    async def _probe(self) -> None:
        """Try until a connection opens, which the first of those who wait gets, or nobody has to wait."""
        while self._waiting and not self._gone():
            await asyncio.sleep(PROBE_SECONDS)
            with contextlib.suppress(UpstreamUnreachable):
                self._keep(await self._dialer.dial(self._idle_ended))
                self._told = False  # also where nobody waits any more
                return

    def _keep(self, connection: UpstreamConnection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        self._cleaning = self._cleaning or loop.call_later(IDLE_SECONDS, self._clean)
