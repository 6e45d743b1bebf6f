"""Who is counted, who is not, and for how long."""

from __future__ import annotations

import weakref
from typing import cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from livereload_loc.counter.cluster.store import MemoryStore
from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.site_visitors import Visit
from livereload_loc.settings import CounterSettings
from tests.support.manual_clock import Clock, Page, join


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counter(clock: Clock) -> Counter:
    return Counter(clock=clock, local_time=clock)


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


def test_a_lingering_visit_keeps_no_connection(counter: Counter) -> None:
    visit = join(counter)
    page = weakref.ref(cast(Page, visit.connection))
    counter.leave(visit, back_soon=True)
    assert page() is None


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
    counter = Counter(CounterSettings(linger=0), clock=clock, local_time=clock)
    counter.leave(join(counter), back_soon=True)
    assert total(counter) == 0


def test_a_page_that_comes_back_takes_the_place_of_its_old_socket(counter: Counter) -> None:
    old, new = join(counter), join(counter)
    counter.identify(old, "x")
    counter.identify(new, "x")
    assert cast(Page, old.connection).closed == (4000, "came back")
    assert total(counter) == 1
    counter.leave(old)
    assert total(counter) == 1


def test_the_same_id_on_another_site_is_another_page(counter: Counter) -> None:
    first, second = join(counter), join(counter, "b.example")
    counter.identify(first, "x")
    counter.identify(second, "x")
    assert cast(Page, first.connection).closed is None


def test_a_page_has_one_name(counter: Counter) -> None:
    first, second = join(counter), join(counter)
    counter.identify(first, "x")
    counter.identify(second, "y")
    counter.identify(second, "x")
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
    counter = Counter(CounterSettings(max_per_address=3, join_rate=1e6), clock=clock, local_time=clock)
    visits = [join(counter, browser=str(number)) for number in range(3)]
    for visit in visits:
        counter.leave(visit, back_soon=True)
    clock.now += 0.1
    with pytest.raises(VisitorRefused):
        join(counter, browser="another")
    for number in range(3):  # each takes its own place
        join(counter, browser=str(number))
    assert total(counter) == 3
    for visitors in counter.sites.values():
        for visit in list(visitors.visits):
            counter.leave(visit, back_soon=True)
    clock.now += 2
    counter.expire()
    assert total(counter) == 0
    for number in range(3):
        join(counter, browser=f"new{number}")


def test_who_lingers_fills_a_site(clock: Clock) -> None:
    counter = Counter(CounterSettings(max_per_site=1), clock=clock, local_time=clock)
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
    counter = Counter(CounterSettings(max_sites=3), clock=clock, local_time=clock)
    visits = {site: join(counter, site) for site in "abc"}
    counter.leave(visits["b"])
    counter.leave(visits["a"])
    join(counter, "d")
    assert set(counter.sites) == {"a", "c", "d"}
    join(counter, "a")
    with pytest.raises(VisitorRefused) as refused:
        join(counter, "e")
    assert refused.value.refusal.option == "--max-sites"
    assert "e" not in counter.sites


def test_only_sites_of_the_list_are_counted() -> None:
    counter = Counter(CounterSettings(sites=("a.example",)))
    join(counter)
    with pytest.raises(VisitorRefused) as refused:
        join(counter, "b.example")
    assert refused.value.refusal.flag == "--site b.example"
    assert "b.example" not in counter.counted


def test_refusals_cost_no_memory() -> None:
    counter = Counter(CounterSettings(sites=("a.example",)))
    for number in range(1000):
        with pytest.raises(VisitorRefused):
            join(counter, f"{number}.example", f"10.0.{number // 256}.{number % 256}")
    assert counter.sites == {}
    assert len(counter.refusals) == 1
    assert len(counter._addresses) == 0


def test_the_peak_of_today_is_that_of_all_nodes(counter: Counter) -> None:
    first = join(counter)
    join(counter)
    counter.leave(first)
    history = counter.sites["a.example"].history
    assert history.peak_today() == 2
    assert history.peaks()[-1] == 2
    assert len(history.peaks()) == 96


class Machine(RuleBasedStateMachine):
    """Visitors come, say who they are, go, come back; a plain list knows how many there are."""

    visits = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        settings = CounterSettings(join_rate=1e6, linger=2.0)
        self.counter = Counter(settings, MemoryStore(), clock=self.clock, local_time=self.clock)
        self.open: dict[Visit, tuple[str, str, str | None]] = {}
        self.away: list[tuple[float, str, str]] = []

    @rule(target=visits, site=st.sampled_from("ab"), address=st.sampled_from(["1.1.1.1", "2.2.2.2"]))
    def come(self, site: str, address: str) -> Visit:
        visit = join(self.counter, site, address)
        self.open[visit] = site, address, None
        taken = [leaving for leaving in self.away if leaving[1:] == (site, address)]
        if taken:
            self.away.remove(taken[0])
        return visit

    @rule(visit=visits, tab=st.sampled_from("xyz"))
    def say(self, visit: Visit, tab: str) -> None:
        if visit not in self.open:
            return
        self.counter.identify(visit, tab)
        site, address, name = self.open[visit]
        if name is not None:
            return
        for other, (its_site, _, its_name) in list(self.open.items()):
            if other is not visit and (its_site, its_name) == (site, tab):
                del self.open[other]
        self.open[visit] = site, address, tab

    @rule(visit=consumes(visits), says_so=st.booleans())
    def go(self, visit: Visit, says_so: bool) -> None:
        self.counter.leave(visit, back_soon=says_so)
        if visit in self.open:
            site, address, _ = self.open.pop(visit)
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
