"""What nobody has asked for and still happens in the event loop: said in a line, and the server goes on."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

from livereload_loc.events import ProblemFound, Reporter

AGAIN_SECONDS = 60.0
"""What goes on going wrong is said so often."""


class LoopErrorReporter:
    """Says what nobody has asked for, each kind once in a while; the server goes on."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._said: dict[str, float] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._hear)

    def full(self) -> None:
        """There are as many connections as there may be files."""
        self._say(
            "no file descriptor is left, so that nobody can come until somebody goes",
            "Raise the limit (ulimit -n), or set --max-visitors below it.",
        )

    def _hear(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
            self.full()
        else:
            self._say(str(context["message"]), repr(error) if error else "")

    def _say(self, title: str, detail: str) -> None:
        said = self._said.get(title)
        if said is None or self._loop.time() - said > AGAIN_SECONDS:
            self._said[title] = self._loop.time()
            self._report(ProblemFound(title, detail))
