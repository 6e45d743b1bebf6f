"""Counts the open pages of each site, and sends each page its site's total."""

from __future__ import annotations

import asyncio
import time
from collections import Counter as Tally
from collections import OrderedDict
from collections.abc import Callable

from livereload_loc.access import Refusal
from livereload_loc.counter.broadcast import Broadcast
from livereload_loc.counter.client_address import address_key
from livereload_loc.counter.cluster.store import CountStore, MemoryStore
from livereload_loc.counter.rate_limits import AddressLimiter
from livereload_loc.counter.site_visitors import ClientKey, PageConnection, SiteVisitors, Visit
from livereload_loc.counter.sites import SiteFilter
from livereload_loc.events import TotalChanged
from livereload_loc.httputil.tasks import run_together
from livereload_loc.settings import CounterSettings

# The longest id of a page in characters.
MAX_TAB = 64
# The close code of a socket whose page came back on another one.
REPLACED = 4000


class VisitorRefused(Exception):
    """A visitor is not counted; ``refusal`` says why, and which option would let it in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


def _local_time() -> float:
    return time.time() + time.localtime().tm_gmtoff


class Counter:
    """Counts the open pages of each site. Only :meth:`run` waits: it sends the totals.

    ``settings`` name the sites that are counted, the caps, and ``linger``: the seconds for which a page that
    went away still counts, so that following a link, which closes one page and opens another, changes no
    total. ``store`` adds up the visitors of all nodes; the default store is for a single process.
    ``on_total`` gets each total that is sent to the pages of a site. ``clock`` returns seconds that never
    run backwards, ``local_time`` the seconds since the epoch in the time zone whose midnight begins a day.

    >>> class Page:
    ...     def send(self, message: str) -> None:
    ...         print(message)
    ...     def close(self, code: int, reason: str) -> None:
    ...         print("closed with", code)
    >>> counter = Counter(CounterSettings(linger=0))
    >>> visit = counter.join(Page(), "shop.example", address="192.0.2.7")
    >>> counter.greeting(visit)
    '{"type":"total","total":1,"state":"live"}'
    >>> counter.leave(visit)
    >>> counter.store.total("shop.example")
    0

    Raises:
        ValueError: a pattern in ``settings.sites`` is malformed; the exception's text is the pattern.
    """

    def __init__(
        self,
        settings: CounterSettings | None = None,
        store: CountStore | None = None,
        *,
        on_total: Callable[[TotalChanged], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        local_time: Callable[[], float] = _local_time,
    ) -> None:
        self.settings = settings or CounterSettings()
        self.store: CountStore = store or MemoryStore()
        self.broadcast = Broadcast(self.store, on_total)
        self.counted = SiteFilter(self.settings.sites)
        # The sites that this node has seen recently, by name.
        self.sites: dict[str, SiteVisitors] = {}
        # Open sockets now, and visitors admitted since the start.
        self.visitors = self.joined = 0
        # Visitors refused by the option that would admit them, and sockets closed for what they sent by code.
        self.refusals: Tally[str] = Tally()
        self.faults: Tally[int] = Tally()
        self._clock, self._local_time = clock, local_time
        self._idle_sites: OrderedDict[str, None] = OrderedDict()  # the longest idle first
        self._addresses = AddressLimiter(self.settings)
        self._lingering: OrderedDict[Visit, float] = OrderedDict()  # until when, the next first
        self._has_lingering = asyncio.Event()
        self.store.listen(self._total_changed)

    def join(self, connection: PageConnection, site: str, address: str, browser: str = "") -> Visit:
        """Admit a page of ``site`` whose visitor has this IP address and this ``User-Agent``.

        Raises:
            VisitorRefused: a cap is reached, or the site is not counted.
        """
        now = self._clock()
        client = ClientKey(address_key(address), hash(browser))
        visitors = self.sites.get(site)
        replaced = visitors.first_lingering(client) if visitors else None
        refusal = self._refusal(site, client.address, now, spare=int(replaced is not None))
        if refusal:
            raise self.refuse(refusal)
        if visitors is None:
            visitors = self._add_site(site)
        visit = Visit(visitors, connection, client)
        visitors.add(visit)
        self._idle_sites.pop(site, None)
        self._addresses.enter(client.address, now)
        self.visitors += 1
        self.joined += 1
        if replaced:
            self._end_lingering(replaced)
        self._store_count(visitors)
        return visit

    def refuse(self, refusal: Refusal) -> VisitorRefused:
        """Count a refusal, and return the exception to raise."""
        self.refusals[refusal.option or "none"] += 1
        return VisitorRefused(refusal)

    def greeting(self, visit: Visit) -> str:
        """Return the message for a page that has just joined."""
        visit.last_message = self.broadcast.message(visit.visitors.site)
        return visit.last_message

    def identify(self, visit: Visit, tab: str) -> None:
        """Note the id of a visit's page; the socket that the page had before is closed."""
        replaced = visit.visitors.identify(visit, tab[:MAX_TAB])
        if replaced and replaced.connection:
            self.leave(replaced)
            replaced.connection.close(REPLACED, "came back")

    def leave(self, visit: Visit, *, back_soon: bool = False) -> None:
        """End a visit whose socket is gone; it lingers if its page said that it goes (``back_soon``).

        A visit that has ended already is left alone.
        """
        visitors = visit.visitors
        if visit not in visitors.visits:
            return
        now, linger = self._clock(), self.settings.linger
        lingers = back_soon and linger > 0
        visitors.remove(visit, lingers=lingers)
        self.visitors -= 1
        if lingers:  # it keeps its place, so that nobody passes a cap by leaving and coming back
            self._lingering[visit] = now + linger
            self._has_lingering.set()
        else:
            self._addresses.leave(visit.client.address, now)
            self._store_count(visitors)

    def expire(self) -> float | None:
        """End the visits that have lingered long enough; return the seconds until the next one has."""
        while self._lingering:
            visit, until = next(iter(self._lingering.items()))
            rest = until - self._clock()
            if rest > 0:
                return rest
            self._end_lingering(visit)
            self._store_count(visit.visitors)
        return None

    async def run(self) -> None:
        """Send totals, exchange counts with other nodes and end lingering visits until cancelled."""
        await run_together(self.broadcast.run(), self.store.run(), self._expire_always())

    async def _expire_always(self) -> None:
        while True:
            rest = self.expire()
            if rest is None:
                self._has_lingering.clear()
                await self._has_lingering.wait()
            else:
                await asyncio.sleep(rest)

    def _add_site(self, site: str) -> SiteVisitors:
        if len(self.sites) >= self.settings.max_sites:
            idle, _ = self._idle_sites.popitem(last=False)
            del self.sites[idle]
        self.sites[site] = SiteVisitors(site, self._local_time)
        return self.sites[site]

    def _end_lingering(self, visit: Visit) -> None:
        del self._lingering[visit]
        visit.visitors.end_lingering(visit)
        self._addresses.leave(visit.client.address, self._clock())

    def _refusal(self, site: str, address: str, now: float, *, spare: int) -> Refusal | None:
        """Return the first reason not to admit a page; ``spare`` visits of its client would make way."""
        caps = self.settings
        visitors = self.sites.get(site)
        if site not in self.counted:
            return Refusal(403, f"the site {site} is not counted here", "--site", site)
        if self.visitors >= caps.max_visitors:
            return Refusal(503, f"{caps.max_visitors} sockets are open", "--max-visitors")
        if refusal := self._addresses.refuse(address, now, spare=spare):
            return refusal
        if visitors and visitors.count - spare >= caps.max_per_site:
            return Refusal(503, f"{caps.max_per_site} pages of one site are open", "--max-per-site")
        if visitors is None and len(self.sites) >= caps.max_sites and not self._idle_sites:
            return Refusal(503, f"{caps.max_sites} sites have visitors", "--max-sites")
        return None

    def _store_count(self, visitors: SiteVisitors) -> None:
        if not visitors.count:
            self._idle_sites[visitors.site] = None
        self.store.put(visitors.site, visitors.count)

    def _total_changed(self, site: str | None) -> None:
        changed = self.sites.values() if site is None else filter(None, [self.sites.get(site)])
        for visitors in changed:
            visitors.history.note(self.store.total(visitors.site))
            self.broadcast.total_changed(visitors)
