"""Nodes that come, count, fall silent and are cut off: whatever happened, the totals are right in the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from livereload_loc.counter.cluster.heartbeat import Heartbeat, StoredRow, parse_heartbeat
from livereload_loc.counter.cluster.node import LEASE_SECONDS, Node


@dataclass
class FakeRedis:
    """Rows with leases, and a channel that those hear who are connected."""

    rows: dict[str, tuple[int, dict[str, int], float]] = field(default_factory=dict)
    nodes: list[Node] = field(default_factory=list)
    """Those that are connected."""

    def take(self, heartbeat: Heartbeat, now: float) -> bool:
        """What the script does."""
        last, counts, until = self.rows.get(heartbeat.node, (0, {}, 0.0))
        is_there = until > now
        if is_there and heartbeat.seq <= last:
            return True
        if not heartbeat.whole and not (is_there and last == heartbeat.seq - 1):
            return False
        counts = dict(heartbeat.counts) if heartbeat.whole else {**counts, **heartbeat.counts}
        self.rows[heartbeat.node] = heartbeat.seq, {s: n for s, n in counts.items() if n}, now + LEASE_SECONDS
        again = parse_heartbeat(heartbeat.to_json())
        assert again == heartbeat
        for node in list(self.nodes):
            node.receive(again, now)
            self.mend(node, now)
        return True

    def mend(self, node: Node, now: float) -> None:
        """Have ``node`` read what it is behind in."""
        for other in node.counts.behind():
            self.read(node, other, now)

    def read(self, node: Node, other: str, now: float) -> None:
        seq, counts, until = self.rows.get(other, (0, {}, 0.0))
        if until > now:
            node.read(other, StoredRow(seq, counts), now)

    def connect(self, node: Node, now: float) -> None:
        self.nodes.append(node)
        for other in list(self.rows):
            self.read(node, other, now)
        node.connected(now)

    def heartbeat(self, node: Node, now: float) -> None:
        """What a session does once a second."""
        for _ in range(2):
            heartbeat = node.next_heartbeat(now)
            if self.take(heartbeat, now):
                node.stored(heartbeat, now)
                break
        node.expire(now)


SITES = ["a", "b"]
PLACES = st.integers(0, 2)


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.redis = FakeRedis()
        self.is_up = True
        self.cut: set[int] = set()
        self.born = 0
        self.nodes = [self.new() for _ in range(3)]
        self.model: list[dict[str, int]] = [{}, {}, {}]
        for node in self.nodes:
            self.redis.connect(node, self.now)
        self.wait(2)

    def new(self) -> Node:
        self.born += 1
        return Node(f"node{self.born}", self.now)

    @rule(place=PLACES, site=st.sampled_from(SITES), count=st.integers(0, 1))
    def count(self, place: int, site: str, count: int) -> None:
        self.nodes[place].put(site, count)
        self.model[place][site] = count

    @rule(place=PLACES)
    def crash(self, place: int) -> None:
        """It is killed, and another one starts in its place."""
        if self.nodes[place] in self.redis.nodes:
            self.redis.nodes.remove(self.nodes[place])
        self.nodes[place], self.model[place] = self.new(), {}

    @rule(place=PLACES)
    def part(self, place: int) -> None:
        """The network between it and Redis is cut, or Redis hangs."""
        self.cut.add(place)

    @rule(place=PLACES)
    def join(self, place: int) -> None:
        self.cut.discard(place)

    @rule(up=st.booleans())
    def redis_stops_or_starts(self, up: bool) -> None:
        self.is_up = up

    @rule()
    def flush(self) -> None:
        self.redis.rows.clear()

    @rule(place=PLACES, site=st.sampled_from(SITES), count=st.integers(0, 1))
    def lose(self, place: int, site: str, count: int) -> None:
        """A heartbeat is written, but it is not known."""
        self.count(place, site, count)
        if self.nodes[place] in self.redis.nodes:
            self.redis.take(self.nodes[place].next_heartbeat(self.now), self.now)

    @rule(place=PLACES, site=st.sampled_from(SITES), count=st.integers(0, 1), cut_off=PLACES)
    def miss(self, place: int, site: str, count: int, cut_off: int) -> None:
        """A heartbeat does not reach one of them."""
        self.count(place, site, count)
        node, missing = self.nodes[place], self.nodes[cut_off]
        if node in self.redis.nodes and missing in self.redis.nodes and node is not missing:
            self.redis.nodes.remove(missing)
            self.redis.heartbeat(node, self.now)
            self.redis.nodes.append(missing)

    @rule(seconds=st.integers(1, 20))
    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            for place, node in enumerate(self.nodes):
                connected = node in self.redis.nodes
                if self.is_up and place not in self.cut:
                    if not connected:
                        self.redis.connect(node, self.now)
                    self.redis.heartbeat(node, self.now)
                elif node.is_cut_off(self.now) and connected:
                    node.disconnected()
                    self.redis.nodes.remove(node)
                if node not in self.redis.nodes:
                    node.disconnected()

    @rule()
    def heal(self) -> None:
        """Once all is well, it is right within the time that a dead node's lease takes."""
        self.is_up = True
        self.cut.clear()
        self.wait(int(LEASE_SECONDS) + 2)
        expected: dict[str, int] = {}
        for counts in self.model:
            for site, count in counts.items():
                expected[site] = expected.get(site, 0) + count
        for node in self.nodes:
            assert node.counts.totals == {site: count for site, count in expected.items() if count}
            assert node.state == "live"

    @invariant()
    def one_knows_at_least_its_own(self) -> None:
        for node, counts in zip(self.nodes, self.model, strict=True):
            for site, count in counts.items():
                assert node.counts.totals.get(site, 0) >= count
            assert all(count > 0 for count in node.counts.totals.values())


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=300, stateful_step_count=30)


def test_a_total_is_told_when_it_changes() -> None:
    redis, now = FakeRedis(), 0.0
    first, second = Node("first", now), Node("second", now)
    redis.connect(first, now)
    redis.heartbeat(first, now)
    redis.connect(second, now)
    redis.heartbeat(second, now)
    assert first.put("a", 2)
    assert not first.put("a", 2)
    heartbeat = first.next_heartbeat(now)
    assert heartbeat.counts == {"a": 2}
    assert second.receive(heartbeat, now) == {"a"}
    assert second.receive(heartbeat, now) == set()
    assert first.receive(heartbeat, now) == set()
    assert second.counts.totals == {"a": 2}
    assert second.receive(first.next_heartbeat(now, bye=True), now) == {"a"}
    assert second.counts.totals == {}


def test_nothing_is_remembered_while_nobody_can_be_told() -> None:
    node = Node("a", 0.0)
    node.disconnected()
    for number in range(1000):
        node.put(f"{number}.example", 1)
        node.put(f"{number}.example", 0)
    node.put("a.example", 2)
    assert not node._changed
    assert node.next_heartbeat(0.0).counts == {"a.example": 2}


def test_a_row_that_is_read_is_as_old_as_it_is() -> None:
    """A node that starts late gives a dead one no second life."""
    node = Node("b", 10.0)
    node.read("dead", StoredRow(5, {"a": 3}), heard_at=10.0 - 11.0)
    node.receive(node.next_heartbeat(10.0), 10.0)
    assert node.counts.totals == {"a": 3}
    node.expire(10.0 + LEASE_SECONDS)
    assert node.counts.totals == {}


def test_what_is_read_late_is_read_again() -> None:
    speaking, hearing, now = Node("a", 0.0), Node("b", 0.0), 0.0
    heartbeats = [speaking.next_heartbeat(now)]
    speaking.stored(heartbeats[0], now)
    for count in (1, 2):
        speaking.put("x", count)
        heartbeats.append(speaking.next_heartbeat(now))
        speaking.stored(heartbeats[-1], now)
    hearing.receive(heartbeats[1], now)
    hearing.receive(heartbeats[2], now)
    assert hearing.counts.behind() == ["a"]
    assert hearing.read("a", StoredRow(heartbeats[1].seq, {"x": 1}), now) == {"x"}
    assert hearing.counts.behind() == ["a"], "it has heard of a later one"
    assert hearing.read("a", StoredRow(heartbeats[2].seq, {"x": 2}), now) == {"x"}
    assert hearing.counts.behind() == []
    assert hearing.read("a", StoredRow(heartbeats[1].seq, {"x": 1}), now) == set()
    assert hearing.counts.totals == {"x": 2}
