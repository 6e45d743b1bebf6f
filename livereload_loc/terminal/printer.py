"""The terminal of a person: one line an event, the newest last, and below them how things stand.

rich is imported with the first line, so that the tool starts at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, TextIO

from livereload_loc.events import (
    ChangeIgnored,
    Event,
    ProblemFound,
    ProcessOutput,
    Ready,
    ScanProgress,
    ScreenCommand,
)
from livereload_loc.process.keyboard import in_front
from livereload_loc.settings import Output
from livereload_loc.terminal.status_line import StatusLine

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

DRAW_SECONDS = 0.05
"""The bottom line comes back so long after other lines: what a program says in one breath passes first."""


class TerminalPrinter:
    """Prints what a person should know of each report.

    Where the stream is no terminal, or one that cannot move its cursor, there is no bottom line.
    """

    def __init__(self, output: Output, stream: TextIO | None = None) -> None:
        self._output = output
        self._stream = stream or sys.stdout
        self._bottom = StatusLine()
        self._screen: Screen | None = None
        self._ready: Ready | None = None
        self._is_reading = False

    def __call__(self, report: Event) -> None:
        """Print ``report`` if the user wants to see its kind."""
        if self._output == "quiet" and not isinstance(report, ProblemFound | ProcessOutput):
            return
        screen = self._begun()
        match report:
            case ScreenCommand():
                self._show(report, screen)
            case ScanProgress() if screen.live or self._is_reading:
                pass  # its line is at the bottom, or stands there already
            case _:
                from livereload_loc.terminal.messages import lines

                if isinstance(report, Ready):
                    self._ready = report
                screen.print(lines(report, verbose=self._output == "verbose"), _event(report))
                if isinstance(report, Ready) and report.qr:
                    self._show_code(report, screen)
        self._is_reading = isinstance(report, ScanProgress)
        if self._bottom.hear(report) and self._output != "quiet":
            screen.stand(self._bottom.line())

    def close(self) -> None:
        """Leave the screen as other programs expect it."""
        if self._screen:
            with contextlib.suppress(OSError):  # said already, where it was to be printed
                self._screen.close()

    def _begun(self) -> Screen:
        if self._screen is None:
            from livereload_loc.terminal.messages import console

            self._screen = Screen(console(self._stream))
        return self._screen

    def _show(self, asked: ScreenCommand, screen: Screen) -> None:
        from rich.text import Text

        from livereload_loc.terminal.messages import addresses, keys

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
            case "redraw":
                screen.draw()

    def _show_code(self, ready: Ready, screen: Screen) -> None:
        if ready.lan or ready.qr:
            from livereload_loc.terminal.qr_code import code

            screen.print(code(ready.lan[0] if ready.lan else ready.url))


def _event(report: Event) -> object:
    """What is the same where ``report`` only comes again; None for what is never the same."""
    match report:
        case ChangeIgnored():
            return report.path, report.why
        case ProblemFound():
            return report.title, report.detail
        case _:
            return None


class Screen:
    """Lines that scroll, above one that stays. The same again and again is counted, not repeated.

    Others may write to the terminal, too, a server beside us or a shell that we are in the background of:
    no line that has scrolled is ever taken back, and the one that stays is only there while we are in front.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._can_move = console.file.isatty() and not console.is_dumb_terminal
        self._standing: Text | None = None
        self._is_drawn = False
        self._timer: asyncio.TimerHandle | None = None
        self._last: object = None  # what the last line told, and how often it came again
        self._again = 0

    @property
    def live(self) -> bool:
        """Whether there may be a line that stays."""
        return self._can_move and _in_front(self._console.file)

    def print(self, lines: Iterable[Text], event: object = None) -> None:
        """Print ``lines``; those that tell the same ``event`` as the last ones are only counted."""
        shown = list(lines)
        if not shown:
            return
        if event is not None and event == self._last:
            self._again += 1
            return
        self._erase()
        self._count()
        self._last = event
        for line in shown:
            self._console.print(line)
        self._draw_soon()

    def stand(self, line: Text | None) -> None:
        """Let ``line`` stand at the bottom from now on; None takes it away."""
        self._standing = line
        self._draw_soon()

    def clear(self) -> None:
        """Empty the screen but for the bottom line."""
        if self.live:
            self._is_drawn, self._last, self._again = False, None, 0
            self._write("\x1b[H\x1b[2J\x1b[3J")
            self._draw_soon()

    def draw(self) -> None:
        """Put the bottom line where it belongs, at once."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._erase()
        if self._standing is not None and self.live:
            line = self._standing.copy()
            line.truncate(max(1, self._console.width - 1), overflow="ellipsis")
            self._is_drawn = True
            self._console.print(line, end="", no_wrap=True, crop=True)
            self._console.file.flush()

    def close(self) -> None:
        """Leave the terminal as other programs expect it."""
        self._standing = None
        self.draw()
        self._count()

    def _count(self) -> None:
        """Say how often the last line came again."""
        again, self._again = self._again, 0
        if again:
            times = "once" if again == 1 else f"{again:,} times"
            self._console.print(f"          the same {times} more", style="loc.aside")

    def _draw_soon(self) -> None:
        if not self._can_move or self._timer:
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
        """Take the bottom line off the screen, unless the screen has become another program's."""
        drawn, self._is_drawn = self._is_drawn, False
        if drawn and self.live:
            self._write("\r\x1b[J")

    def _write(self, controls: str) -> None:
        self._console.file.write(controls)
        self._console.file.flush()


def _in_front(stream: IO[str]) -> bool:
    try:
        return in_front(stream.fileno())
    except (OSError, ValueError):  # no file, or a closed one
        return True
