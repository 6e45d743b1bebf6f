"""Git's locks hold what lies in their repository."""

from __future__ import annotations

import pytest

from livereload_loc.watcher.debounce import (
    LIMIT,
    LULL,
    RETEST,
)
from tests.support.planned_writes import MS, PlannedWrites


def test_a_lock_holds_its_repository_and_no_other() -> None:
    world = PlannedWrites("git/a", "other/b", "c")
    world.at(0, lambda: world.locks.update(git="lock 1"))
    for at in (0, 100, 200):
        world.put(at, "git/a")
    world.put(50, "other/b")
    world.put(300, "c")
    world.at(700, world.locks.clear)
    reported = world.run(2000).reported
    assert [paths for _, paths in reported] == [{"other/b"}, {"c"}, {"git/a"}]
    assert reported[0][0] <= 53
    assert reported[1][0] <= 303
    assert 700 <= reported[2][0] <= 700 + RETEST / MS + 1


def test_a_stale_lock_is_ignored_until_it_goes() -> None:
    world = PlannedWrites("git/a", "other/b")
    world.locks["git"] = "lock 1"
    world.put(0, "git/a")
    world.put(2500, "git/a")
    world.put(2600, "other/b")
    world.put(2700, "git/a")
    assert [when for when, _ in world.run(3000).reported] == [
        pytest.approx(LIMIT / MS, abs=RETEST / MS + 1),
        pytest.approx(2500 + LULL / MS, abs=1),
        pytest.approx(2600 + LULL / MS, abs=1),
        pytest.approx(2700 + LULL / MS, abs=1),
    ]
