"""A build step: a command line of the user's that runs to its end."""

from __future__ import annotations

from livereload_loc.events import Reporter
from livereload_loc.process.command import Command, describe_exit
from livereload_loc.process.display_name import short_name
from livereload_loc.process.output_log import OutputLog
from livereload_loc.protocol import Problem


class ShellCommand:
    """Runs a command line, and ends all that is left of it."""

    def __init__(self, line: str, report: Reporter) -> None:
        self._line, self._report = line, report

    async def __call__(self) -> Problem | None:
        """Run it; return the problem where it fails."""
        log = OutputLog(short_name(self._line.split()), self._report)
        code = await Command(("/bin/sh", "-c", self._line), log.add).run()
        if not code:
            return None
        printed = log.since(0.0)
        detail = "\n".join(filter(None, [f"It {describe_exit(code)}.", printed]))
        return Problem(f"Build failed: {self._line}", detail, printed=bool(printed))
