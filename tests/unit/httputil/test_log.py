"""What is reported again and again."""

from __future__ import annotations

import pytest

from livereload_loc.httputil.log import RepeatFilter, WarnOnce
from tests.support.manual_clock import Clock


def test_a_subject_is_admitted_once() -> None:
    repeats = RepeatFilter()
    assert [repeats.admit(subject) for subject in ("a", "b", "a")] == [True, True, False]


def test_a_subject_is_admitted_again_after_the_interval() -> None:
    clock = Clock()
    repeats = RepeatFilter(60, clock=clock)
    assert repeats.admit("a")
    clock.now += 59
    assert not repeats.admit("a")
    clock.now += 1
    assert repeats.admit("a")
    assert not repeats.admit("a")


def test_no_more_subjects_than_the_limit_are_admitted() -> None:
    clock = Clock()
    repeats = RepeatFilter(60, limit=2, clock=clock)
    assert [repeats.admit(subject) for subject in ("a", "b", "c")] == [True, True, False]
    clock.now += 60
    assert [repeats.admit(subject) for subject in ("a", "c")] == [True, False]


def test_warnings_of_an_attacker_do_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    warn = WarnOnce()
    for text in ("", *map(str, range(100)), "0"):
        warn(text)
    assert caplog.messages == [str(number) for number in range(16)]
