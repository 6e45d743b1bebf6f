"""What each node has of each site, as this one knows it from what the others say; pure, no time but the
one that it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class _NodeRow:
    seq: int
    counts: dict[str, int] = field(default_factory=dict)
    heard: float = 0.0
    behind: bool = False
    """Whether it has to be read anew; what is said meanwhile may be later than what is read."""
    ahead: int = 0
    """The last number heard while it is behind."""


class NodeCounts:
    """A row of counts for each node, and their sums. Methods return the sites whose totals changed.

    A row is a numbered sequence of what changed. One that has a gap is :attr:`behind` until it is read
    whole. One that is silent for longer than the lease is dropped: its node is dead, or cut off.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _NodeRow] = {}
        self._totals: dict[str, int] = {}

    @property
    def totals(self) -> Mapping[str, int]:
        """The sums of all rows; sites without visitors are not there."""
        return self._totals

    @property
    def nodes(self) -> Iterable[str]:
        """Those that have a row."""
        return self._rows.keys()

    def behind(self) -> list[str]:
        """The nodes whose rows have to be read."""
        return [node for node, row in self._rows.items() if row.behind]

    def hear(self, node: str, seq: int, delta: Mapping[str, int], now: float) -> set[str]:
        """``node`` says what has changed since its last message; 0 is a site that it has no more."""
        row = self._rows.get(node)
        if row is None:
            self._rows[node] = _NodeRow(-1, heard=now, behind=True, ahead=seq)
            return set()
        row.heard = now
        row.ahead = max(row.ahead, seq)
        if seq <= row.seq:
            return set()
        if row.behind or seq != row.seq + 1:
            row.behind = True
            return set()
        row.seq = seq
        return {site for site, count in delta.items() if self._set(row, site, count)}

    def read(self, node: str, seq: int, counts: Mapping[str, int], heard: float) -> set[str]:
        """All of the row of ``node`` as it was after its message ``seq``, when it was last heard."""
        row = self._rows.get(node)
        if row is None:
            row = self._rows[node] = _NodeRow(-1, heard=heard)
        row.heard = max(row.heard, heard)
        if seq < row.seq:
            return set()
        row.seq = seq
        row.behind = seq < row.ahead
        gone = {site: 0 for site in row.counts if site not in counts}
        return {site for site, count in {**counts, **gone}.items() if self._set(row, site, count)}

    def put(self, node: str, site: str, count: int) -> bool:
        """Set one count of a row that is known at first hand; whether it is another one than before."""
        return self._set(self._rows.setdefault(node, _NodeRow(0)), site, count)

    def row(self, node: str) -> Mapping[str, int]:
        """What ``node`` has, as far as is known."""
        row = self._rows.get(node)
        return row.counts if row else {}

    def drop(self, node: str) -> set[str]:
        """``node`` is gone."""
        row = self._rows.get(node)
        if row is None:
            return set()
        changed = {site for site in list(row.counts) if self._set(row, site, 0)}
        del self._rows[node]
        return changed

    def silent(self, since: float) -> Iterator[str]:
        """The nodes that have said nothing after ``since``."""
        return (node for node, row in list(self._rows.items()) if row.heard < since)

    def hear_all(self, now: float) -> None:
        """Give every node the benefit of the doubt: it was not they who were silent."""
        for row in self._rows.values():
            row.heard = max(row.heard, now)

    def _set(self, row: _NodeRow, site: str, count: int) -> bool:
        before = row.counts.get(site, 0)
        if count == before:
            return False
        if count:
            row.counts[site] = count
        else:
            del row.counts[site]
        total = self._totals.get(site, 0) + count - before
        if total:
            self._totals[site] = total
        else:
            del self._totals[site]
        return True
