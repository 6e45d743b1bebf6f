"""Counts the open pages of each site, and tells each page its site's total."""

from __future__ import annotations

import asyncio
import time
from collections import Counter as Tally
from collections import OrderedDict, deque
from collections.abc import Callable

from livereload_loc.access import Refusal
from livereload_loc.counter.broadcast import Broadcast
from livereload_loc.counter.client_address import household
from livereload_loc.counter.cluster.store import CountStore, MemoryStore
from livereload_loc.counter.rate_limits import AddressLimiter
from livereload_loc.counter.site_visitors import LingeringVisit, SiteVisitors, Visit, Visitor
from livereload_loc.counter.sites import SiteFilter
from livereload_loc.httputil.tasks import run_together
from livereload_loc.settings import CounterSettings

MAX_TAB = 64
"""The longest id of a page in characters."""

REPLACED = 4000
"""The close code of a socket whose page came back on another one."""


class VisitorRefused(Exception):
    """A visitor was not let in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class Counter:
    """Who is on which site. Nothing here waits; :meth:`run` does what takes time.

    Of ``settings`` it takes the sites, the caps, and ``linger``, so that a click on a link, which closes one
    page and opens another, moves nobody's total. ``clock`` gives seconds that never run backwards, ``wall``
    those since the epoch in the zone of whoever reads the history. ``told`` hears of each total that the
    pages of a site are told.

    >>> class Page:
    ...     def tell(self, message: str) -> None:
    ...         print(message)
    ...     def end(self, code: int, reason: str) -> None:
    ...         print("closed with", code)
    >>> counter = Counter(CounterSettings(linger=0))
    >>> seat = counter.join(Page(), "shop.example", address="192.0.2.7")
    >>> counter.greeting(seat)
    '{"type":"total","total":1,"state":"live"}'
    >>> counter.leave(seat)
    >>> counter.store.total("shop.example")
    0
    """

    def __init__(
        self,
        settings: CounterSettings | None = None,
        store: CountStore | None = None,
        *,
        told: Callable[[str, int], None] = lambda site, total: None,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = lambda: time.time() + time.localtime().tm_gmtoff,
    ) -> None:
        self.store: CountStore = store or MemoryStore()
        self.settings = settings or CounterSettings()
        self.joined = 0
        """Visitors let in, ever."""
        self.refusals: Tally[str] = Tally()
        """Visitors kept out, ever, by the option that would let them in."""
        self.shown_out: Tally[int] = Tally()
        """Visitors whose sockets were closed for what they sent, ever, by the close code."""
        self.visitors = 0
        """Open sockets."""
        self._sites = SiteFilter(self.settings.sites)
        self._clock, self._wall = clock, wall
        self._rooms: dict[str, SiteVisitors] = {}
        self._idle: OrderedDict[SiteVisitors, None] = (
            OrderedDict()
        )  # rooms without visitors, the longest idle first
        self._addresses = AddressLimiter(self.settings)
        self._leaving: deque[LingeringVisit] = deque()
        self._left = asyncio.Event()
        self._told = told
        self._telling = Broadcast(self._tell)
        self.store.listen(self._changed)

    @property
    def sent(self) -> int:
        """Totals sent, ever, but for those that greet."""
        return self._telling.sent

    def join(self, visitor: Visitor, site: str, address: str, browser: str = "") -> Visit:
        """Let a page of ``site`` in, whose visitor has this address and browser.

        Raises:
            Refused: a cap is reached, or the site is not counted.
        """
        now = self._clock()
        line = household(address), hash(browser)
        room = self._rooms.get(site)
        before = room.expected(line) if room else None
        refusal = self._refusal(site, line[0], now, spare=int(before is not None))
        if refusal:
            raise self.refuse(refusal)
        if room is None:
            if len(self._rooms) >= self.settings.max_sites:
                idle = next(iter(self._idle))
                del self._idle[idle], self._rooms[idle.site]
            room = self._rooms[site] = SiteVisitors(site, self._wall())
        self._idle.pop(room, None)
        self._addresses.enter(line[0], now)
        self.visitors += 1
        self.joined += 1
        seat = room.sit(visitor, line)
        if before:
            before.taken = True
            self._forget_leaving(before)
        self._put(room)
        return seat

    def refuse(self, refusal: Refusal) -> VisitorRefused:
        """Note that a visitor is kept out; what to raise."""
        self.refusals[refusal.option or "none"] += 1
        return VisitorRefused(refusal)

    def greeting(self, seat: Visit) -> str:
        """The message for a page that has just joined."""
        seat.told = self._message(seat.room)
        return seat.told

    def name(self, seat: Visit, tab: str) -> None:
        """The page on ``seat`` says which one it is; the socket that it had before is closed."""
        before = seat.room.name(seat, tab[:MAX_TAB])
        if before:
            self.leave(before)
            before.visitor.end(REPLACED, "came back")

    def leave(self, seat: Visit, *, back_soon: bool = False) -> None:
        """Its socket is gone; ``back_soon`` if the page said so itself. Does nothing the second time."""
        room = seat.room
        if seat not in room.seats:
            return
        now = self._clock()
        lingers = back_soon and self.settings.linger > 0
        leaving = room.rise(seat, now + self.settings.linger if lingers else None)
        self.visitors -= 1
        if leaving:  # its place is kept, so that no cap is passed by going and coming
            self._leaving.append(leaving)
            self._left.set()
        else:
            self._addresses.leave(seat.line[0], now)
            self._put(room)

    def expire(self) -> float | None:
        """Forget those whose time is over; the seconds until the next one's is."""
        while self._leaving:
            leaving = self._leaving[0]
            if not leaving.taken:
                rest = leaving.until - self._clock()
                if rest > 0:
                    return rest
                self._forget_leaving(leaving)
                self._put(leaving.room)
            self._leaving.popleft()
        return None

    def rooms(self) -> list[SiteVisitors]:
        """All sites that this node has seen of late."""
        return list(self._rooms.values())

    def room(self, site: str) -> SiteVisitors | None:
        """That of ``site``, if this node has seen it of late."""
        return self._rooms.get(site)

    def peak_today(self, room: SiteVisitors) -> int:
        """The most visitors of its site since midnight, of all nodes."""
        return room.history.peak_today(self._wall())

    def peaks(self, room: SiteVisitors) -> list[int]:
        """Those of each quarter of an hour of the last day, the oldest first."""
        return room.history.peaks(self._wall())

    def counts(self, site: str) -> bool:
        """Whether ``site`` is one that may be counted."""
        return site in self._sites

    async def run(self) -> None:
        """Tell, exchange and forget until cancelled."""
        await run_together(self._telling.run(), self.store.run(), self._forget())

    async def _forget(self) -> None:
        while True:
            rest = self.expire()
            if rest is None:
                self._left.clear()
                await self._left.wait()
            else:
                await asyncio.sleep(rest)

    def _forget_leaving(self, leaving: LingeringVisit) -> None:
        leaving.room.forget(leaving)
        self._addresses.leave(leaving.line[0], self._clock())

    def _refusal(self, site: str, address: str, now: float, *, spare: int) -> Refusal | None:
        """The first reason not to let a page in, ``spare`` of whose kind makes way; keeps nothing."""
        if site not in self._sites:
            return Refusal(403, f"the site {site} is not counted here", "--site", site)
        if self.visitors >= self.settings.max_visitors:
            return Refusal(503, f"{self.settings.max_visitors} sockets are open", "--max-visitors")
        refusal = self._addresses.refuse(address, now, spare=spare)
        if refusal:
            return refusal
        room = self._rooms.get(site)
        if room and room.count - spare >= self.settings.max_per_site:
            return Refusal(503, f"{self.settings.max_per_site} pages of one site are open", "--max-per-site")
        if room is None and len(self._rooms) >= self.settings.max_sites and not self._idle:
            return Refusal(503, f"{self.settings.max_sites} sites have visitors", "--max-sites")
        return None

    def _put(self, room: SiteVisitors) -> None:
        count = room.count
        if not count:
            self._idle[room] = None
        self.store.put(room.site, count)

    def _changed(self, site: str | None) -> None:
        changed = self._rooms.values() if site is None else filter(None, [self._rooms.get(site)])
        for room in changed:
            room.history.note(self.store.total(room.site), self._wall())
            self._telling.changed(room)

    def _tell(self, room: SiteVisitors) -> str:
        """The message for a round; its figure is said aloud where it is another one than the last."""
        message = self._message(room)
        if message != room.told:
            self._told(room.site, self.store.total(room.site))
        return message

    def _message(self, room: SiteVisitors) -> str:
        return f'{{"type":"total","total":{self.store.total(room.site)},"state":"{self.store.state}"}}'
