"""A terminal with lines that scroll, and a bottom line that stays below them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# The bottom line comes back so long after other lines, so that what a program prints at once passes first.
DRAW_SECONDS = 0.05


class Screen:
    """Prints lines above a bottom line. Lines that repeat are counted, not printed again.

    Others may write to the terminal, too: a server beside us, or a shell that we are in the background of. So
    no line that has scrolled is ever erased, and the bottom line is only there while we are in front.
    """

    def __init__(self, console: Console, is_in_front: Callable[[IO[str]], bool]) -> None:
        self._console, self._is_in_front = console, is_in_front
        self._can_move = console.file.isatty() and not console.is_dumb_terminal
        self._bottom: Text | None = None
        self._is_drawn = False
        self._timer: asyncio.TimerHandle | None = None
        self._last: object = None  # the identity of the last lines, and how often they came again
        self._repeated = 0

    @property
    def has_bottom(self) -> bool:
        """Whether there may be a bottom line."""
        return self._can_move and self._is_in_front(self._console.file)

    def print(self, lines: Iterable[Text], identity: object = None) -> None:
        """Print ``lines``; those with the ``identity`` of the last ones are only counted."""
        shown = list(lines)
        if not shown:
            return
        if identity is not None and identity == self._last:
            self._repeated += 1
            return
        self._erase()
        self._print_count()
        self._last = identity
        for line in shown:
            self._console.print(line)
        self._draw_soon()

    def print_blank(self) -> None:
        """Print an empty line."""
        from rich.text import Text

        self.print([Text()])

    def set_bottom(self, line: Text | None) -> None:
        """Show ``line`` at the bottom from now on; None removes it."""
        self._bottom = line
        self._draw_soon()

    def clear(self) -> None:
        """Empty the screen but for the bottom line."""
        if self.has_bottom:
            self._is_drawn, self._last, self._repeated = False, None, 0
            self._write("\x1b[H\x1b[2J\x1b[3J")
            self._draw_soon()

    def draw(self) -> None:
        """Draw the bottom line now."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._erase()
        if self._bottom is not None and self.has_bottom:
            line = self._bottom.copy()
            line.truncate(max(1, self._console.width - 1), overflow="ellipsis")
            self._is_drawn = True
            self._console.print(line, end="", no_wrap=True, crop=True)
            self._console.file.flush()

    def close(self) -> None:
        """Leave the terminal as other programs expect it."""
        self._bottom = None
        self.draw()
        self._print_count()

    def _print_count(self) -> None:
        count, self._repeated = self._repeated, 0
        if count:
            times = "once" if count == 1 else f"{count:,} times"
            self._console.print(f"          repeated {times}", style="loc.aside")

    def _draw_soon(self) -> None:
        if not self._can_move or self._timer:
            return
        with contextlib.suppress(RuntimeError):  # before the loop runs, or after
            self._timer = asyncio.get_running_loop().call_later(DRAW_SECONDS, self._draw_on_time)

    def _draw_on_time(self) -> None:
        self._timer = None
        with contextlib.suppress(OSError):  # the next line that is printed reports it
            self.draw()

    def _erase(self) -> None:
        """Erase the bottom line, unless the terminal has become another program's."""
        drawn, self._is_drawn = self._is_drawn, False
        if drawn and self.has_bottom:
            self._write("\r\x1b[J")

    def _write(self, controls: str) -> None:
        self._console.file.write(controls)
        self._console.file.flush()
