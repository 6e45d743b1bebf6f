"""The terminal of a person: one line an event, the newest last, and below them how things stand.

rich is imported with the first line, so that the tool starts at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from livereload_loc.reports import Accounted, Asked, NotTold, Reading, Ready, Report, Said, Trouble
from livereload_loc.settings import Output

from .bottom import Bottom

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

DRAW_SECONDS = 0.05
"""The bottom line comes back so long after other lines: what a program says in one breath passes first."""


class Terminal:
    """Prints what a person should know of each report.

    Where the stream is no terminal, or one that cannot move its cursor, there is no bottom line, and nothing
    is ever taken back.
    """

    def __init__(self, output: Output, stream: TextIO | None = None) -> None:
        self._output = output
        self._stream = stream or sys.stdout
        self._bottom = Bottom()
        self._screen: Screen | None = None
        self._ready: Ready | None = None
        self._is_reading = False

    def __call__(self, report: Report) -> None:
        """Print ``report`` if the user wants to see its kind."""
        if self._output == "quiet" and not isinstance(report, Trouble | Said):
            return
        screen = self._begun()
        match report:
            case Asked():
                self._show(report, screen)
            case Reading() if screen.live or self._is_reading:
                pass  # its line is at the bottom, or stands there already
            case _:
                from .lines import lines

                if isinstance(report, Ready):
                    self._ready = report
                screen.print(lines(report, verbose=self._output == "verbose"), _event(report))
                if isinstance(report, Ready) and report.qr:
                    self._show_code(report, screen)
        self._is_reading = isinstance(report, Reading)
        if self._bottom.hear(report) and self._output != "quiet":
            screen.stand(self._bottom.line())

    def close(self) -> None:
        """Leave the screen as other programs expect it."""
        if self._screen:
            with contextlib.suppress(OSError):  # said already, where it was to be printed
                self._screen.stand(None)
                self._screen.draw()

    def _begun(self) -> Screen:
        if self._screen is None:
            from rich.console import Console
            from rich.theme import Theme

            from .lines import THEME

            console = Console(file=self._stream, theme=Theme(THEME), highlight=False, soft_wrap=True)
            self._screen = Screen(console)
        return self._screen

    def _show(self, asked: Asked, screen: Screen) -> None:
        from rich.text import Text

        from .lines import addresses, keys

        match asked.what:
            case "help":
                screen.print(keys(watching=bool(self._ready and self._ready.watching)))
            case "addresses" if self._ready:
                screen.print(addresses(self._ready))
                self._show_code(self._ready, screen)
            case "clear":
                screen.clear()
            case "blank":
                screen.print([Text()])

    def _show_code(self, ready: Ready, screen: Screen) -> None:
        if ready.lan or ready.qr:
            from .codes import code

            screen.print(code(ready.lan[0] if ready.lan else ready.url))


def _event(report: Report) -> object:
    """What is the same where ``report`` only comes again; None for what is never the same."""
    match report:
        case Accounted():
            return report.line
        case NotTold():
            return report.path, report.why
        case Trouble():
            return report.title, report.detail
        case _:
            return None


class Screen:
    """Lines that scroll, above one that stays; the same line again and again is counted, not repeated."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.live = console.is_terminal and not console.is_dumb_terminal
        """Whether lines can be written over."""
        self._standing: Text | None = None
        self._drawn = 0  # the width of the bottom line that is on the screen, in cells
        self._timer: asyncio.TimerHandle | None = None
        self._last: object = None  # what the last line told, and how often
        self._times = 1

    def print(self, lines: Iterable[Text], event: object = None) -> None:
        """Print ``lines``; one that tells the same ``event`` as the last one takes its place."""
        shown = list(lines)
        if not shown:
            return
        self._erase()
        again = self._again(shown[0], event)
        for line in shown:
            self._console.print(line.append(again, "loc.aside") if again else line)
        self._draw_soon()

    def stand(self, line: Text | None) -> None:
        """Let ``line`` stand at the bottom from now on; None takes it away."""
        self._standing = line
        self._draw_soon()

    def clear(self) -> None:
        """Empty the screen but for the bottom line."""
        if self.live:
            self._drawn, self._last = 0, None
            self._write("\x1b[H\x1b[2J\x1b[3J")
            self._draw_soon()

    def draw(self) -> None:
        """Put the bottom line where it belongs, at once."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if not self.live:
            return
        self._erase()
        if self._standing is not None:
            line = self._standing.copy()
            line.truncate(max(1, self._console.width - 1), overflow="ellipsis")
            self._drawn = line.cell_len
            self._console.print(line, end="", no_wrap=True, crop=True)
            self._console.file.flush()

    def _again(self, line: Text, event: object) -> str:
        """How often the same was told by now, where the last line of it can be taken back."""
        fits = "\n" not in line.plain and line.cell_len < self._console.width - 6
        event = event if self.live and fits else None
        same = event is not None and event == self._last
        self._last, self._times = event, self._times + 1 if same else 1
        if not same:
            return ""
        self._write("\x1b[1A\x1b[2K")
        return f"  \N{MULTIPLICATION SIGN}{self._times}"

    def _draw_soon(self) -> None:
        if not self.live or self._timer:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # before it runs, or after
            return
        self._timer = loop.call_later(DRAW_SECONDS, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        with contextlib.suppress(OSError):  # the next line that is to be printed says so
            self.draw()

    def _erase(self) -> None:
        """Take the bottom line off the screen, however many rows a narrower window has made of it."""
        if self._drawn:
            above = math.ceil(self._drawn / max(1, self._console.width)) - 1
            self._drawn = 0
            self._write("\r" + "\x1b[1A" * above + "\x1b[J")

    def _write(self, controls: str) -> None:
        self._console.file.write(controls)
        self._console.file.flush()
