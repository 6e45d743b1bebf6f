"""A loop is told from somebody who saves again and again."""

from __future__ import annotations

import shlex

import pytest

from livereload_loc.pipeline.reload_loops import CALM, PROBES, TIMES, WINDOW, LoopDetector, LoopVerdict

SEND, REPORT, DELAY, IGNORE = LoopVerdict


def loop(detector: LoopDetector, path: str, times: int, start: float = 0.0) -> list[LoopVerdict]:
    """Reload, write, reload, write..."""
    said = []
    for i in range(times):
        detector.reloaded(start + i)
        said.append(detector.judge(path, start + i + 0.1))
    return said


def test_the_fifth_write_after_a_reload_is_named() -> None:
    assert loop(LoopDetector(), "app.db", TIMES) == [SEND] * (TIMES - 1) + [REPORT]


def test_a_file_that_each_probe_writes_again_is_held_for_good() -> None:
    detector = LoopDetector()
    loop(detector, "app.db", TIMES)
    said = []
    for i in range(10, 10 + PROBES + 3):
        if not said or said[-1] is DELAY:
            detector.probe("app.db")
        detector.reloaded(i)
        said.append(detector.judge("app.db", i + 0.1))
    assert said == [DELAY] * (PROBES - 1) + [IGNORE] * 4


def test_what_is_written_though_nobody_reloaded_is_somebodys_save() -> None:
    detector = LoopDetector()
    loop(detector, "page.html", TIMES)
    assert detector.judge("page.html", TIMES + 2) is SEND
    assert loop(detector, "page.html", 2, 100) == [SEND, SEND]


def test_a_proven_loop_is_told_when_nobody_reloaded_and_held_again_at_once() -> None:
    detector = LoopDetector()
    loop(detector, "app.db", TIMES)
    for i in range(PROBES):
        detector.probe("app.db")
        detector.reloaded(10 + i)
        detector.judge("app.db", 10 + i + 0.1)
    assert detector.judge("app.db", 50) is SEND
    assert loop(detector, "app.db", 2, 51) == [IGNORE, IGNORE]


def test_every_save_of_somebody_quick_is_told_in_the_end() -> None:
    detector = LoopDetector()
    reload_due, waiting, told, now = -1.0, -1.0, -1, 0.0
    saves = {round(0.07 * number, 2): number for number in range(40)}
    last = -1
    for step in range(600):
        now = step / 100
        if now in saves:
            last = saves[now]
            verdict = detector.judge("page.html", now)
            assert verdict is not IGNORE
            waiting = now + CALM if verdict in (REPORT, DELAY) else -1
            if verdict is SEND:
                told, reload_due = last, now + 0.05
        if 0 <= waiting <= now:
            waiting = -1
            detector.probe("page.html")
            told, reload_due = last, now + 0.05
        if 0 <= reload_due <= now:
            detector.reloaded(now)
            reload_due = -1
    assert told == 39


def test_other_files_go_on() -> None:
    detector = LoopDetector()
    loop(detector, "app.db", TIMES)
    assert detector.judge("page.html", TIMES - 0.8) is SEND


def test_saves_in_between_break_the_chain() -> None:
    detector = LoopDetector()
    for i in range(20):
        assert detector.judge("main.js", i - 0.3) is SEND  # a save, long after the last reload
        detector.reloaded(i)
        assert detector.judge("main.css", i + 0.1) is SEND  # the slow second file of a build


def test_a_write_that_comes_late_is_no_consequence() -> None:
    detector = LoopDetector()
    for i in range(20):
        detector.reloaded(i)
        assert detector.judge("app.db", i + WINDOW + 0.01) is SEND


def test_a_reload_without_the_write_breaks_the_chain() -> None:
    detector = LoopDetector()
    for start in (0, 10, 20):
        assert loop(detector, "app.db", TIMES - 1, start) == [SEND] * (TIMES - 1)
        detector.reloaded(start + 8)
        assert detector.judge("other.db", start + 8.1) is SEND


def test_tabs_that_reload_together_count_once() -> None:
    detector = LoopDetector()
    for i in range(TIMES - 1):
        for tab in range(3):
            detector.reloaded(i + tab * 0.02)
        assert detector.judge("app.db", i + 0.1) is SEND
        assert detector.judge("app.db", i + 0.2) is SEND
    detector.reloaded(TIMES)
    assert detector.judge("app.db", TIMES + 0.1) is REPORT


def test_two_files_of_one_loop_are_both_named() -> None:
    detector = LoopDetector()
    for i in range(TIMES):
        detector.reloaded(i)
        said = {detector.judge(path, i + 0.1) for path in ("app.db", "app.db-journal")}
    assert said == {REPORT}


@pytest.mark.parametrize("path", ["var/app.db", "it's.log", "a[1].log", "a b*.log"])
def test_the_option_can_be_pasted(path: str) -> None:
    from livereload_loc.pipeline.reload_loops import ignore_option
    from livereload_loc.watcher.ignore.gitignore import GitignoreFile

    option, glob = shlex.split(ignore_option(path))
    assert option == "--ignore"
    rules = GitignoreFile("/site", "--ignore", [glob])
    assert rules.match(f"/site/{path}", False)
    assert not rules.match(f"/site/deeper/{path}", False)
