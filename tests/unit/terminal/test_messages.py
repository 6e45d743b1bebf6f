"""What is printed, and that nothing from outside steers the terminal."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rich.text import Text

from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    ProcessOutput,
    Ready,
    UpdateApplied,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.settings import Output
from livereload_loc.terminal.json_lines import JsonPrinter, as_message
from livereload_loc.terminal.messages import lines, welcome
from livereload_loc.terminal.printer import TerminalPrinter
from livereload_loc.terminal.text import printable

READY = Ready("http://localhost:8081", "http://localhost:8081/_loc/reload.js", 7, ("/site",), 1234)
SWAPPED = UpdateSummary("about.css", "2 tabs swapped", 14.2)
IGNORED = ChangeIgnored("notes.txt", "ignored by .gitignore:4")
NOISE = ChangeIgnored(".index.html.swp", "dotfile", noise=True)
CAME = ClientChanged("joined", "/about/", 2)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


def printed(report: Event, output: Output = "normal") -> str:
    stream = io.StringIO()
    TerminalPrinter(output, stream)(report)
    return stream.getvalue().rstrip("\n")


def said(report: ProcessOutput) -> Text:
    (line,) = lines(report, verbose=False)
    return line


@pytest.mark.parametrize(
    ("report", "event"),
    [
        (READY, {"event": "ready", "url": READY.url, "script": READY.script, "pid": 7}),
        (
            UpdateSent(("a.css",), "css", 2),
            {"event": "change", "paths": ["a.css"], "action": "css", "pages": 2},
        ),
        (
            UpdateApplied(("a.css",), "/", "css", 14.2),
            {"event": "applied", "paths": ["a.css"], "page": "/", "did": "css", "ms": 14.2},
        ),
        (
            UpdateApplied(("a.html",), "/", "reload", 90, why="a script differs"),
            {
                "event": "applied",
                "paths": ["a.html"],
                "page": "/",
                "did": "reload",
                "ms": 90,
                "why": "a script differs",
            },
        ),
        (IGNORED, {"event": "ignored", "path": "notes.txt", "why": "ignored by .gitignore:4"}),
        (CAME, {"event": "client", "state": "joined", "page": "/about/", "clients": 2}),
        (ProblemFound("t", "d"), {"event": "problem", "title": "t", "detail": "d"}),
        (ProblemSolved("t"), {"event": "solved"}),
    ],
)
def test_programs_get_one_object_a_line(report: Event, event: dict[str, object]) -> None:
    stream = io.StringIO()
    JsonPrinter(stream)(report)
    assert json.loads(stream.getvalue()) == event
    assert stream.getvalue().count("\n") == 1


def test_why_a_page_was_reloaded_is_told_on_request() -> None:
    answer = UpdateApplied(("a.html",), "/", "reload", 90, why="<b\x1b> was changed\n")
    assert printed(answer) == ""
    assert printed(answer, "verbose").endswith(
        "  /: reloaded, 90 ms (<b\N{REPLACEMENT CHARACTER}> was changed\N{REPLACEMENT CHARACTER})"
    )


def test_what_is_solved_is_named() -> None:
    assert printed(ProblemSolved("sass ended\n")).endswith("  solved: sass ended\N{REPLACEMENT CHARACTER}")


def test_what_is_for_people_only_is_not_for_programs() -> None:
    assert as_message(SWAPPED) is None


def test_the_welcome_says_what_is_watched_and_gives_the_tag() -> None:
    text = printed(READY)
    assert "1,234 files" in text
    assert '<script src="http://localhost:8081" async></script>' in text


@pytest.mark.parametrize(
    ("ready", "tag"),
    [
        (READY, '<script src="http://localhost:8081" async></script>'),
        (replace(READY, lan=("http://10.0.0.2:8081",)), '<script src="http://10.0.0.2:8081" async></script>'),
        (replace(READY, serves=True), ""),
        (replace(READY, watching=()), '<script src="http://localhost:8081/_loc/reload.js" data-auto async>'),
    ],
)
def test_the_tag_is_named_where_pages_need_one(ready: Ready, tag: str) -> None:
    text = "\n".join(line.plain for line in welcome(ready))
    assert tag in text
    assert bool(tag) is ("<script" in text)
    assert ("--lan" in text) is not bool(ready.lan)


def test_the_keys_are_named_where_they_are_heard() -> None:
    assert "press Ctrl+C to stop" in printed(READY)
    assert "h for help" in printed(replace(READY, keys=True))


def test_a_folder_below_the_working_one_is_named_for_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for watched, shown in ((tmp_path / "a/b", "a/b"), (tmp_path, str(tmp_path)), (Path("/"), "/")):
        text = printed(replace(READY, watching=(str(watched),)))
        assert f"Watching  {shown}  1,234 files" in text


def test_the_reason_of_an_ignored_file_stands_in_brackets() -> None:
    assert printed(NOISE, "verbose").endswith("  .index.html.swp: ignored (dotfile)")
    assert printed(IGNORED).endswith("  notes.txt: ignored by .gitignore:4")


def test_each_save_ends_in_one_line_with_the_time_of_the_save() -> None:
    at = time.mktime((2026, 11, 28, 23, 58, 50, 0, 0, -1))
    assert printed(replace(SWAPPED, at=at)) == "23:58:50  about.css: 2 tabs swapped  14 ms"


@pytest.mark.parametrize(
    ("output", "report", "shown"),
    [
        ("normal", IGNORED, True),
        ("normal", NOISE, False),
        ("verbose", NOISE, True),
        ("normal", CAME, False),
        ("verbose", CAME, True),
        ("quiet", READY, False),
        ("quiet", SWAPPED, False),
        ("quiet", ProblemFound("t", "d"), True),
        ("normal", UpdateSent(("a.css",), "css", 2), False),
    ],
)
def test_who_sees_what(output: Output, report: Event, shown: bool) -> None:
    assert bool(printed(report, output)) is shown


@pytest.mark.parametrize("hostile", ["\x1b[2J", "a\rb", "a\nb", "\x07", "\u202etxt.exe", "\udcff", "\x9b31m"])
def test_names_cannot_steer_the_terminal(hostile: str) -> None:
    for report in (
        UpdateSummary(hostile, "1 tab", 0),
        ChangeIgnored(hostile, "why"),
        ProblemFound(hostile, ""),
    ):
        text = printed(report)
        assert hostile not in text
        text.encode()


def test_a_pause_says_what_it_kept() -> None:
    assert "paused" in printed(PauseChanged(True))
    assert printed(PauseChanged(False)).endswith("resumed")
    assert printed(PauseChanged(False, 2)).endswith("resumed: 2 files saved meanwhile")


def test_markup_in_a_name_is_text() -> None:
    assert "[bold]x[/bold].css" in printed(UpdateSummary("[bold]x[/bold].css", "1 tab", 0))


def test_a_detail_that_was_said_line_by_line_is_not_said_again() -> None:
    assert "oops" in printed(ProblemFound("failed", "oops"))
    assert "oops" not in printed(ProblemFound("failed", "oops", printed=True))
    event = as_message(ProblemFound("failed", "oops", printed=True))
    assert event
    assert event["detail"] == "oops", "programs were told of no lines"


def test_the_detail_of_a_trouble_keeps_its_lines() -> None:
    assert printable("a\n\tb\x1b", newlines=True) == "a\n\tb\N{REPLACEMENT CHARACTER}"


def test_what_a_program_says_keeps_its_colours_and_steers_nothing() -> None:
    line = said(ProcessOutput("php", "\x1b[31mred\x1b[0m and \x1b]0;title\x07\x9bplain"))
    assert line.plain.startswith("php \N{BOX DRAWINGS LIGHT VERTICAL} red and ")
    assert not set(line.plain) & set("\x1b\x07\x9b")
    assert [line.plain[span.start : span.end] for span in line.spans if "color(1)" in str(span.style)] == [
        "red"
    ]


def test_programs_read_what_another_one_says_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    JsonPrinter(io.StringIO())(ProcessOutput("php", "started"))
    assert capsys.readouterr() == ("", "php | started\n")
