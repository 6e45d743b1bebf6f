from __future__ import annotations

import shlex

import pytest

from livereload_loc.watching import LoopDetector
from livereload_loc.watching.loops import TIMES, WINDOW


def loop(detector: LoopDetector, path: str, times: int, start: float = 0.0) -> list[bool]:
    """Reload, write, reload, write..."""
    said = []
    for i in range(times):
        detector.reloaded(start + i)
        said.append(detector.changed(path, start + i + 0.1))
    return said


def test_the_fifth_write_after_a_reload_is_a_loop() -> None:
    detector = LoopDetector()
    assert loop(detector, "app.db", TIMES) == [False] * (TIMES - 1) + [True]
    assert detector.looping == {"app.db"}
    assert detector.changed("app.db", 1000.0)


def test_other_files_go_on() -> None:
    detector = LoopDetector()
    loop(detector, "app.db", TIMES)
    assert not detector.changed("page.html", TIMES + 0.1)


def test_saves_in_between_break_the_chain() -> None:
    detector = LoopDetector()
    for i in range(20):
        assert not detector.changed("main.js", i - 0.3)  # a save, long after the last reload
        detector.reloaded(i)
        assert not detector.changed("main.css", i + 0.1)  # the slow second file of a build
    assert detector.looping == set()


def test_a_write_that_comes_late_is_no_consequence() -> None:
    detector = LoopDetector()
    for i in range(20):
        detector.reloaded(i)
        assert not detector.changed("app.db", i + WINDOW + 0.01)


def test_a_reload_without_the_write_breaks_the_chain() -> None:
    detector = LoopDetector()
    for start in (0, 10, 20):
        assert not any(loop(detector, "app.db", TIMES - 1, start))
        detector.reloaded(start + 8)
        detector.changed("other.db", start + 8.1)
    assert detector.looping == set()


def test_tabs_that_reload_together_count_once() -> None:
    detector = LoopDetector()
    for i in range(TIMES - 1):
        for tab in range(3):
            detector.reloaded(i + tab * 0.02)
        assert not detector.changed("app.db", i + 0.1)
        assert not detector.changed("app.db", i + 0.2)
    detector.reloaded(TIMES)
    assert detector.changed("app.db", TIMES + 0.1)


def test_two_files_of_one_loop_are_both_named() -> None:
    detector = LoopDetector()
    for i in range(TIMES):
        detector.reloaded(i)
        said = detector.changed_all(["app.db", "app.db-journal"], i + 0.1)
    assert said == {"app.db", "app.db-journal"}


@pytest.mark.parametrize("path", ["var/app.db", "it's.log", "a[1].log", "a b*.log"])
def test_the_cure_can_be_pasted(path: str) -> None:
    from livereload_loc.watching.rules import RuleFile

    option, glob = shlex.split(LoopDetector.cure(path))
    assert option == "--ignore"
    rules = RuleFile("/site", "--ignore", [glob])
    assert rules.match(f"/site/{path}", False)
    assert not rules.match(f"/site/deeper/{path}", False)
