"""One of several nodes: what it sends, what it makes of the others' messages, and whether it hears them.

Without I/O: messages go in and come out, and the time is given.
"""

from __future__ import annotations

import math
import random

from livereload_loc.counter.cluster.heartbeat import Heartbeat, StoredRow
from livereload_loc.counter.cluster.node_counts import NodeCounts
from livereload_loc.counter.cluster.store import State

# A node that is not heard for this long is dead.
LEASE_SECONDS = 12.0
# A node whose own heartbeat does not come back for this long does not know the others any more.
ECHO_SECONDS = 3.0
# How long the others may take to be heard again after this node could not hear them.
GRACE_SECONDS = 5.0
# How often a row is written whole, even if nothing was lost.
WHOLE_SECONDS = 60.0
_NOW = -math.inf


class Node:
    """The node ``name``; ``counts`` are those of all nodes, as far as it knows.

    Times are seconds of any clock. Methods return the sites whose totals changed.
    """

    def __init__(self, name: str, now: float) -> None:
        self.name = name
        self.state: State = "stale"
        self.counts = NodeCounts()
        self._changed: set[str] = set()
        self._seq = 0
        # When the next heartbeat has to be whole: _NOW while nothing has to be remembered for it.
        self._whole_at = self._whole_after = _NOW
        self._echo_at = now

    def put(self, site: str, count: int) -> bool:
        """Set this node's number of visitors of ``site``; return whether it has changed."""
        changed = self.counts.put(self.name, site, count)
        if changed and self._whole_at != _NOW:
            self._changed.add(site)
        return changed

    def connected(self, now: float) -> None:
        """Begin anew with a whole heartbeat."""
        self._whole_at, self._echo_at = _NOW, now

    def disconnected(self) -> bool:
        """Become stale; return whether that is a change."""
        changed = self.state == "live"
        self.state = "stale"
        self._whole_at = _NOW
        self._changed.clear()
        return changed

    def next_heartbeat(self, now: float, *, bye: bool = False) -> Heartbeat:
        """Return the next message: what has changed since the last one, or all counts."""
        row = self.counts.row(self.name)
        whole = now >= self._whole_at and not bye
        counts = dict(row) if whole else {} if bye else {site: row.get(site, 0) for site in self._changed}
        self._changed = set()
        self._seq += 1
        # Until this message has been stored, the next one has to be whole.
        self._whole_at, self._whole_after = now, self._whole_at
        return Heartbeat(self.name, self._seq, counts, whole, bye)

    def stored(self, heartbeat: Heartbeat, now: float) -> None:
        """Note that Redis has stored ``heartbeat``."""
        spread = random.uniform(0.8, 1.2)  # noqa: S311 - to spread load, not to keep a secret
        self._whole_at = now + spread * WHOLE_SECONDS if heartbeat.whole else self._whole_after

    def receive(self, heartbeat: Heartbeat, now: float) -> set[str] | None:
        """Apply a message. None where all totals may have changed: this node is live again."""
        node, seq, counts = heartbeat.node, heartbeat.seq, heartbeat.counts
        if node == self.name:
            return self._receive_echo(now)
        if heartbeat.bye:
            return self.counts.drop(node)
        if heartbeat.whole:
            self.counts.update(node, seq, {}, now)
            return self.counts.replace(node, StoredRow(seq, counts), now)
        return self.counts.update(node, seq, counts, now)

    def read(self, node: str, row: StoredRow, heard_at: float) -> set[str]:
        """Apply the stored row of another node, which last wrote it at ``heard_at``."""
        return self.counts.replace(node, row, heard_at) if node != self.name else set()

    def is_cut_off(self, now: float) -> bool:
        """Return whether this node's own heartbeats do not come back."""
        return now - self._echo_at > ECHO_SECONDS

    def expire(self, now: float) -> set[str]:
        """Drop the nodes whose leases have ended, unless it is this node that cannot hear them."""
        changed: set[str] = set()
        if self.state == "live":
            for node in self.counts.silent_since(now - LEASE_SECONDS):
                if node != self.name:
                    changed |= self.counts.drop(node)
        return changed

    def _receive_echo(self, now: float) -> set[str] | None:
        self._echo_at = now
        if self.state == "live":
            return set()
        self.state = "live"
        self.counts.excuse_silence(now - LEASE_SECONDS + GRACE_SECONDS)
        return None
