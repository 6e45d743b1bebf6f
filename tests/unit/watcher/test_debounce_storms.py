"""Many files that change together: one batch, once they have settled."""

from __future__ import annotations

import pytest

from livereload_loc.watcher.debounce import (
    CLEARED,
    LULL,
    STORM_QUIET,
    WriteState,
)
from tests.support.planned_writes import MS, PlannedWrites


def test_a_storm_is_told_once_after_its_last_write() -> None:
    names = [f"f{i}" for i in range(500)]
    world = PlannedWrites(*names)
    for i, name in enumerate(names):
        world.put(i, name)
    ((when, paths),) = world.run(3000).reported
    assert paths == set(names)
    assert 499 + STORM_QUIET / MS <= when <= 599


def test_a_storm_spares_its_files_most_tests() -> None:
    names = [f"f{i}" for i in range(500)]
    world = PlannedWrites(*names)
    for i, name in enumerate(names):
        world.put(i, name)
    assert world.run(3000).tests < 3 * len(names)


def test_a_storm_without_end_is_told_again_and_again() -> None:
    world = PlannedWrites()
    for i in range(500):
        world.put(i * 20, f"f{i}")
    reported = world.run(12_000).reported
    assert 3 <= len(reported) <= 7
    assert set().union(*(paths for _, paths in reported)) == {f"f{i}" for i in range(500)}


def test_few_files_together_are_one_update() -> None:
    world = PlannedWrites("a", "b", "c")
    for at, name in enumerate("abc"):
        world.put(at, name)
    assert [paths for _, paths in world.run(1000).reported] == [{"a", "b", "c"}]


def test_what_follows_closely_is_put_together() -> None:
    world = PlannedWrites(*"abcdef")
    for at, name in zip((0, 20, 40, 60, 80, 100), "abcdef", strict=True):
        world.put(at, name)
    assert [paths for _, paths in world.run(1000).reported] == [{"a"}, set("bcdef")]


def test_an_emptied_folder_waits_for_its_new_files() -> None:
    names = [f"f{i}" for i in range(20)]
    world = PlannedWrites(*names)
    for name in names:
        world.put(0, name, WriteState.GONE)
        world.put(300, name, WriteState.COMPLETE)
    ((when, paths),) = world.run(2000).reported
    assert paths == set(names)
    assert when >= 300


def test_a_folder_that_stays_empty_is_told() -> None:
    names = [f"f{i}" for i in range(20)]
    world = PlannedWrites(*names)
    for name in names:
        world.put(0, name, WriteState.GONE)
    assert world.run(2000).reported == [(pytest.approx(CLEARED / MS, abs=1), set(names))]


def test_a_lost_root_is_waited_for() -> None:
    names = [f"f{i}" for i in range(20)]
    world = PlannedWrites(*names)
    for name in names:
        world.put(0, name, WriteState.LOST)
        world.put(1500, name, WriteState.COMPLETE)
    ((when, _),) = world.run(4000).reported
    assert 1500 <= when <= 1600


@pytest.mark.parametrize("apart", [2, 5, 10])
def test_all_builds_but_the_first_are_told_once(apart: int) -> None:
    names = [f"f{i}" for i in range(40)]
    world = PlannedWrites(*names)
    for build in range(3):
        for i, name in enumerate(names):
            world.put(build * 2000 + i * apart, name)
    reported = world.run(8000).reported
    assert [paths for when, paths in reported if when >= 2000] == [set(names), set(names)]
    assert len(reported) <= 4


def test_a_file_that_led_a_storm_is_quick_again_once_it_stayed_alone() -> None:
    world = PlannedWrites("a", "b")
    for at, name in ((0, "a"), (20, "b"), (2000, "a"), (4000, "a"), (6000, "b")):
        world.put(at, name)
    times = [when for when, _ in world.run(8000).reported]
    assert times[2:] == [
        pytest.approx(2000 + STORM_QUIET / MS, abs=1),
        pytest.approx(4000 + LULL / MS, abs=0.2),
        pytest.approx(6000 + LULL / MS, abs=0.2),
    ]


def test_a_file_that_leads_waits_for_its_company_only() -> None:
    world = PlannedWrites("a", "b", "c")
    for at, name in ((0, "a"), (20, "b"), (2000, "c"), (4000, "a"), (4020, "b"), (6000, "a"), (6020, "b")):
        world.put(at, name)
    reported = world.run(8000).reported
    assert [paths for _, paths in reported] == [{"a"}, {"b"}, {"c"}, {"a", "b"}, {"a", "b"}]
    assert reported[2][0] == pytest.approx(2000 + LULL / MS, abs=0.2)


def test_a_file_that_is_written_twice_does_not_lead() -> None:
    world = PlannedWrites("a")
    for at in (0, 20, 2000):
        world.put(at, "a")
    assert world.run(4000).reported[-1] == (pytest.approx(2000 + LULL / MS, abs=0.2), {"a"})


def test_the_files_of_a_storm_lead_nothing() -> None:
    names = [f"f{i}" for i in range(20)]
    world = PlannedWrites(*names, "late")
    for i, name in enumerate(names):
        world.put(i, name)
    world.put(100, "late")
    world.put(2000, "f3")
    reported = world.run(4000).reported
    assert [paths for _, paths in reported] == [set(names), {"late"}, {"f3"}]
    assert reported[-1][0] == pytest.approx(2000 + LULL / MS, abs=0.2)


def test_a_file_that_was_forgotten_leads_no_more() -> None:
    world = PlannedWrites("a", "b")
    for at, name in ((0, "a"), (20, "b"), (2000, "a")):
        world.put(at, name)
    world.at(1000, lambda: world.debouncer.forget("a"))
    assert world.run(4000).reported[-1] == (pytest.approx(2000 + LULL / MS, abs=0.2), {"a"})
