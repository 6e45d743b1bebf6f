"""Adds up the visitors of each site over all nodes: the contract, and the store of a single process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

State = Literal["live", "stale"]
"""``stale``: the other nodes cannot be heard just now; their last known figures are counted on."""


class CountStore(Protocol):
    """Holds this node's visitors of each site, and knows those of all nodes.

    Only ``run`` waits or fails; all else answers at once, from memory, also while other nodes cannot be
    reached. Used in one event loop.
    """

    @property
    def state(self) -> State:
        """Whether the totals are known to be right."""

    def listen(self, changed: Callable[[str | None], None]) -> None:
        """Have ``changed`` called with each site whose total changed, or with None where all of them may
        have, or the state."""

    def put(self, site: str, count: int) -> None:
        """This node has ``count`` visitors of ``site`` from now on."""

    def total(self, site: str) -> int:
        """The visitors of ``site`` on all nodes; at least those of this one."""

    def totals(self) -> Mapping[str, int]:
        """All sites that have visitors."""

    async def run(self) -> None:
        """Exchange figures with the other nodes until cancelled, then take this node's away."""


class MemoryStore:
    """The store of a single process."""

    state: State = "live"

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._changed: Callable[[str | None], None] = lambda site: None

    def listen(self, changed: Callable[[str | None], None]) -> None:
        """See :class:`CountStore`."""
        self._changed = changed

    def put(self, site: str, count: int) -> None:
        """See :class:`CountStore`."""
        if count:
            self._counts[site] = count
        else:
            self._counts.pop(site, None)
        self._changed(site)

    def total(self, site: str) -> int:
        """See :class:`CountStore`."""
        return self._counts.get(site, 0)

    def totals(self) -> Mapping[str, int]:
        """See :class:`CountStore`."""
        return self._counts

    async def run(self) -> None:
        """Wait until cancelled: there are no other nodes."""
        await asyncio.Event().wait()
