"""The line at the bottom: how things stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from livereload_loc.events import (
    Accounted,
    AppliedBy,
    Client,
    Mended,
    Paused,
    Reading,
    Ready,
    Report,
    Total,
    Trouble,
)
from livereload_loc.terminal.status_line import MAX_SITES, Bottom

READY = Ready("http://localhost:8081", "http://localhost:8081/_loc/reload.js", 7, ("/site",), 12)
SAVED = Accounted("a.css: 1 tab swapped", 12.4)
BROKEN = Trouble("sass ended with exit code 65", "oops", shown=True)


def after(*reports: Report) -> str:
    bottom = Bottom()
    for report in reports:
        bottom.hear(report)
    line = bottom.line()
    return line.plain.strip() if line else ""


@pytest.mark.parametrize(
    ("reports", "line"),
    [
        ([], ""),
        ([Reading(("/site",), 0)], "reading /site"),
        ([Reading(("/site",), 1), Reading(("/site",), 23_456)], "reading /site, 23,456 files so far"),
        ([Reading(("/site",), 3), READY], "no page is open"),
        ([READY, Client("joined", "/", 1)], "1 page open"),
        ([replace(READY, serves=True)], "http://localhost:8081  ·  no page is open"),
        ([READY, Client("joined", "/", 2), SAVED], "2 pages open  ·  last a.css in 12 ms"),
        ([READY, Accounted("a.css: no page is open", 0)], "no page is open  ·  last a.css"),
        ([READY, SAVED, BROKEN], "sass ended with exit code 65  ·  no page is open"),
        ([READY, SAVED, BROKEN, Mended(BROKEN.title)], "no page is open  ·  last a.css in 12 ms"),
        ([READY, Trouble("once", "", shown=False)], "no page is open"),
        ([READY, Paused(True)], "paused  ·  no page is open"),
        ([READY, Paused(True), Paused(False)], "no page is open"),
        (
            [READY, Total("a.example", 1200), Total("local", 34)],
            "no page is open  ·  1,234 online on 2 sites",
        ),
        ([READY, Total("local", 1), Total("local", 0)], "no page is open"),
        ([replace(READY, watching=())], "0 online"),
        ([replace(READY, watching=()), Total("a.example", 1)], "1 online on 1 site"),
        ([Reading(("/\x1b[2J",), 0)], "reading /\N{REPLACEMENT CHARACTER}[2J"),
        ([READY, replace(BROKEN, title="\x07\n")], "\N{REPLACEMENT CHARACTER}" * 2 + "  ·  no page is open"),
    ],
)
def test_it_says_how_things_stand(reports: list[Report], line: str) -> None:
    assert after(*reports) == line


def test_it_knows_what_changes_nothing() -> None:
    bottom = Bottom()
    assert bottom.hear(READY)
    assert not bottom.hear(AppliedBy(("a.css",), "/", "css", 1.0))


def test_it_remembers_no_more_sites_than_it_should() -> None:
    reports = [Total(f"{number}.example", 1) for number in range(MAX_SITES + 5)]
    assert after(replace(READY, watching=()), *reports).startswith(f"{MAX_SITES:,} online")
