"""The debouncer, against a pretended file system and clock."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livereload_loc.watcher.debounce import (
    CLEARED,
    EMPTY,
    LIMIT,
    LULL,
    NEW,
    RENAME,
    RETEST,
    STORM_QUIET,
    Debouncer,
    PendingFile,
    WriteState,
)
from livereload_loc.watcher.findings import FoundFile
from livereload_loc.watcher.folder import WatchedDirectory, WatchedRoot
from livereload_loc.watcher.ignore.git import GitRepository
from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreRules

MS = 0.001


class World:
    """Files that change at planned times, watched as the worker does it.

    ``told`` collects when which paths were reported. A first folder is a repository of its own.
    """

    def __init__(self, *known: str) -> None:
        self.now = 100.0
        self.start = self.now
        self.files: dict[str, WriteState] = dict.fromkeys(known, WriteState.COMPLETE)
        self.pages = set(known)
        self.locks: dict[str, object] = {}
        self.told: list[tuple[float, set[str]]] = []
        self.tests = 0
        self.debouncer = Debouncer(self)
        self.again = inf
        self._plan: list[tuple[float, int, Callable[[], None]]] = []

    def state(self, file: PendingFile) -> WriteState:
        self.tests += 1
        return self.files.get(file.path, WriteState.GONE)

    def lock(self, repository: GitRepository) -> object | None:
        return self.locks.get(repository.top)

    def at(self, milliseconds: float, action: Callable[[], None]) -> None:
        self._plan.append((self.start + milliseconds * MS, len(self._plan), action))

    def put(self, at: float, path: str, state: WriteState = WriteState.COMPLETE, event: bool = True) -> None:
        """``path`` gets into ``state`` after ``at`` milliseconds; without ``event`` nothing reports it."""

        def change() -> None:
            self.files[path] = state
            if event:
                self.debouncer.add(self._found(path), self.now)
                self.again = self.now

        self.at(at, change)

    def write(self, at: float, path: str, takes: float) -> None:
        """Open ``path`` for writing, and close it after ``takes`` milliseconds."""
        self.put(at, path, WriteState.WRITING)
        self.put(at + takes, path, WriteState.COMPLETE, event=False)

    def run(self, milliseconds: float) -> World:
        end = self.start + milliseconds * MS
        self._plan.sort()
        turns = 0
        while True:
            due = max(self.again, self.now + 1e-5)
            self.now = min(due, end, *(when for when, _, _ in self._plan[:1]))
            while self._plan and self._plan[0][0] <= self.now:
                self._plan.pop(0)[2]()
            self._take()
            turns += 1
            assert turns < 50_000, "it spins"
            if self.now >= end:
                return self

    def _found(self, path: str) -> FoundFile:
        top, _, name = path.rpartition("/")
        repository = GitRepository(top, top) if top else None
        rules = FolderRules(repository=repository)
        folder = WatchedDirectory(top, top, WatchedRoot(""), IgnoreRules(""), rules)
        return FoundFile(folder, name, 1 if path in self.pages else None)

    def _take(self) -> None:
        settled = self.debouncer.take(self.now)
        self.again = settled.again
        changed = set()
        for file in settled.files:
            gone = self.files.get(file.path, WriteState.GONE) in (WriteState.GONE, WriteState.LOST)
            if not gone or file.path in self.pages:
                changed.add(file.path)
            (self.pages.discard if gone else self.pages.add)(file.path)
        if changed:
            self.debouncer.reported(self.now)
            self.told.append((round((self.now - self.start) / MS, 3), changed))


def test_a_save_is_told_after_a_lull() -> None:
    world = World("a")
    world.put(0, "a")
    assert world.run(1000).told == [(pytest.approx(LULL / MS, abs=0.1), {"a"})]


def test_a_save_is_told_when_its_writer_has_closed_the_file_and_not_before() -> None:
    world = World("a")
    world.write(0, "a", takes=300)
    ((when, paths),) = world.run(1000).told
    assert paths == {"a"}
    assert 300 <= when <= 300 + RETEST / MS + 1


def test_a_writer_that_pauses_is_waited_for() -> None:
    world = World("a")
    for at in (0, 30, 60, 400):
        world.put(at, "a", WriteState.WRITING)
    world.put(500, "a", WriteState.COMPLETE)
    ((when, _),) = world.run(1000).told
    assert 500 <= when <= 510


def test_an_open_writer_delays_its_own_file_only() -> None:
    world = World("log", "page")
    for at in range(0, 1500, 2):
        world.put(at, "log", WriteState.WRITING)
    world.put(1000, "page")
    world.run(1500)
    assert world.told == [(pytest.approx(1000 + LULL / MS, abs=0.2), {"page"})]


def test_a_file_open_for_more_than_the_limit_is_told_and_not_waited_for_again() -> None:
    world = World("db")
    world.put(0, "db", WriteState.WRITING)
    world.put(5000, "db", WriteState.WRITING)
    told = world.run(10_000).told
    assert [when for when, _ in told] == [
        pytest.approx(LIMIT / MS, abs=1),
        pytest.approx(5000 + STORM_QUIET / MS, abs=1),
    ]


def test_a_file_that_closed_is_waited_for_again() -> None:
    world = World("db")
    world.put(0, "db", WriteState.WRITING)
    world.put(3000, "db", WriteState.COMPLETE)
    world.write(4000, "db", takes=500)
    times = [when for when, _ in world.run(10_000).told]
    assert times == [
        pytest.approx(LIMIT / MS, abs=1),
        pytest.approx(3000 + STORM_QUIET / MS, abs=1),
        pytest.approx(4500, abs=RETEST / MS + 1),
    ]


def test_a_log_written_all_the_time_is_told_seldom_and_its_last_write_always() -> None:
    world = World("log")
    for at in range(0, 10_000, 10):
        world.put(at, "log")
    world.run(12_000)
    assert len(world.told) <= 10_000 / (LIMIT / MS) + 2
    assert world.told[-1][0] >= 9_990


def test_a_log_written_all_the_time_delays_no_other_file() -> None:
    world = World("log", "page")
    for at in range(0, 8000, 10):
        world.put(at, "log")
    for at in (3000, 4500, 6200):
        world.put(at, "page")
    world.run(8000)
    pages = [when for when, paths in world.told if "page" in paths]
    assert pages == [pytest.approx(at + LULL / MS, abs=1) for at in (3000, 4500, 6200)]


def test_a_rename_in_flight_is_one_change() -> None:
    world = World("a")
    world.put(0, "a", WriteState.GONE)
    world.put(15, "a", WriteState.COMPLETE)
    ((when, _),) = world.run(1000).told
    assert 15 <= when <= 20


def test_a_deleted_file_is_told_once_it_stays_away() -> None:
    world = World("a")
    world.put(0, "a", WriteState.GONE)
    assert world.run(1000).told == [(pytest.approx(RENAME / MS, abs=0.1), {"a"})]


def test_a_new_file_is_held_for_a_moment_and_told() -> None:
    world = World()
    world.put(0, "new")
    assert world.run(1000).told == [(pytest.approx(NEW / MS, abs=0.1), {"new"})]


def test_a_path_that_comes_and_goes_within_one_save_is_nothing() -> None:
    world = World("a")
    world.put(0, "sedX")
    world.put(1, "a")
    world.put(1, "sedX", WriteState.GONE)
    assert [paths for _, paths in world.run(1000).told] == [{"a"}]


def test_an_emptied_file_is_held_for_its_content() -> None:
    world = World("a")
    world.put(0, "a", WriteState.EMPTY)
    world.put(40, "a", WriteState.COMPLETE)
    ((when, _),) = world.run(1000).told
    assert 40 <= when <= 45


def test_a_file_that_stays_empty_is_told() -> None:
    world = World("a")
    world.put(0, "a", WriteState.EMPTY)
    assert world.run(1000).told == [(pytest.approx(EMPTY / MS, abs=0.1), {"a"})]


def test_a_storm_is_told_once_after_its_last_write() -> None:
    names = [f"f{i}" for i in range(500)]
    world = World(*names)
    for i, name in enumerate(names):
        world.put(i, name)
    ((when, paths),) = world.run(3000).told
    assert paths == set(names)
    assert 499 + STORM_QUIET / MS <= when <= 599


def test_a_storm_spares_its_files_most_tests() -> None:
    names = [f"f{i}" for i in range(500)]
    world = World(*names)
    for i, name in enumerate(names):
        world.put(i, name)
    assert world.run(3000).tests < 3 * len(names)


def test_a_storm_without_end_is_told_again_and_again() -> None:
    world = World()
    for i in range(500):
        world.put(i * 20, f"f{i}")
    told = world.run(12_000).told
    assert 3 <= len(told) <= 7
    assert set().union(*(paths for _, paths in told)) == {f"f{i}" for i in range(500)}


def test_few_files_together_are_one_update() -> None:
    world = World("a", "b", "c")
    for at, name in enumerate("abc"):
        world.put(at, name)
    assert [paths for _, paths in world.run(1000).told] == [{"a", "b", "c"}]


def test_what_follows_closely_is_put_together() -> None:
    world = World(*"abcdef")
    for at, name in zip((0, 20, 40, 60, 80, 100), "abcdef", strict=True):
        world.put(at, name)
    assert [paths for _, paths in world.run(1000).told] == [{"a"}, set("bcdef")]


def test_an_emptied_folder_waits_for_its_new_files() -> None:
    names = [f"f{i}" for i in range(20)]
    world = World(*names)
    for name in names:
        world.put(0, name, WriteState.GONE)
        world.put(300, name, WriteState.COMPLETE)
    ((when, paths),) = world.run(2000).told
    assert paths == set(names)
    assert when >= 300


def test_a_folder_that_stays_empty_is_told() -> None:
    names = [f"f{i}" for i in range(20)]
    world = World(*names)
    for name in names:
        world.put(0, name, WriteState.GONE)
    assert world.run(2000).told == [(pytest.approx(CLEARED / MS, abs=1), set(names))]


def test_a_lost_root_is_waited_for() -> None:
    names = [f"f{i}" for i in range(20)]
    world = World(*names)
    for name in names:
        world.put(0, name, WriteState.LOST)
        world.put(1500, name, WriteState.COMPLETE)
    ((when, _),) = world.run(4000).told
    assert 1500 <= when <= 1600


def test_a_lock_holds_its_repository_and_no_other() -> None:
    world = World("git/a", "other/b", "c")
    world.at(0, lambda: world.locks.update(git="lock 1"))
    for at in (0, 100, 200):
        world.put(at, "git/a")
    world.put(50, "other/b")
    world.put(300, "c")
    world.at(700, world.locks.clear)
    told = world.run(2000).told
    assert [paths for _, paths in told] == [{"other/b"}, {"c"}, {"git/a"}]
    assert told[0][0] <= 53
    assert told[1][0] <= 303
    assert 700 <= told[2][0] <= 700 + RETEST / MS + 1


def test_a_stale_lock_is_ignored_until_it_goes() -> None:
    world = World("git/a", "other/b")
    world.locks["git"] = "lock 1"
    world.put(0, "git/a")
    world.put(2500, "git/a")
    world.put(2600, "other/b")
    world.put(2700, "git/a")
    assert [when for when, _ in world.run(3000).told] == [
        pytest.approx(LIMIT / MS, abs=RETEST / MS + 1),
        pytest.approx(2500 + LULL / MS, abs=1),
        pytest.approx(2600 + LULL / MS, abs=1),
        pytest.approx(2700 + LULL / MS, abs=1),
    ]


def test_a_path_that_is_no_longer_watched_is_forgotten() -> None:
    world = World("a", "b")
    world.put(0, "a")
    world.put(0, "b")
    world.at(1, lambda: world.debouncer.forget("a"))
    assert [paths for _, paths in world.run(1000).told] == [{"b"}]


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
    world = World("a", "b", "git/c", "git/d", "e", "f")
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
        assert any(path in paths and when >= at for when, paths in world.told), path
    times = [when for when, _ in world.told]
    assert times == sorted(times)
    assert world.again == inf


def test_for_how_long_a_file_is_unchanged() -> None:
    rules = FolderRules()
    folder = WatchedDirectory("", "", WatchedRoot(""), IgnoreRules(""), rules)
    file = PendingFile(folder, "a", None, False, 0.0, 0.0, 0.0, "a")
    assert file.unchanged_for(1, 0.0) == 0
    assert file.unchanged_for(1, 0.005) == 0.005
    assert file.unchanged_for(2, 0.01) == 0
    assert file.unchanged_for(2, 0.03) == pytest.approx(0.02)
