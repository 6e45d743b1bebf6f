"""The lines that a program writes: each is reported, and the last are kept to show what went wrong."""

from __future__ import annotations

import re
import time
from collections import deque

from livereload_loc.events import ProcessOutput, Reporter

# So many last lines of a program that failed are shown in the page.
SHOWN_LINES = 60

_COLOURS = re.compile(r"\x1b\[[\d;:]*m")


class OutputLog:
    """Reports the lines of the program ``name``, and keeps the last ones without colours."""

    def __init__(self, name: str, report: Reporter) -> None:
        self.name, self._report = name, report
        self._lines: deque[tuple[float, str]] = deque(maxlen=SHOWN_LINES)

    def add(self, line: str) -> None:
        """Take one line, without its end."""
        self._lines.append((time.monotonic(), _COLOURS.sub("", line)))
        self._report(ProcessOutput(self.name, line))

    def since(self, when: float) -> str:
        """Return the last lines that came after ``when``, in seconds of ``time.monotonic()``."""
        return "\n".join(line for at, line in self._lines if at >= when)
