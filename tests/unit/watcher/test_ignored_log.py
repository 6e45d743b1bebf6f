from __future__ import annotations

from pathlib import Path

import pytest

from livereload_loc.watcher.findings import FoundIgnored
from livereload_loc.watcher.folder import WatchedFolder, WatchedRoot
from livereload_loc.watcher.ignore.rules import FolderRules, IgnoreReason, IgnoreRules
from livereload_loc.watcher.ignored_log import DELAY, INTERVAL, IgnoredLog
from livereload_loc.watcher.notices import IgnoredSave


class Saves:
    """Adds saves of files in ``path`` to a log."""

    def __init__(self, path: Path) -> None:
        root = str(path)
        self.path, self.log = path, IgnoredLog()
        self._folder = WatchedFolder(root, root, WatchedRoot(root), IgnoreRules(root), FolderRules())

    def add(self, name: str, why: str, now: float, noise: bool = False, exists: bool = True) -> None:
        if exists:
            (self.path / name).touch()
        self.log.add(FoundIgnored(self._folder, name, IgnoreReason(why, noise), present=True), now)


@pytest.fixture
def saves(tmp_path: Path) -> Saves:
    return Saves(tmp_path)


def test_one_save_is_reported_once(saves: Saves) -> None:
    assert saves.log.due == float("inf")
    for _ in range(3):
        saves.add(".env", "dotfile", 0.0)
    assert saves.log.take(0) == []
    assert saves.log.due == pytest.approx(DELAY)
    assert saves.log.take(DELAY) == [IgnoredSave(".env", "dotfile", False, 1)]
    assert saves.log.take(10) == []


def test_a_flood_is_put_together(saves: Saves) -> None:
    reports = []
    for i in range(1000):
        now = i / 100
        saves.add(f"{i}.log", "ignored by .gitignore:1", now)
        reports += saves.log.take(now)
    reports += saves.log.take(100)
    assert len(reports) <= 10 / INTERVAL + 2
    assert sum(ignored.count for ignored in reports) == 1000


def test_reasons_do_not_wait_for_each_other(saves: Saves) -> None:
    saves.add("a.log", "one", 0.0)
    saves.log.take(DELAY)
    saves.add("a.log", "one", 0.2)
    saves.add("b.log", "two", 0.2, noise=True)
    assert [ignored.why for ignored in saves.log.take(0.31)] == ["two"]


def test_what_someone_may_wonder_about_is_shown_before_noise(saves: Saves) -> None:
    saves.add(".x.tmp", "dotfile", 0.0, noise=True)
    saves.add(".env", "dotfile", 0.0)
    saves.add(".y.tmp", "dotfile", 0.0, noise=True)
    assert saves.log.take(1) == [IgnoredSave(".env", "dotfile", False, 3)]


def test_what_is_gone_by_the_time_of_the_report_is_noise(saves: Saves) -> None:
    saves.add(".page.html.Xy12", "dotfile", 0.0, exists=False)
    assert saves.log.take(1) == [IgnoredSave(".page.html.Xy12", "dotfile", True, 1)]
    saves.add(".page.html.Xy13", "dotfile", 2.0, exists=False)
    saves.add(".env", "dotfile", 2.0)
    assert saves.log.take(4) == [IgnoredSave(".env", "dotfile", False, 2)]
