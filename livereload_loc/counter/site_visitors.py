"""The visitors of one site: who sits where, and who has just left to come back."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from livereload_loc.counter.history import PeakHistory

Line = tuple[str, int]
"""Address and the hash of a browser's name: what a page and the one whose place it takes have in common."""


class Visitor(Protocol):
    """One open page, as the counter needs it. Neither method waits or raises."""

    def tell(self, message: str) -> None:
        """Send ``message``; where the page does not read, the newest one only, once it does."""

    def end(self, code: int, reason: str) -> None:
        """Close the socket."""


class LingeringVisit:
    """A page that went away, and counts until its time is over or another one takes its place."""

    __slots__ = ("line", "room", "taken", "until")

    def __init__(self, room: SiteVisitors, line: Line, until: float) -> None:
        self.room, self.line, self.until = room, line, until
        self.taken = False


class Visit:
    """The place of one visitor in a room."""

    __slots__ = ("line", "room", "tab", "told", "visitor")

    def __init__(self, room: SiteVisitors, visitor: Visitor, line: Line) -> None:
        self.room, self.visitor, self.line = room, visitor, line
        self.tab: str | None = None
        self.told = ""
        """The last message that it was sent."""


class SiteVisitors:
    """The visitors of ``site``; decides nothing, and is never left inconsistent."""

    __slots__ = ("count", "history", "leaving", "seats", "site", "tabs", "told")

    def __init__(self, site: str, now: float) -> None:
        self.site = site
        self.seats: set[Visit] = set()
        self.tabs: dict[str, Visit] = {}
        self.leaving: dict[Line, deque[LingeringVisit]] = {}
        self.told = ""
        """The message of the last round."""
        self.count = 0
        """Those who are there, and those who are expected back."""
        self.history = PeakHistory(now)

    def sit(self, visitor: Visitor, line: Line) -> Visit:
        """Give a visitor a seat."""
        self.count += 1
        seat = Visit(self, visitor, line)
        self.seats.add(seat)
        return seat

    def expected(self, line: Line) -> LingeringVisit | None:
        """The page of the same browser that left first of those whose place may be taken."""
        before = self.leaving.get(line)
        return before[0] if before else None

    def name(self, seat: Visit, tab: str) -> Visit | None:
        """Note who sits there; the seat that the same page had before, if it is still taken."""
        if seat.tab is not None:
            return None
        before = self.tabs.get(tab)
        seat.tab = tab
        self.tabs[tab] = seat
        return before

    def rise(self, seat: Visit, until: float | None) -> LingeringVisit | None:
        """Take a seat back; with ``until`` its visitor counts until then."""
        self.seats.remove(seat)
        if seat.tab is not None and self.tabs.get(seat.tab) is seat:
            del self.tabs[seat.tab]
        if until is None:
            self.count -= 1
            return None
        leaving = LingeringVisit(self, seat.line, until)
        self.leaving.setdefault(seat.line, deque()).append(leaving)
        return leaving

    def forget(self, leaving: LingeringVisit) -> None:
        """One who left counts no more."""
        queue = self.leaving[leaving.line]
        queue.remove(leaving)
        self.count -= 1
        if not queue:
            del self.leaving[leaving.line]
