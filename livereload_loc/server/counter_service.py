"""Wires the visitor counter: its store, its sockets, its pages, and the lines that say who is kept out."""

from __future__ import annotations

import time
from collections.abc import Callable

from livereload_loc.access import Guard, Refusal
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.cluster.store import CountStore, MemoryStore
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.http_api import CounterPages
from livereload_loc.counter.websocket import PATH, Admission, CounterSocket
from livereload_loc.errors import UsageError
from livereload_loc.events import ProblemFound, Reporter, TotalChanged
from livereload_loc.httputil.tasks import run_together
from livereload_loc.server.http_protocol import MAX_CONNECTIONS, RawSocketRoute
from livereload_loc.settings import CounterSettings

AGAIN_SECONDS = 60.0
"""A cap that goes on being hit is said so often."""


_CROWDED = Refusal(
    429, f"one address has {MAX_CONNECTIONS} connections that are no visitors", "--trusted-proxy", "CIDR"
)


class CounterService:
    """The counter of one server; alone, it counts for strangers.

    Raises:
        UsageError: a setting is none that could work.
    """

    def __init__(self, settings: CounterSettings, guard: Guard, report: Reporter, *, alone: bool) -> None:
        self.counter = Counter(
            settings,
            _store(settings.redis, report),
            told=lambda site, total: report(TotalChanged(site, total)),
        )
        self.pages = CounterPages(self.counter, settings.admin_token)
        peers, self._refusals = ClientAddressResolver(settings.trusted_proxies), RefusalReporter(report)
        self._desk = Admission(
            self.counter,
            peers,
            refuse_host=guard.refuse_host,
            refused=self._refusals.add,
        )
        self.entrance = RawSocketRoute(
            PATH.encode(),
            lambda: CounterSocket(self._desk),
            self._desk.roll.drain,
            self._desk.roll,
            strict=alone,
            trusted=peers.trusts,
            crowded=lambda: self.refused(_CROWDED),
        )

    def refused(self, refusal: Refusal) -> None:
        """Somebody was refused who asked by HTTP."""
        self._refusals.add(refusal, forwarded=False)

    @property
    def stopping(self) -> bool:
        """Whether no page should come any more."""
        return self._desk.roll.draining

    async def run(self) -> None:
        """Count until cancelled."""
        await run_together(self.counter.run(), self._desk.roll.run())


class RefusalReporter:
    """Says which option would let in those who are kept out: each option once, and now and then again."""

    def __init__(self, report: Reporter, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._report, self._clock = report, clock
        self._said: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def add(self, refusal: Refusal, forwarded: bool) -> None:
        """Somebody was kept out; ``forwarded`` if a proxy says that it speaks for others."""
        option = refusal.option
        now = self._clock()
        self._since[option] = self._since.get(option, 0) + 1
        said = self._said.get(option)
        if not option or (said is not None and now - said < AGAIN_SECONDS):
            return
        self._said[option] = now
        count = self._since.pop(option)
        times = f" ({count:,} times since)" if said is not None else ""
        proxy = "; or --trusted-proxy CIDR, if a proxy speaks for many" if forwarded else ""
        title = f"a visitor was kept out{times}: {refusal.reason}; {refusal.flag} lets more in{proxy}"
        self._report(ProblemFound(title, ""))


def _store(url: str | None, report: Reporter) -> CountStore:
    if url is None:
        return MemoryStore()
    try:
        from livereload_loc.counter.cluster.redis_store import RedisStore
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise UsageError("--redis needs one more package: pip install 'livereload-loc[redis]'.") from None
    return RedisStore(url, trouble=lambda title, detail: report(ProblemFound(title, detail)))
