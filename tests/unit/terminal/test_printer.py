"""What stands on a person's screen after reports have come, read from a terminal emulator."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import IO

import pyte
import pytest

from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    ProblemFound,
    ProcessOutput,
    Ready,
    ScanProgress,
    UpdateSummary,
)
from livereload_loc.settings import Output
from livereload_loc.terminal.printer import TerminalPrinter
from livereload_loc.terminal.screen import DRAW_SECONDS
from tests.support.in_loop import in_loop

READY = Ready("http://localhost:8081", "http://localhost:8081/_loc/reload.js", 7, ("/site",), 12, keys=True)
SAVED = UpdateSummary("a.css", "1 tab swapped", 12.4)
COLUMNS = 60


class Tty(io.StringIO):
    """A terminal, and the screen that a person sees."""

    def __init__(self) -> None:
        super().__init__()
        self.screen = pyte.HistoryScreen(COLUMNS, 16)
        self._stream = pyte.Stream(self.screen)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._stream.feed(text.replace("\n", "\r\n"))
        return super().write(text)

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]


@pytest.fixture(autouse=True)
def window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("LINES", "16")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


async def drawn() -> None:
    """Until the bottom line has been drawn, which its own timer does."""
    await asyncio.sleep(DRAW_SECONDS * 2)


async def printing(
    *reports: Event, output: Output = "normal", is_in_front: Callable[[IO[str]], bool] | None = None
) -> tuple[TerminalPrinter, Tty]:
    """Return a printer that has printed ``reports``, and its terminal."""
    tty = Tty()
    terminal = TerminalPrinter(output, tty, is_in_front)
    for report in reports:
        terminal(report)
    await drawn()
    return terminal, tty


async def on_screen(*reports: Event, output: Output = "normal") -> Tty:
    """Return a terminal on which ``reports`` were printed."""
    return (await printing(*reports, output=output))[1]


@in_loop
async def test_the_newest_line_stands_last_above_how_things_stand() -> None:
    lines = (await on_screen(READY, SAVED)).lines
    assert lines[-2].endswith("a.css: 1 tab swapped  12 ms")
    assert lines[-1] == "  no page is open  ·  last a.css in 12 ms"


IGNORED = ChangeIgnored("app.log", "ignored by .gitignore:4")


@in_loop
async def test_each_save_is_a_line() -> None:
    lines = (await on_screen(READY, SAVED, SAVED)).lines
    assert sum("1 tab" in line for line in lines) == 2


@pytest.mark.parametrize("again", [IGNORED, ProblemFound("oops", "do this")])
@pytest.mark.parametrize(("times", "said"), [(1, "once"), (3, "3 times")])
@in_loop
async def test_the_same_again_is_counted_and_not_repeated(again: Event, times: int, said: str) -> None:
    lines = (await on_screen(READY, *[again] * (times + 1))).lines
    assert sum("app.log" in line or "oops" in line for line in lines) == 1
    assert not any("repeated" in line for line in lines)
    lines = (await on_screen(READY, *[again] * (times + 1), SAVED)).lines
    assert lines[-3].strip() == f"repeated {said}"
    assert "1 tab" in lines[-2]


@pytest.mark.parametrize(
    "between",
    [SAVED, ProcessOutput("php", "hello"), ChangeIgnored("b.txt", "ignored")],
)
@in_loop
async def test_what_came_between_ends_the_count(between: Event) -> None:
    lines = (await on_screen(READY, IGNORED, between, IGNORED)).lines
    assert sum("app.log" in line for line in lines) == 2
    assert not any("repeated" in line for line in lines)


@in_loop
async def test_the_end_says_what_was_counted() -> None:
    terminal, tty = await printing(READY, IGNORED, IGNORED)
    terminal.close()
    assert tty.lines[-1].strip() == "repeated once"


@in_loop
async def test_what_others_write_is_never_taken_back() -> None:
    terminal, tty = await printing(READY, SAVED)
    tty.write("somebody else\n")
    terminal(SAVED)
    terminal(IGNORED)
    tty.write("and again\n")
    terminal(IGNORED)
    await drawn()
    text = "\n".join(tty.lines)
    assert "somebody else" in text
    assert "and again" in text


@in_loop
async def test_in_the_background_nothing_stays_and_nothing_is_erased() -> None:
    front = True
    terminal, tty = await printing(READY, is_in_front=lambda _: front)
    assert tty.lines[-1] == "  no page is open"
    front = False
    tty.write("\n$ half a comm")
    terminal(SAVED)
    await drawn()
    assert tty.lines[-1].endswith("1 tab swapped  12 ms")
    assert "$ half a comm" in "".join(tty.lines)
    front = True
    terminal.screen.draw()
    assert tty.lines[-1].startswith("  no page is open")


@in_loop
async def test_what_a_program_says_never_mixes_with_the_bottom_line() -> None:
    terminal, tty = await printing(READY)
    for number in range(30):
        terminal(ProcessOutput("php", f"line {number}"))
        if number % 10 == 5:
            await drawn()
    await drawn()
    assert tty.lines[-1] == "  no page is open"
    assert tty.lines[:-1] == [f"php │ line {number}" for number in range(15, 30)]
    above = ["".join(char.data for char in line.values()).rstrip() for line in tty.screen.history.top]
    assert [line for line in above if "line" in line] == [f"php │ line {number}" for number in range(15)]


@in_loop
async def test_the_reading_of_a_large_folder_is_followed_at_the_bottom_only() -> None:
    lines = (await on_screen(ScanProgress(("/site",), 10), ScanProgress(("/site",), 20))).lines
    assert lines == ["  reading /site, 20 files so far"]
    assert "reading" not in "".join((await on_screen(ScanProgress(("/site",), 10), READY)).lines)


@in_loop
async def test_the_bottom_line_never_wraps() -> None:
    lines = (await on_screen(READY, UpdateSummary("y" * 90, "1 tab", 1))).lines
    assert lines[-1].endswith("…")
    assert len(lines[-1]) < COLUMNS


@in_loop
async def test_a_blank_line_ends_the_count() -> None:
    terminal, tty = await printing(READY, IGNORED)
    terminal.screen.print_blank()
    terminal(IGNORED)
    await drawn()
    assert sum("app.log" in line for line in tty.lines) == 2


async def asked(show: Callable[[TerminalPrinter], None], *reports: Event) -> list[str]:
    """Return the lines after ``show`` was called."""
    terminal, tty = await printing(*reports)
    show(terminal)
    await drawn()
    return tty.lines


@in_loop
async def test_help_addresses_and_clearing() -> None:
    assert any("quit" in line for line in await asked(TerminalPrinter.show_keys, READY))
    counts = Ready(READY.url, READY.script, 7, (), 0, keys=True)
    assert not any("pause" in line for line in await asked(TerminalPrinter.show_keys, counts))
    assert sum("Local" in line for line in await asked(TerminalPrinter.show_addresses, READY)) == 2
    lines = await asked(lambda terminal: terminal.screen.clear(), READY, SAVED)
    assert lines == ["  no page is open  ·  last a.css in 12 ms"]


@in_loop
async def test_a_code_is_shown_for_other_devices() -> None:
    lan = Ready(READY.url, READY.script, 7, ("/site",), 12, lan=("http://10.0.0.2:8081",))
    assert not any("█" in line for line in (await on_screen(lan)).lines)
    assert any("█▄▄▄▄▄▄▄█" in line for line in await asked(TerminalPrinter.show_addresses, lan))


@in_loop
async def test_the_end_leaves_the_screen_clean() -> None:
    terminal, tty = await printing(READY, ClientChanged("joined", "/", 1))
    terminal.close()
    assert "open" not in "".join(tty.lines)
    assert tty.screen.cursor.x == 0


@in_loop
async def test_quiet_is_quiet() -> None:
    assert (await on_screen(READY, SAVED, output="quiet")).lines == []
    assert (await on_screen(READY, ProblemFound("oops", "do this"), output="quiet")).lines[0].endswith("oops")


@pytest.mark.parametrize(("variable", "value"), [("TERM", "dumb"), ("TERM", "unknown")])
@in_loop
async def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    text = (
        await on_screen(ScanProgress(("/site",), 1), ScanProgress(("/site",), 2), READY, SAVED, SAVED)
    ).getvalue()
    assert "\x1b" not in text
    assert "\r" not in text
    assert text.count("1 tab swapped") == 2
    assert text.count("still reading /site") == 1


@in_loop
async def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[36m" in (await on_screen(READY)).getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    text = (await on_screen(READY, SAVED)).getvalue()
    assert "\x1b[36m" not in text
    assert "\x1b[32m" not in text


@pytest.mark.parametrize("name", ["FORCE_COLOR", "TTY_COMPATIBLE"])
@in_loop
async def test_a_file_is_no_terminal_whatever_its_colours(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    stream = io.StringIO()
    terminal = TerminalPrinter("normal", stream)
    for report in (READY, SAVED, IGNORED, IGNORED):
        terminal(report)
    await drawn()
    terminal.close()
    assert "page is open" not in stream.getvalue()
    assert "\x1b[J" not in stream.getvalue()
    assert "\r" not in stream.getvalue()
