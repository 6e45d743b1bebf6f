"""The visitors of one site: the open visits, and those that linger after their pages went away."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple, Protocol

from livereload_loc.counter.history import PeakHistory


class ClientKey(NamedTuple):
    """What a page has in common with the page whose place it takes: the address and the browser."""

    address: str
    browser: int


class PageConnection(Protocol):
    """The connection to one open page. Neither method waits or raises."""

    def send(self, message: str) -> None:
        """Send ``message``; a page that does not read gets only the newest one, once it reads again."""

    def close(self, code: int, reason: str) -> None:
        """Close the socket."""


class Visit:
    """One page's time on a site, from its handshake until its socket is gone or it has lingered enough."""

    __slots__ = ("client", "connection", "last_message", "tab", "visitors")

    def __init__(self, visitors: SiteVisitors, connection: PageConnection, client: ClientKey) -> None:
        self.visitors, self.client = visitors, client
        self.connection: PageConnection | None = connection
        self.tab: str | None = None
        self.last_message = ""


class SiteVisitors:
    """The visits of ``site``: ``count`` includes lingering ones, ``last_message`` is the last broadcast."""

    __slots__ = ("_lingering", "_tabs", "count", "history", "last_message", "site", "visits")

    def __init__(self, site: str, local_time: Callable[[], float]) -> None:
        self.site = site
        self.visits: set[Visit] = set()
        self.count = 0
        self.last_message = ""
        self.history = PeakHistory(local_time)
        self._tabs: dict[str, Visit] = {}
        self._lingering: dict[ClientKey, deque[Visit]] = {}

    def add(self, visit: Visit) -> None:
        """Begin a visit."""
        self.visits.add(visit)
        self.count += 1

    def identify(self, visit: Visit, tab: str) -> Visit | None:
        """Note which page visits; return the open visit that the same page had before."""
        if visit.tab is not None:
            return None
        replaced = self._tabs.get(tab)
        visit.tab = tab
        self._tabs[tab] = visit
        return replaced

    def remove(self, visit: Visit, *, lingers: bool) -> None:
        """End a visit, or let it linger."""
        self.visits.remove(visit)
        if visit.tab is not None and self._tabs.get(visit.tab) is visit:
            del self._tabs[visit.tab]
        if lingers:
            visit.connection = None  # it is far larger than the visit
            self._lingering.setdefault(visit.client, deque()).append(visit)
        else:
            self.count -= 1

    def first_lingering(self, client: ClientKey) -> Visit | None:
        """Return the visit of ``client`` that has lingered longest."""
        visits = self._lingering.get(client)
        return visits[0] if visits else None

    def end_lingering(self, visit: Visit) -> None:
        """Count a lingering visit no more."""
        visits = self._lingering[visit.client]
        visits.remove(visit)
        self.count -= 1
        if not visits:
            del self._lingering[visit.client]
