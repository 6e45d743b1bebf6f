"""One of several nodes: what it says, what it makes of what the others say, and whether it hears them at all.

Pure: beats go in and come out, and the time is given.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping

from livereload_loc.counter.cluster.heartbeat import Heartbeat
from livereload_loc.counter.cluster.node_counts import NodeCounts
from livereload_loc.counter.cluster.store import State

LEASE_SECONDS = 12.0
"""A node that is not heard for so long is dead."""

DEAF_SECONDS = 3.0
"""Without its own beat coming back for so long, a node does not know the others any more."""

GRACE_SECONDS = 5.0
"""So long the others may take to come back after this one could not hear them."""

WHOLE_SECONDS = 60.0
"""A row is written whole about so often, whatever it may need."""


_NOW = -math.inf
"""The next beat says all, so that nobody has to remember what changed."""


class Node:
    """The node ``name``. Times are seconds of a clock of its own; methods return the sites whose totals
    changed, on all nodes together."""

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.state: State = "stale"
        self._matrix = NodeCounts()
        self._dirty: set[str] = set()
        self._seq = 0
        self._whole_at = self._whole_next = _NOW
        self._echo = now

    @property
    def totals(self) -> Mapping[str, int]:
        """The visitors of each site on all nodes."""
        return self._matrix.totals

    def put(self, site: str, count: int) -> bool:
        """This node has ``count`` visitors of ``site``; whether that is news."""
        changed = self._matrix.put(self.name, site, count)
        if changed and self._whole_at != _NOW:
            self._dirty.add(site)
        return changed

    def meet(self, now: float) -> None:
        """It is connected, and has to say all anew."""
        self._whole_at, self._echo = _NOW, now

    def next_beat(self, now: float, *, bye: bool = False) -> Heartbeat:
        """What to say next: what has changed since the last beat, or all that there is."""
        row = self._matrix.row(self.name)
        whole = now >= self._whole_at and not bye
        counts = dict(row) if whole else {} if bye else {site: row.get(site, 0) for site in self._dirty}
        self._dirty = set()
        self._seq += 1
        # Until it is known to have arrived, the next one has to say all.
        self._whole_at, self._whole_next = now, self._whole_at
        return Heartbeat(self.name, self._seq, counts, whole, bye)

    def arrived(self, beat: Heartbeat, now: float) -> None:
        """Redis has taken ``beat``."""
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - to spread load, not to keep a secret
        self._whole_at = now + spread * WHOLE_SECONDS if beat.whole else self._whole_next

    def hear(self, beat: Heartbeat, now: float) -> set[str] | None:
        """Some node says ``beat``. None where all may have changed: this one knows the others again."""
        if beat.node == self.name:
            return self._hear_myself(now)
        if beat.bye:
            return self._matrix.drop(beat.node)
        if beat.whole:
            heard = self._matrix.hear(beat.node, beat.seq, {}, now)
            return heard | self._matrix.read(beat.node, beat.seq, beat.counts, now)
        return self._matrix.hear(beat.node, beat.seq, beat.counts, now)

    def behind(self) -> list[str]:
        """The nodes whose rows have to be read."""
        return self._matrix.behind()

    def read(self, node: str, row: tuple[int, Mapping[str, int]], heard: float) -> set[str]:
        """The row of another node as it is stored: its number, its counts, and when it last spoke."""
        return self._matrix.read(node, *row, heard) if node != self.name else set()

    def is_deaf(self, now: float) -> bool:
        """Whether its own beats do not come back."""
        return now - self._echo > DEAF_SECONDS

    def deafen(self) -> bool:
        """It cannot hear the others; whether that is news."""
        changed = self.state == "live"
        self.state = "stale"
        self._whole_at = _NOW
        self._dirty.clear()
        return changed

    def expire(self, now: float) -> set[str]:
        """Drop the nodes whose leases have ended; not as long as it is this one that cannot hear."""
        changed: set[str] = set()
        if self.state == "live":
            for node in self._matrix.silent(now - LEASE_SECONDS):
                if node != self.name:
                    changed |= self._matrix.drop(node)
        return changed

    def _hear_myself(self, now: float) -> set[str] | None:
        self._echo = now
        if self.state == "live":
            return set()
        self.state = "live"
        self._matrix.hear_all(now - LEASE_SECONDS + GRACE_SECONDS)
        return None
