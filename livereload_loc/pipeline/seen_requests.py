"""The requests that reach the server: what was fetched ahead, what a service worker answers instead."""

from __future__ import annotations

import time
from collections.abc import Callable

# The requests, and the pages fetched ahead of a navigation, that are remembered.
KEPT = 1_000


class SeenRequests:
    """Records requests by their URLs, path and query; ``clock`` returns seconds that never run backwards."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.service_worker = ""
        """The path of the service worker's script that was asked for last."""
        self.page_at = 0.0
        """When a page was asked for last."""
        self._clock = clock
        self._names: dict[str, float] = {}  # when files of these names were asked for last
        self._ahead: dict[str, float] = {}  # when pages were fetched that nobody has opened yet

    def add_page(self, url: str, *, ahead: bool) -> None:
        """Record that a page was asked for; ``ahead``: before it is opened, so it is older than it knows."""
        self.page_at = self._clock()
        _put(self._ahead, url, self.page_at if ahead else None)

    def add_file(self, url: str, *, is_worker: bool) -> None:
        """Record that something else was asked for; ``is_worker``: the script of a service worker."""
        path = url.partition("?")[0]
        _put(self._names, path.rpartition("/")[2], self._clock())
        if is_worker:
            self.service_worker = path

    def fetched_ahead(self, url: str) -> float | None:
        """Return when the page that is opened at ``url`` was fetched; None where it was not fetched ahead."""
        return self._ahead.get(url)

    def has_file(self, path: str, since: float) -> bool:
        """Return whether a file with the name of ``path`` was asked for ``since`` then."""
        return self._names.get(path.rpartition("/")[2], since - 1) >= since


def _put(times: dict[str, float], key: str, at: float | None) -> None:
    """Set or remove a time, and forget the oldest beyond what is kept."""
    times.pop(key, None)
    if at is not None:
        times[key] = at
        if len(times) > KEPT:
            del times[next(iter(times))]
