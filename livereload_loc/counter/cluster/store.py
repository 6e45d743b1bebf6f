"""Adds up the visitors of each site over all nodes: the contract, and the store of a single process."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Literal

# ``stale``: the other nodes cannot be reached; their last known counts are still added.
State = Literal["live", "stale"]


class CountStore(ABC):
    """Holds this node's visitors of each site, and knows those of all nodes.

    Only ``run`` waits or fails; everything else answers at once, from memory, even while the other nodes
    cannot be reached. Used in one event loop.
    """

    def __init__(self) -> None:
        self._listener: Callable[[str | None], None] | None = None

    def listen(self, listener: Callable[[str | None], None]) -> None:
        """Call ``listener`` with each site whose total changes, and with None where any total may have."""
        self._listener = listener

    def _notify(self, site: str | None) -> None:
        if self._listener:
            self._listener(site)

    @property
    @abstractmethod
    def state(self) -> State:
        """Whether the totals are known to be right."""

    @abstractmethod
    def put(self, site: str, count: int) -> None:
        """Set this node's number of visitors of ``site``."""

    @abstractmethod
    def totals(self) -> Mapping[str, int]:
        """Return the visitors of each site on all nodes, without the sites that have none."""

    def total(self, site: str) -> int:
        """Return the visitors of ``site`` on all nodes, which are at least those of this node."""
        return self.totals().get(site, 0)

    @abstractmethod
    async def run(self) -> None:
        """Exchange counts with the other nodes until cancelled, then withdraw those of this node."""


class MemoryStore(CountStore):
    """The store of a single process."""

    state: State = "live"

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] = {}

    def put(self, site: str, count: int) -> None:
        if count:
            self._counts[site] = count
        else:
            self._counts.pop(site, None)
        self._notify(site)

    def totals(self) -> Mapping[str, int]:
        return self._counts

    async def run(self) -> None:
        """Wait until cancelled: there are no other nodes."""
        await asyncio.Event().wait()
