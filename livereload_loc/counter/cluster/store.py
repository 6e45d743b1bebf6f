"""Adds up the visitors of each site over all nodes: the contract, and the store of a single process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

# ``stale``: the other nodes cannot be reached; their last known counts are still added.
State = Literal["live", "stale"]

# Called with a site whose total has changed, or with None where all totals or the state may have.
TotalListener = Callable[[str | None], None]


class CountStore(Protocol):
    """Holds this node's visitors of each site, and knows those of all nodes.

    Only ``run`` waits or fails; everything else answers at once, from memory, even while the other nodes
    cannot be reached. Used in one event loop.
    """

    @property
    def state(self) -> State:
        """Whether the totals are known to be right."""

    def listen(self, listener: TotalListener) -> None:
        """Call ``listener`` with each change from now on."""

    def put(self, site: str, count: int) -> None:
        """Set this node's number of visitors of ``site``."""

    def total(self, site: str) -> int:
        """Return the visitors of ``site`` on all nodes, which are at least those of this node."""

    def totals(self) -> Mapping[str, int]:
        """Return the totals of all sites that have visitors."""

    async def run(self) -> None:
        """Exchange counts with the other nodes until cancelled, then withdraw those of this node."""


class MemoryStore:
    """The store of a single process."""

    state: State = "live"

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._listener: TotalListener | None = None

    def listen(self, listener: TotalListener) -> None:
        self._listener = listener

    def put(self, site: str, count: int) -> None:
        if count:
            self._counts[site] = count
        else:
            self._counts.pop(site, None)
        if self._listener:
            self._listener(site)

    def total(self, site: str) -> int:
        return self._counts.get(site, 0)

    def totals(self) -> Mapping[str, int]:
        return self._counts

    async def run(self) -> None:
        """Wait until cancelled: there are no other nodes."""
        await asyncio.Event().wait()
