"""The line at the bottom: how things stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livereload_loc.events import (
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    Ready,
    ScanProgress,
    TotalChanged,
    UpdateApplied,
    UpdateSummary,
)
from livereload_loc.terminal.status_line import MAX_SITES, StatusLine

READY = Ready("http://localhost:8081", "http://localhost:8081/_loc/reload.js", 7, ("/site",), 12)
SAVED = UpdateSummary("a.css", "1 tab swapped", 12.4)
BROKEN = ProblemFound("sass ended with exit code 65", "oops", shown=True)


def after(*reports: Event) -> str:
    bottom = StatusLine()
    for report in reports:
        bottom.update(report)
    line = bottom.line()
    return line.plain.strip() if line else ""


@pytest.mark.parametrize(
    ("reports", "line"),
    [
        ([], ""),
        ([ScanProgress(("/site",), 0)], "reading /site"),
        (
            [ScanProgress(("/site",), 1), ScanProgress(("/site",), 23_456)],
            "reading /site, 23,456 files so far",
        ),
        ([ScanProgress(("/site",), 3), READY], "no page is open"),
        ([READY, ClientChanged("joined", "/", 1)], "1 page open"),
        ([replace(READY, serves=True)], "http://localhost:8081  ·  no page is open"),
        ([READY, ClientChanged("joined", "/", 2), SAVED], "2 pages open  ·  last a.css in 12 ms"),
        ([READY, UpdateSummary("a.css", "no page is open", 0)], "no page is open  ·  last a.css"),
        ([READY, SAVED, BROKEN], "sass ended with exit code 65  ·  no page is open"),
        ([READY, SAVED, BROKEN, ProblemSolved(BROKEN.title)], "no page is open  ·  last a.css in 12 ms"),
        ([READY, ProblemFound("once", "", shown=False)], "no page is open"),
        ([READY, PauseChanged(True)], "paused  ·  no page is open"),
        ([READY, PauseChanged(True), PauseChanged(False)], "no page is open"),
        (
            [READY, TotalChanged("a.example", 1200), TotalChanged("local", 34)],
            "no page is open  ·  1,234 online on 2 sites",
        ),
        ([READY, TotalChanged("local", 1), TotalChanged("local", 0)], "no page is open"),
        ([replace(READY, watching=())], "0 online"),
        ([replace(READY, watching=()), TotalChanged("a.example", 1)], "1 online on 1 site"),
        ([ScanProgress(("/\x1b[2J",), 0)], "reading /\N{REPLACEMENT CHARACTER}[2J"),
        ([READY, replace(BROKEN, title="\x07\n")], "\N{REPLACEMENT CHARACTER}" * 2 + "  ·  no page is open"),
    ],
)
def test_it_says_how_things_stand(reports: list[Event], line: str) -> None:
    assert after(*reports) == line


def test_it_knows_what_changes_nothing() -> None:
    bottom = StatusLine()
    assert bottom.update(READY)
    assert not bottom.update(UpdateApplied(("a.css",), "/", "css", 1.0))


def test_it_remembers_no_more_sites_than_it_should() -> None:
    reports = [TotalChanged(f"{number}.example", 1) for number in range(MAX_SITES + 5)]
    assert after(replace(READY, watching=()), *reports).startswith(f"{MAX_SITES:,} online")
