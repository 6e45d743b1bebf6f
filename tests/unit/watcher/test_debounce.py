"""The debouncer, against a pretended file system and clock."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livereload_loc.watcher.debounce import (
    EMPTY,
    LIMIT,
    LULL,
    NEW,
    RENAME,
    RETEST,
    STORM_QUIET,
    PendingFile,
    WriteState,
)
from livereload_loc.watcher.folder import WatchedFolder, WatchedRoot
from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreRules
from tests.support.planned_writes import MS, PlannedWrites


def test_a_save_is_told_after_a_lull() -> None:
    world = PlannedWrites("a")
    world.put(0, "a")
    assert world.run(1000).reported == [(pytest.approx(LULL / MS, abs=0.1), {"a"})]


def test_a_save_is_told_when_its_writer_has_closed_the_file_and_not_before() -> None:
    world = PlannedWrites("a")
    world.write(0, "a", takes=300)
    ((when, paths),) = world.run(1000).reported
    assert paths == {"a"}
    assert 300 <= when <= 300 + RETEST / MS + 1


def test_a_writer_that_pauses_is_waited_for() -> None:
    world = PlannedWrites("a")
    for at in (0, 30, 60, 400):
        world.put(at, "a", WriteState.WRITING)
    world.put(500, "a", WriteState.COMPLETE)
    ((when, _),) = world.run(1000).reported
    assert 500 <= when <= 510


def test_an_open_writer_delays_its_own_file_only() -> None:
    world = PlannedWrites("log", "page")
    for at in range(0, 1500, 2):
        world.put(at, "log", WriteState.WRITING)
    world.put(1000, "page")
    world.run(1500)
    assert world.reported == [(pytest.approx(1000 + LULL / MS, abs=0.2), {"page"})]


def test_a_file_open_for_more_than_the_limit_is_told_and_not_waited_for_again() -> None:
    world = PlannedWrites("db")
    world.put(0, "db", WriteState.WRITING)
    world.put(5000, "db", WriteState.WRITING)
    reported = world.run(10_000).reported
    assert [when for when, _ in reported] == [
        pytest.approx(LIMIT / MS, abs=1),
        pytest.approx(5000 + STORM_QUIET / MS, abs=1),
    ]


def test_a_file_that_closed_is_waited_for_again() -> None:
    world = PlannedWrites("db")
    world.put(0, "db", WriteState.WRITING)
    world.put(3000, "db", WriteState.COMPLETE)
    world.write(4000, "db", takes=500)
    times = [when for when, _ in world.run(10_000).reported]
    assert times == [
        pytest.approx(LIMIT / MS, abs=1),
        pytest.approx(3000 + STORM_QUIET / MS, abs=1),
        pytest.approx(4500, abs=RETEST / MS + 1),
    ]


def test_a_log_written_all_the_time_is_told_seldom_and_its_last_write_always() -> None:
    world = PlannedWrites("log")
    for at in range(0, 10_000, 10):
        world.put(at, "log")
    world.run(12_000)
    assert len(world.reported) <= 10_000 / (LIMIT / MS) + 2
    assert world.reported[-1][0] >= 9_990


def test_a_log_written_all_the_time_delays_no_other_file() -> None:
    world = PlannedWrites("log", "page")
    for at in range(0, 8000, 10):
        world.put(at, "log")
    for at in (3000, 4500, 6200):
        world.put(at, "page")
    world.run(8000)
    pages = [when for when, paths in world.reported if "page" in paths]
    assert pages == [pytest.approx(at + LULL / MS, abs=1) for at in (3000, 4500, 6200)]


def test_a_rename_in_flight_is_one_change() -> None:
    world = PlannedWrites("a")
    world.put(0, "a", WriteState.GONE)
    world.put(15, "a", WriteState.COMPLETE)
    ((when, _),) = world.run(1000).reported
    assert 15 <= when <= 20


def test_a_deleted_file_is_told_once_it_stays_away() -> None:
    world = PlannedWrites("a")
    world.put(0, "a", WriteState.GONE)
    assert world.run(1000).reported == [(pytest.approx(RENAME / MS, abs=0.1), {"a"})]


def test_a_new_file_is_held_for_a_moment_and_told() -> None:
    world = PlannedWrites()
    world.put(0, "new")
    assert world.run(1000).reported == [(pytest.approx(NEW / MS, abs=0.1), {"new"})]


def test_a_path_that_comes_and_goes_within_one_save_is_nothing() -> None:
    world = PlannedWrites("a")
    world.put(0, "sedX")
    world.put(1, "a")
    world.put(1, "sedX", WriteState.GONE)
    assert [paths for _, paths in world.run(1000).reported] == [{"a"}]


def test_an_emptied_file_is_held_for_its_content() -> None:
    world = PlannedWrites("a")
    world.put(0, "a", WriteState.EMPTY)
    world.put(40, "a", WriteState.COMPLETE)
    ((when, _),) = world.run(1000).reported
    assert 40 <= when <= 45


def test_a_file_that_stays_empty_is_told() -> None:
    world = PlannedWrites("a")
    world.put(0, "a", WriteState.EMPTY)
    assert world.run(1000).reported == [(pytest.approx(EMPTY / MS, abs=0.1), {"a"})]


def test_a_path_that_is_no_longer_watched_is_forgotten() -> None:
    world = PlannedWrites("a", "b")
    world.put(0, "a")
    world.put(0, "b")
    world.at(1, lambda: world.debouncer.forget("a"))
    assert [paths for _, paths in world.run(1000).reported] == [{"b"}]


NAMES = ["a", "b", "git/c", "new", "git/d", "e", "f"]


writes = st.tuples(
    st.integers(0, 4000), st.sampled_from(NAMES), st.sampled_from([0, 0, 1, 5, 40, 300, 2500]), st.booleans()
)


@settings(max_examples=300)
@given(
    plan=st.lists(writes, max_size=30), lock=st.none() | st.tuples(st.integers(0, 3000), st.integers(1, 5000))
)
def test_no_write_is_lost_and_none_is_told_early(
    plan: list[tuple[int, str, int, bool]], lock: tuple[int, int] | None
) -> None:
    world = PlannedWrites("a", "b", "git/c", "git/d", "e", "f")
    open_until: dict[str, int] = {}
    last: dict[str, int] = {}
    for at, path, takes, close_event in sorted(plan):
        if at < open_until.get(path, 0):
            continue  # one writer at a time
        world.put(at, path, WriteState.WRITING if takes else WriteState.COMPLETE)
        if takes:
            world.put(at + takes, path, WriteState.WRITING)
            world.put(at + takes, path, WriteState.COMPLETE, event=close_event)
        open_until[path] = last[path] = at + takes
    if lock is not None:
        world.at(lock[0], lambda: world.locks.update(git="lock"))
        world.at(lock[0] + lock[1], world.locks.clear)
    world.run(20_000)
    for path, at in last.items():
        assert any(path in paths and when >= at for when, paths in world.reported), path
    times = [when for when, _ in world.reported]
    assert times == sorted(times)
    assert world.debouncer.due == inf


def test_for_how_long_a_file_is_unchanged() -> None:
    rules = FolderRules()
    folder = WatchedFolder("", "", WatchedRoot(""), IgnoreRules(""), rules)
    file = PendingFile(folder, "a", None, False, 0.0, 0.0, 0.0, "a")
    assert file.note_signature(1, 0.0) == 0
    assert file.note_signature(1, 0.005) == 0.005
    assert file.note_signature(2, 0.01) == 0
    assert file.note_signature(2, 0.03) == pytest.approx(0.02)
