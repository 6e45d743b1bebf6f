"""Reports errors in the event loop that no task awaits; the server goes on."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

from livereload_loc.events import ProblemFound, Reporter
from livereload_loc.httputil.log import RepeatFilter

# An error that goes on is reported so often.
AGAIN_SECONDS = 60.0


class LoopErrorReporter:
    """Reports each kind of error of the running loop once in a while."""

    def __init__(self, report: Reporter) -> None:
        self._report, self._repeats = report, RepeatFilter(AGAIN_SECONDS)
        asyncio.get_running_loop().set_exception_handler(self._handle)

    def full(self) -> None:
        """Report that there is no file descriptor for one more connection."""
        self._report_seldom(
            "no file descriptors are left, so nobody can connect until somebody leaves",
            "Raise the limit (ulimit -n), or set --max-visitors below it.",
        )

    def _handle(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            self.full()
        else:
            self._report_seldom(str(context["message"]), repr(error) if error else "")

    def _report_seldom(self, title: str, detail: str) -> None:
        if self._repeats.admit(title):
            self._report(ProblemFound(title, detail))
