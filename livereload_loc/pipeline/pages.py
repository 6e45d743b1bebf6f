"""The registry of open pages: reports who joins, leaves and is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from livereload_loc.access import Refusal
from livereload_loc.events import ClientChanged, ProblemFound, Reporter
from livereload_loc.httputil.log import RepeatFilter
from livereload_loc.pipeline.updates import UpdateTracker
from livereload_loc.protocol import PageAnswer

# A refused page keeps trying: each refusal is reported once, up to this many.
REPORTED_REFUSALS = 50


class OpenPages:
    """Registers pages for the endpoints of their sockets; ``attend`` is called when one joins."""

    def __init__(self, updates: UpdateTracker, report: Reporter, attend: Callable[[], None]) -> None:
        self._updates, self._report, self._attend = updates, report, attend
        self._ids = itertools.count(1)
        self._repeats = RepeatFilter(limit=REPORTED_REFUSALS)

    @contextmanager
    def open(self, url: str, browser: str = "") -> Iterator[Callable[[PageAnswer], None]]:
        """Register a page while the ``with`` block runs; yield what takes its answers.

        ``browser`` is a short name such as ``Firefox 140``.
        """
        page_id, open_pages = next(self._ids), self._updates.open_pages
        open_pages.add(page_id)
        self._attend()
        self._report(ClientChanged("joined", url, len(open_pages), page_id, browser))
        try:
            yield partial(self._updates.answered, page_id, url)
        finally:
            self._updates.left(page_id)
            self._report(ClientChanged("left", url, len(open_pages), page_id))

    def refused(self, refusal: Refusal) -> None:
        """Report that a page was refused, once, with the option that lets it in."""
        if self._repeats.admit(refusal):
            cure = f"If it is yours, start loc-dev with {refusal.flag}" if refusal.option else ""
            self._report(ProblemFound(f"Refused a page: {refusal.reason}", cure))
