"""All that is printed: lines for people, drawn with rich, or one JSON object a line for programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from livereload_loc.errors import OutputLost
from livereload_loc.reports import Report, Reporter
from livereload_loc.settings import Output

from .programs import JsonPrinter
from .terminal import Terminal
from .text import printable

__all__ = ["printable", "reporter"]


@contextmanager
def reporter(output: Output) -> Iterator[Reporter]:
    """What prints reports in the way the user asked for, for as long as the block runs.

    A name that the terminal's encoding does not have is printed with escapes; output that is lost raises
    :class:`OutputLost`.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    printer = JsonPrinter(sys.stdout) if output == "json" else Terminal(output)

    def report(what: Report) -> None:
        try:
            printer(what)
        except OSError as error:
            raise OutputLost(error.strerror or str(error)) from None

    try:
        yield report
    finally:
        printer.close()
