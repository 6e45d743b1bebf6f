"""Wires the visitor counter: its store, its sockets and its endpoints."""

from __future__ import annotations

from functools import partial

from livereload_loc.access import Guard, Refusal
from livereload_loc.counter.admission import Admission
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.cluster.store import CountStore
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.http_api import CounterApi
from livereload_loc.counter.keepalive import KeepAlive
from livereload_loc.counter.refusals import RefusalReporter
from livereload_loc.counter.websocket import PATH, CounterSocket
from livereload_loc.errors import UsageError
from livereload_loc.events import Reporter
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
        self.keepalive = KeepAlive()
        self.counter = Counter(settings, _store(settings.redis, report), on_total=report)
        self.api = CounterApi(self.counter, settings.admin_token)
        addresses = ClientAddressResolver(settings.trusted_proxies)
        admission = Admission(self.counter, self.keepalive, addresses, guard, self.refusals)
        self.raw_route = RawSocketRoute(
            PATH.encode(),
            partial(CounterSocket, admission),
            self.keepalive.drain,
            self.keepalive,
            strict=alone,
            trusted=addresses.trusts,
            crowded=partial(self.refusals.add, _CROWDED),
        )


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
