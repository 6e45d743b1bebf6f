"""All that is printed: lines for people, drawn with rich, or one JSON object a line for programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from livereload_loc.errors import OutputLost
from livereload_loc.events import Event, Reporter
from livereload_loc.settings import Output


class EventPrinter(Protocol):
    """Prints reports, and leaves the screen clean."""

    def __call__(self, report: Event) -> None:
        """Print ``report``, if it is worth it."""

    def close(self) -> None:
        """Nothing more will come."""


@contextmanager
def reporter(output: Output) -> Iterator[Reporter]:
    """What prints reports in the way the user asked for, for as long as the block runs.

    A name that the terminal's encoding does not have is printed with escapes; output that is lost raises
    :class:`OutputLost`.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    printer = _printer(output)

    def report(what: Event) -> None:
        try:
            printer(what)
        except OSError as error:
            raise OutputLost(error.strerror or str(error)) from None

    try:
        yield report
    finally:
        printer.close()


def _printer(output: Output) -> EventPrinter:
    """Imports no more than what it takes."""
    if output == "json":
        from livereload_loc.terminal.json_lines import JsonPrinter

        return JsonPrinter(sys.stdout)
    from livereload_loc.terminal.printer import TerminalPrinter

    return TerminalPrinter(output)
