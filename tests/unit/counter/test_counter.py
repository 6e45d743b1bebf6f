"""Who is counted, who is not, and for how long."""

from __future__ import annotations

import asyncio
import json
from typing import cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from livereload_loc.counter.cluster.store import MemoryStore
from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.site_visitors import Visit
from livereload_loc.settings import CounterSettings
from tests.support.stepping import Clock, Page, join


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(clock: Clock) -> Counter:
    return Counter(clock=clock, wall=clock)


def total(counter: Counter, site: str = "a.example") -> int:
    return counter.store.total(site)


def test_pages_are_counted_by_site(counter: Counter) -> None:
    join(counter)
    second = join(counter)
    join(counter, "b.example")
    assert (total(counter), total(counter, "b.example")) == (2, 1)
    counter.leave(second)
    counter.leave(second)
    assert (total(counter), counter.visitors, counter.joined) == (1, 2, 3)


def test_a_page_that_says_it_goes_lingers(counter: Counter, clock: Clock) -> None:
    counter.leave(join(counter), back_soon=True)
    assert total(counter) == 1
    assert counter.visitors == 0
    clock.now += 1.5
    assert counter.expire() == pytest.approx(0.5)
    clock.now += 0.5
    assert counter.expire() is None
    assert total(counter) == 0


def test_the_next_page_of_the_same_browser_takes_its_place(counter: Counter, clock: Clock) -> None:
    counter.leave(join(counter), back_soon=True)
    join(counter)
    assert total(counter) == 1
    clock.now += 5
    counter.expire()
    assert total(counter) == 1


@pytest.mark.parametrize("other", [{"address": "1.2.3.5"}, {"browser": "other"}, {"site": "b.example"}])
def test_another_browser_does_not(counter: Counter, clock: Clock, other: dict[str, str]) -> None:
    counter.leave(join(counter), back_soon=True)
    join(counter, **other)
    assert sum(counter.store.totals().values()) == 2
    clock.now += 2
    counter.expire()
    assert sum(counter.store.totals().values()) == 1


def test_without_linger_it_is_gone_at_once(clock: Clock) -> None:
    counter = Counter(CounterSettings(linger=0), clock=clock, wall=clock)
    counter.leave(join(counter), back_soon=True)
    assert total(counter) == 0


def test_a_page_that_comes_back_takes_the_place_of_its_old_socket(counter: Counter) -> None:
    old, new = join(counter), join(counter)
    counter.name(old, "x")
    counter.name(new, "x")
    assert cast(Page, old.visitor).ended == (4000, "came back")
    assert total(counter) == 1
    counter.leave(old)
    assert total(counter) == 1


def test_the_same_id_on_another_site_is_another_page(counter: Counter) -> None:
    first, second = join(counter), join(counter, "b.example")
    counter.name(first, "x")
    counter.name(second, "x")
    assert cast(Page, first.visitor).ended is None


def test_a_page_has_one_name(counter: Counter) -> None:
    first, second = join(counter), join(counter)
    counter.name(first, "x")
    counter.name(second, "y")
    counter.name(second, "x")
    assert total(counter) == 2


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        (CounterSettings(max_per_address=2, join_rate=1e6), "--max-per-address"),
        (CounterSettings(max_per_site=2), "--max-per-site"),
        (CounterSettings(max_visitors=2), "--max-visitors"),
    ],
)
def test_a_cap_names_its_option_and_is_counted(settings: CounterSettings, option: str) -> None:
    counter = Counter(settings)
    first = join(counter)
    join(counter)
    for _ in range(3):
        with pytest.raises(VisitorRefused) as refused:
            join(counter)
        assert refused.value.refusal.option == option
    assert counter.refusals == {option: 3}
    assert total(counter) == 2
    counter.leave(first)
    join(counter)


def test_going_and_coming_passes_no_cap(clock: Clock) -> None:
    counter = Counter(CounterSettings(max_per_address=3, join_rate=1e6), clock=clock, wall=clock)
    seats = [join(counter, browser=str(number)) for number in range(3)]
    for seat in seats:
        counter.leave(seat, back_soon=True)
    clock.now += 0.1
    with pytest.raises(VisitorRefused):
        join(counter, browser="another")
    for number in range(3):  # each takes its own place
        join(counter, browser=str(number))
    assert total(counter) == 3
    for room in counter.rooms():
        for seat in list(room.seats):
            counter.leave(seat, back_soon=True)
    clock.now += 2
    counter.expire()
    assert total(counter) == 0
    for number in range(3):
        join(counter, browser=f"new{number}")


def test_who_lingers_fills_a_site(clock: Clock) -> None:
    counter = Counter(CounterSettings(max_per_site=1), clock=clock, wall=clock)
    counter.leave(join(counter), back_soon=True)
    with pytest.raises(VisitorRefused):
        join(counter, address="2.2.2.2")
    join(counter)


def test_an_address_of_ipv6_is_its_line(clock: Clock) -> None:
    counter = Counter(CounterSettings(max_per_address=1), clock=clock)
    join(counter, address="2001:db8:1:2::1")
    with pytest.raises(VisitorRefused):
        join(counter, address="2001:db8:1:2:ffff::9")
    join(counter, address="2001:db8:1:3::1")


def test_the_rate_of_joins_is_capped(clock: Clock) -> None:
    counter = Counter(CounterSettings(max_per_address=3, join_rate=0.5), clock=clock)
    for _ in range(3):
        counter.leave(join(counter))
    with pytest.raises(VisitorRefused) as refused:
        join(counter)
    assert refused.value.refusal.option == "--join-rate"
    clock.now += 2
    counter.leave(join(counter))
    with pytest.raises(VisitorRefused):
        join(counter)


def test_the_site_that_was_idle_longest_makes_way(clock: Clock) -> None:
    counter = Counter(CounterSettings(max_sites=3), clock=clock, wall=clock)
    seats = {site: join(counter, site) for site in "abc"}
    counter.leave(seats["b"])
    counter.leave(seats["a"])
    join(counter, "d")
    assert {room.site for room in counter.rooms()} == {"a", "c", "d"}
    join(counter, "a")
    with pytest.raises(VisitorRefused) as refused:
        join(counter, "e")
    assert refused.value.refusal.option == "--max-sites"
    assert counter.room("e") is None


def test_only_sites_of_the_list_are_counted() -> None:
    counter = Counter(CounterSettings(sites=("a.example",)))
    join(counter)
    with pytest.raises(VisitorRefused) as refused:
        join(counter, "b.example")
    assert refused.value.refusal.flag == "--site b.example"
    assert not counter.counts("b.example")


def test_refusals_cost_no_memory() -> None:
    counter = Counter(CounterSettings(sites=("a.example",)))
    for number in range(1000):
        with pytest.raises(VisitorRefused):
            join(counter, f"{number}.example", f"10.0.{number // 256}.{number % 256}")
    assert counter.rooms() == []
    assert len(counter.refusals) == 1
    assert len(counter._addresses) == 0


def test_the_peak_of_today_is_that_of_all_nodes(counter: Counter) -> None:
    first = join(counter)
    join(counter)
    counter.leave(first)
    room = counter.room("a.example")
    assert room
    assert counter.peak_today(room) == 2
    assert counter.peaks(room)[-1] == 2
    assert len(counter.peaks(room)) == 96


def test_everybody_is_told_once_and_the_newest() -> None:
    async def main() -> None:
        told: list[tuple[str, int]] = []
        counter = Counter(told=lambda site, total: told.append((site, total)))
        running = asyncio.create_task(counter.run())
        seats = []
        for _ in range(50):
            seats.append(join(counter))
            counter.greeting(seats[-1])
        other = join(counter, "b.example")
        async with asyncio.timeout(5):
            while len(told) < 2:
                await asyncio.sleep(0.001)
        pages = [cast(Page, seat.visitor) for seat in seats]
        assert [page.told for page in pages[:-1]] == [['{"type":"total","total":50,"state":"live"}']] * 49
        assert pages[-1].told == [], "it was greeted with the same"
        assert json.loads(cast(Page, other.visitor).told[0])["total"] == 1
        assert counter.sent == 49 + 1
        assert sorted(told) == [("a.example", 50), ("b.example", 1)]
        running.cancel()

    asyncio.run(main())


def test_who_was_greeted_amid_changes_is_put_right() -> None:
    async def main() -> None:
        counter = Counter()
        running = asyncio.create_task(counter.run())
        first = join(counter)
        counter.greeting(first)
        await asyncio.sleep(0.05)  # the round of the first is over, and told nothing
        second, third = join(counter), join(counter)
        counter.greeting(third)
        counter.leave(second)
        async with asyncio.timeout(5):
            while not cast(Page, third.visitor).told:
                await asyncio.sleep(0.001)
        assert json.loads(cast(Page, third.visitor).told[-1])["total"] == 2
        running.cancel()

    asyncio.run(main())


class Machine(RuleBasedStateMachine):
    """Visitors come, say who they are, go, come back; a plain list knows how many there are."""

    seats = Bundle("seats")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.counter = Counter(
            CounterSettings(join_rate=1e6, linger=2.0), MemoryStore(), clock=self.clock, wall=self.clock
        )
        self.open: dict[Visit, tuple[str, str, str | None]] = {}
        self.away: list[tuple[float, str, str]] = []

    @rule(target=seats, site=st.sampled_from("ab"), address=st.sampled_from(["1.1.1.1", "2.2.2.2"]))
    def come(self, site: str, address: str) -> Visit:
        seat = join(self.counter, site, address)
        self.open[seat] = site, address, None
        taken = [leaving for leaving in self.away if leaving[1:] == (site, address)]
        if taken:
            self.away.remove(taken[0])
        return seat

    @rule(seat=seats, tab=st.sampled_from("xyz"))
    def say(self, seat: Visit, tab: str) -> None:
        if seat not in self.open:
            return
        self.counter.name(seat, tab)
        site, address, name = self.open[seat]
        if name is not None:
            return
        for other, (its_site, _, its_name) in list(self.open.items()):
            if other is not seat and (its_site, its_name) == (site, tab):
                del self.open[other]
        self.open[seat] = site, address, tab

    @rule(seat=consumes(seats), says_so=st.booleans())
    def go(self, seat: Visit, says_so: bool) -> None:
        self.counter.leave(seat, back_soon=says_so)
        if seat in self.open:
            site, address, _ = self.open.pop(seat)
            if says_so:
                self.away.append((self.clock.now + 2.0, site, address))

    @rule(seconds=st.floats(0, 3))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds
        self.counter.expire()
        self.away = [leaving for leaving in self.away if leaving[0] > self.clock.now]

    @invariant()
    def all_are_counted(self) -> None:
        for site in "ab":
            there = sum(its_site == site for its_site, _, _ in self.open.values())
            expected = sum(its_site == site for _, its_site, _ in self.away)
            assert self.counter.store.total(site) == there + expected
        assert self.counter.visitors == len(self.open)


TestMachine = Machine.TestCase
