"""What stands on a person's screen after reports have come, read from a terminal emulator."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable

import pyte
import pytest
from rich.console import Console
from rich.text import Text

from livereload_loc.console.terminal import DRAW_SECONDS, Screen, Terminal
from livereload_loc.reports import (
    Accounted,
    Asked,
    Client,
    NotTold,
    Reading,
    Ready,
    Report,
    Said,
    Trouble,
)
from livereload_loc.settings import Output

READY = Ready("http://localhost:8081", "http://localhost:8081/_loc/reload.js", 7, ("/site",), 12, keys=True)
SAVED = Accounted("a.css: 1 tab swapped", 12.4)
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
    monkeypatch.delenv("NO_COLOR", raising=False)


async def drawn() -> None:
    """Until the bottom line has been drawn, which its own timer does."""
    await asyncio.sleep(DRAW_SECONDS * 2)


def on_screen(
    *reports: Report,
    output: Output = "normal",
    then: Callable[[Terminal, Tty], Awaitable[None]] | None = None,
) -> Tty:
    tty = Tty()

    async def run() -> None:
        terminal = Terminal(output, tty)
        for report in reports:
            terminal(report)
        await drawn()
        if then:
            await then(terminal, tty)

    asyncio.run(run())
    return tty


def test_the_newest_line_stands_last_above_how_things_stand() -> None:
    lines = on_screen(READY, SAVED).lines
    assert lines[-2].endswith("a.css: 1 tab swapped  12 ms")
    assert lines[-1] == "  no page is open  ·  last a.css in 12 ms"


def test_the_same_again_is_counted_and_not_repeated() -> None:
    lines = on_screen(READY, SAVED, Accounted(SAVED.line, 20), Accounted(SAVED.line, 9)).lines
    counted = next(line for line in lines if "1 tab" in line)
    assert counted.endswith("a.css: 1 tab swapped  9 ms  \N{MULTIPLICATION SIGN}3")
    assert sum("1 tab" in line for line in lines) == 1


@pytest.mark.parametrize(
    "between", [NotTold("b.txt", "ignored"), Said("php", "hello"), Trouble("oops", "do this"), Asked("blank")]
)
def test_what_came_between_is_never_taken_back(between: Report) -> None:
    lines = on_screen(READY, SAVED, between, SAVED).lines
    assert sum("1 tab" in line for line in lines) == 2


def test_a_line_that_does_not_fit_is_repeated_whole() -> None:
    long = Accounted("x" * COLUMNS, 1)
    text = "".join(on_screen(READY, long, long).lines)
    assert text.count("x") >= 2 * COLUMNS


def test_what_a_program_says_never_mixes_with_the_bottom_line() -> None:
    async def then(terminal: Terminal, tty: Tty) -> None:
        for number in range(30):
            terminal(Said("php", f"line {number}"))
            if number % 10 == 5:
                await drawn()
        await drawn()

    tty = on_screen(READY, then=then)
    assert tty.lines[-1] == "  no page is open"
    assert tty.lines[:-1] == [f"php │ line {number}" for number in range(15, 30)]
    above = ["".join(char.data for char in line.values()).rstrip() for line in tty.screen.history.top]
    assert [line for line in above if "line" in line] == [f"php │ line {number}" for number in range(15)]


def test_the_reading_of_a_large_folder_is_followed_at_the_bottom_only() -> None:
    lines = on_screen(Reading(("/site",), 10), Reading(("/site",), 20)).lines
    assert lines == ["  reading /site, 20 files so far"]
    assert "reading" not in "".join(on_screen(Reading(("/site",), 10), READY).lines)


def test_the_bottom_line_never_wraps() -> None:
    lines = on_screen(READY, Accounted("y" * 90 + ": 1 tab", 1)).lines
    assert lines[-1].endswith("…")
    assert len(lines[-1]) < COLUMNS


def test_a_narrower_window_leaves_nothing_behind() -> None:
    tty = Tty()
    console = Console(file=tty, width=COLUMNS, soft_wrap=True)
    screen = Screen(console)
    screen.stand(Text("x" * 50))
    screen.draw()
    console.width = 20  # in whose rows a terminal breaks the line, so that it stands in three
    screen.stand(None)
    screen.draw()
    assert tty.getvalue().endswith("x\r\x1b[1A\x1b[1A\x1b[J")


def test_help_addresses_and_clearing() -> None:
    assert any("quit" in line for line in on_screen(READY, Asked("help")).lines)
    counts = Ready(READY.url, READY.script, 7, (), 0, keys=True)
    assert not any("pause" in line for line in on_screen(counts, Asked("help")).lines)
    assert sum("Local" in line for line in on_screen(READY, Asked("addresses")).lines) == 2
    assert on_screen(READY, SAVED, Asked("clear")).lines == ["  no page is open  ·  last a.css in 12 ms"]


def test_a_code_is_shown_for_other_devices() -> None:
    lan = Ready(READY.url, READY.script, 7, ("/site",), 12, lan=("http://10.0.0.2:8081",))
    assert not any("█" in line for line in on_screen(lan).lines)
    assert any("█▄▄▄▄▄▄▄█" in line for line in on_screen(lan, Asked("addresses")).lines)


def test_the_end_leaves_the_screen_clean() -> None:
    async def then(terminal: Terminal, tty: Tty) -> None:
        terminal.close()

    tty = on_screen(READY, Client("joined", "/", 1), then=then)
    assert "open" not in "".join(tty.lines)
    assert tty.screen.cursor.x == 0


def test_quiet_is_quiet() -> None:
    assert on_screen(READY, SAVED, output="quiet").lines == []
    assert on_screen(READY, Trouble("oops", "do this"), output="quiet").lines[0].endswith("oops")


@pytest.mark.parametrize(("variable", "value"), [("TERM", "dumb"), ("TERM", "unknown")])
def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    text = on_screen(Reading(("/site",), 1), Reading(("/site",), 2), READY, SAVED, SAVED).getvalue()
    assert "\x1b" not in text
    assert text.count("1 tab swapped") == 2
    assert text.count("still reading /site") == 1


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[36m" in on_screen(READY).getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_screen(READY, SAVED).getvalue()
    assert "\x1b[36m" not in text
    assert "\x1b[32m" not in text
