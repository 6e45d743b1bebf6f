"""The terminal of a person: one line an event, the newest last, and below them a status line.

rich is imported with the first line, so that the tool starts at once.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from functools import cached_property
from typing import IO, TextIO

from livereload_loc import events
from livereload_loc.events import Event
from livereload_loc.process.keyboard import in_front
from livereload_loc.settings import Output
from livereload_loc.terminal.screen import Screen
from livereload_loc.terminal.status_line import StatusLine


class TerminalPrinter:
    """Prints what a person should know of each event.

    Without a terminal that can move its cursor there is no status line. ``is_in_front`` tells whether the
    terminal is ours just now, and no other job's.
    """

    def __init__(
        self,
        output: Output,
        stream: TextIO | None = None,
        is_in_front: Callable[[IO[str]], bool] | None = None,
    ) -> None:
        self._output = output
        self._stream = stream or sys.stdout
        self._is_in_front = is_in_front or _is_in_front
        self._status = StatusLine()

    def __call__(self, event: Event) -> None:
        """Print ``event`` if the user wants to see its kind."""
        if self._output == "quiet" and not isinstance(event, events.ProblemFound | events.ProcessOutput):
            return
        from livereload_loc.terminal.messages import lines

        was_scanning = self._status.is_scanning
        if self._status.update(event) and self._output != "quiet":
            self.screen.set_bottom(self._status.line())
        if isinstance(event, events.ScanProgress) and (self.screen.has_bottom or was_scanning):
            return  # the status line has it, or it was printed already
        self.screen.print(lines(event, verbose=self._output == "verbose"), _identity(event))
        if isinstance(event, events.Ready) and event.qr:
            self._print_code(event)

    @cached_property
    def screen(self) -> Screen:
        """The terminal, which other programs may have until something is printed."""
        from livereload_loc.terminal.messages import console

        return Screen(console(self._stream), self._is_in_front)

    def show_keys(self) -> None:
        """Print what each key does."""
        from livereload_loc.terminal.messages import keys

        if ready := self._status.ready:
            self.screen.print(keys(watching=bool(ready.watching)))

    def show_addresses(self) -> None:
        """Print the addresses of the server."""
        from livereload_loc.terminal.messages import addresses

        if ready := self._status.ready:
            self.screen.print(addresses(ready))
            self._print_code(ready)

    def close(self) -> None:
        """Leave the screen as other programs expect it."""
        if "screen" in self.__dict__:
            with contextlib.suppress(OSError):  # reported already, where it was to be printed
                self.screen.close()

    def _print_code(self, ready: events.Ready) -> None:
        if ready.lan or ready.qr:
            from livereload_loc.terminal.qr_code import qr_code

            self.screen.print(qr_code(ready.lan[0] if ready.lan else ready.url))


def _identity(event: Event) -> object:
    """Return what is equal where ``event`` only comes again; None for events that are never the same."""
    match event:
        case events.ChangeIgnored():
            return event.path, event.why
        case events.ProblemFound():
            return event.title, event.detail
        case _:
            return None


def _is_in_front(stream: IO[str]) -> bool:
    try:
        return in_front(stream.fileno())
    except (OSError, ValueError):  # no file, or a closed one
        return True
