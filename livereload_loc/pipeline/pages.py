"""The registry of open pages: reports who joins, leaves and is refused."""

from __future__ import annotations

from collections.abc import Callable

from livereload_loc.access import Refusal
from livereload_loc.events import ClientChanged, ProblemFound, Reporter
from livereload_loc.httputil.log import RepeatFilter
from livereload_loc.pipeline.updates import UpdateTracker
from livereload_loc.protocol import PageAnswer

# A refused page keeps trying: each refusal is reported once, up to this many.
REPORTED_REFUSALS = 50


class OpenPages:
    """Registers the pages that join and leave, for the endpoints of their sockets.

    ``page_id`` is the number of a socket, which is never used twice. ``attend`` is called when a page joins.
    """

    def __init__(self, updates: UpdateTracker, report: Reporter, attend: Callable[[], None]) -> None:
        self._updates, self._report, self._attend = updates, report, attend
        self._repeats = RepeatFilter(limit=REPORTED_REFUSALS)

    def joined(self, page_id: int, url: str, browser: str = "") -> None:
        """Add a page that introduced itself; ``browser`` is a short name such as ``Firefox 140``."""
        self._updates.open_pages.add(page_id)
        self._attend()
        self._report(ClientChanged("joined", url, len(self._updates.open_pages), page_id, browser))

    def answered(self, page_id: int, url: str, answer: PageAnswer) -> None:
        """Pass on what a page says it did about an update."""
        self._updates.answered(page_id, url, answer)

    def left(self, page_id: int, url: str) -> None:
        """Remove a page that had joined, and whose socket has closed."""
        self._updates.left(page_id)
        self._report(ClientChanged("left", url, len(self._updates.open_pages), page_id))

    def refused(self, refusal: Refusal) -> None:
        """Report that a page was refused, once, with the option that lets it in."""
        if self._repeats.admit(refusal):
            cure = f"If it is yours, start loc-dev with {refusal.flag}" if refusal.option else ""
            self._report(ProblemFound(f"Refused a page: {refusal.reason}", cure))
