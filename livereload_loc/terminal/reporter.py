"""Prints events: as lines for people, or as one JSON object a line for programs."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from livereload_loc.errors import OutputLost
from livereload_loc.events import Event, Reporter
from livereload_loc.settings import Output


@contextmanager
def reporter(output: Output) -> Iterator[Reporter]:
    """Give what prints events in the way that the user asked for, as long as the block runs.

    Characters that the terminal's encoding lacks are printed as escapes. Where the output cannot be written
    any more, :class:`OutputLost` is raised.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    with ExitStack() as closing:
        printer = _printer(output, closing)

        def report(event: Event) -> None:
            try:
                printer(event)
            except OSError as error:
                raise OutputLost(error.strerror or str(error)) from None

        yield report


def _printer(output: Output, closing: ExitStack) -> Reporter:
    """Return the printer for ``output``, and import no other."""
    if output == "json":
        from livereload_loc.terminal.json_lines import JsonPrinter

        return JsonPrinter(sys.stdout)
    from livereload_loc.terminal.printer import TerminalPrinter

    printer = TerminalPrinter(output)
    closing.callback(printer.close)
    return printer
