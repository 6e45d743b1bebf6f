"""Prints events: as lines for people, or as one JSON object a line for programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from livereload_loc.errors import OutputLost
from livereload_loc.events import Event, Reporter
from livereload_loc.settings import Output

if TYPE_CHECKING:
    from livereload_loc.terminal.printer import TerminalPrinter


@contextmanager
def reporter(output: Output) -> Iterator[tuple[Reporter, TerminalPrinter | None]]:
    """Give what prints events in the way that the user asked for, and the terminal if people read it.

    Characters that the terminal's encoding lacks are printed as escapes. Where the output cannot be written
    any more, :class:`OutputLost` is raised.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    terminal: TerminalPrinter | None = None
    printer: Reporter
    if output == "json":
        from livereload_loc.terminal.json_lines import JsonPrinter

        printer = JsonPrinter(sys.stdout)
    else:
        from livereload_loc.terminal.printer import TerminalPrinter

        printer = terminal = TerminalPrinter(output)

    def report(event: Event) -> None:
        try:
            printer(event)
        except OSError as error:
            raise OutputLost(error.strerror or str(error)) from None

    try:
        yield report, terminal
    finally:
        if terminal:
            terminal.close()
