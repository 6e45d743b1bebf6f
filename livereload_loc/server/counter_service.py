"""Wires the visitor counter: its store, its sockets and its endpoints."""

from __future__ import annotations

from functools import partial

from livereload_loc.access import Guard, Refusal
from livereload_loc.counter.admission import Admission
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.cluster.store import CountStore
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.http_api import CounterApi
from livereload_loc.counter.refusals import RefusalReporter
from livereload_loc.counter.websocket import PATH, CounterSocket
from livereload_loc.errors import UsageError
from livereload_loc.events import Reporter
from livereload_loc.httputil.tasks import run_together
from livereload_loc.server.http_protocol import MAX_CONNECTIONS, RawSocketRoute
from livereload_loc.settings import CounterSettings

_CROWDED = Refusal(
    429, f"one address has {MAX_CONNECTIONS} connections that are not visitors", "--trusted-proxy", "CIDR"
)


class CounterService:
    """The counter of one server; with ``alone``, it counts for strangers.

    Raises:
        UsageError: a setting cannot work.
    """

    def __init__(self, settings: CounterSettings, guard: Guard, report: Reporter, *, alone: bool) -> None:
        self.refusals = RefusalReporter(report)
        self._counter = Counter(settings, _store(settings.redis, report), on_total=report)
        addresses = ClientAddressResolver(settings.trusted_proxies)
        admission = Admission(self._counter, addresses, guard, self.refusals)
        self.keepalive = admission.keepalive
        self.api = CounterApi(self._counter, settings.admin_token)
        self.entrance = RawSocketRoute(
            PATH.encode(),
            partial(CounterSocket, admission),
            self.keepalive.drain,
            self.keepalive,
            strict=alone,
            trusted=addresses.trusts,
            crowded=partial(self.refusals.add, _CROWDED),
        )

    async def run(self) -> None:
        """Count until cancelled."""
        await run_together(self._counter.run(), self.keepalive.run())


def _store(url: str | None, report: Reporter) -> CountStore | None:
    if url is None:
        return None
    try:
        from livereload_loc.counter.cluster.redis_store import RedisStore
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "redis":
            raise
        raise UsageError("--redis needs one more package: pip install 'livereload-loc[redis]'.") from None
    return RedisStore(url, report)
