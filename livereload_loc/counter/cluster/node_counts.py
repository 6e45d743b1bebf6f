"""The counts of each node and site, as one node knows them from the messages of the others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from livereload_loc.counter.cluster.heartbeat import StoredRow


@dataclass(slots=True)
class _NodeRow:
    """``behind``: messages were missed, so that the stored row has to be read; ``newest`` is the last message
    that was received, which may be later than the row that is read."""

    seq: int
    heard_at: float = -math.inf
    newest: int = 0
    behind: bool = False
    counts: dict[str, int] = field(default_factory=dict)


class NodeCounts:
    """A row of counts for each node, and their sums: ``totals``, without the sites that have no visitors.

    Methods return the sites whose totals changed; times are given. A node's messages are numbered: where one
    is missing, the row is behind until it is read whole.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _NodeRow] = {}
        self.totals: dict[str, int] = {}

    def behind(self) -> list[str]:
        """Return the nodes whose rows have to be read."""
        return [node for node, row in self._rows.items() if row.behind]

    def update(self, node: str, seq: int, changes: Mapping[str, int], now: float) -> set[str]:
        """Apply message number ``seq`` of ``node``; 0 means that a site has no visitors there any more."""
        row = self._rows.get(node)
        if row is None:
            self._rows[node] = _NodeRow(-1, heard_at=now, newest=seq, behind=True)
            return set()
        row.heard_at = now
        row.newest = max(row.newest, seq)
        if seq <= row.seq:
            return set()
        if row.behind or seq != row.seq + 1:
            row.behind = True
            return set()
        row.seq = seq
        return {site for site, count in changes.items() if self._set(row, site, count)}

    def replace(self, node: str, stored: StoredRow, heard_at: float) -> set[str]:
        """Replace the row of ``node``, which was last heard at ``heard_at``, unless it is a later one."""
        row = self._rows.setdefault(node, _NodeRow(-1))
        row.heard_at = max(row.heard_at, heard_at)
        if stored.seq < row.seq:
            return set()
        row.seq = stored.seq
        row.behind = stored.seq < row.newest
        gone = {site: 0 for site in row.counts if site not in stored.counts}
        return {site for site, count in {**stored.counts, **gone}.items() if self._set(row, site, count)}

    def put(self, node: str, site: str, count: int) -> bool:
        """Set one count of this node itself; return whether it has changed."""
        return self._set(self._rows.setdefault(node, _NodeRow(0)), site, count)

    def row(self, node: str) -> Mapping[str, int]:
        """Return the known counts of ``node``."""
        row = self._rows.get(node)
        return row.counts if row else {}

    def drop(self, node: str) -> set[str]:
        """Forget ``node``."""
        row = self._rows.get(node)
        if row is None:
            return set()
        changed = {site for site in list(row.counts) if self._set(row, site, 0)}
        del self._rows[node]
        return changed

    def silent_since(self, time: float) -> list[str]:
        """Return the nodes that were last heard before ``time``."""
        return [node for node, row in self._rows.items() if row.heard_at < time]

    def excuse_silence(self, heard_at: float) -> None:
        """Treat every node as heard at ``heard_at``: it was this one that could not hear them."""
        for row in self._rows.values():
            row.heard_at = max(row.heard_at, heard_at)

    def _set(self, row: _NodeRow, site: str, count: int) -> bool:
        before = row.counts.get(site, 0)
        if count == before:
            return False
        if count:
            row.counts[site] = count
        else:
            del row.counts[site]
        total = self.totals.get(site, 0) + count - before
        if total:
            self.totals[site] = total
        else:
            del self.totals[site]
        return True
