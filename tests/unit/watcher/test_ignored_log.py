from __future__ import annotations

import pytest

from livereload_loc.watcher.ignored_log import DELAY, INTERVAL, IgnoredLog
from livereload_loc.watcher.notices import IgnoredSave


def test_one_save_is_said_once() -> None:
    log = IgnoredLog(lambda place: True)
    assert log.wait(0) is None
    for _ in range(3):
        log.add(".env", "/there", "a dotfile", False, 0.0)
    assert log.take(0) == []
    assert log.wait(0) == pytest.approx(DELAY)
    assert log.take(DELAY) == [IgnoredSave(".env", "a dotfile", False, 1)]
    assert log.take(10) == []


def test_a_flood_is_put_together() -> None:
    log = IgnoredLog(lambda place: True)
    said = []
    for i in range(1000):
        now = i / 100
        log.add(f"{i}.log", "/there", "ignored by .gitignore:1", False, now)
        said += log.take(now)
    said += log.take(100)
    assert len(said) <= 10 / INTERVAL + 2
    assert sum(ignored.count for ignored in said) == 1000


def test_reasons_do_not_wait_for_each_other() -> None:
    log = IgnoredLog(lambda place: True)
    log.add("a.log", "/there", "one", False, 0.0)
    log.take(DELAY)
    log.add("a.log", "/there", "one", False, 0.2)
    log.add("b.log", "/there", "two", True, 0.2)
    assert [ignored.why for ignored in log.take(0.31)] == ["two"]


def test_what_someone_may_wonder_about_is_shown_before_noise() -> None:
    log = IgnoredLog(lambda place: True)
    log.add(".x.tmp", "/there", "a dotfile", True, 0.0)
    log.add(".env", "/there", "a dotfile", False, 0.0)
    log.add(".y.tmp", "/there", "a dotfile", True, 0.0)
    assert log.take(1) == [IgnoredSave(".env", "a dotfile", False, 3)]


def test_what_is_gone_by_the_time_it_is_said_is_noise() -> None:
    log = IgnoredLog(lambda place: place == "/there")
    log.add(".page.html.Xy12", "/gone", "a dotfile", False, 0.0)
    assert log.take(1) == [IgnoredSave(".page.html.Xy12", "a dotfile", True, 1)]
    log.add(".page.html.Xy13", "/gone", "a dotfile", False, 2.0)
    log.add(".env", "/there", "a dotfile", False, 2.0)
    assert log.take(4) == [IgnoredSave(".env", "a dotfile", False, 2)]
