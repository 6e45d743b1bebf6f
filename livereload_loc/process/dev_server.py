"""The user's programs as the rest sees them: the dev server that runs beside us, and the build step.

What they write is reported line by line; the last lines are kept, to say in the pages what went wrong.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque

from livereload_loc.backend import ListeningBackend
from livereload_loc.events import Info, ProblemFound, ProcessOutput, Reporter
from livereload_loc.process.command import Command
from livereload_loc.process.display_name import short_name
from livereload_loc.protocol import Problem
from livereload_loc.settings import Settings

LOOK_SECONDS = 0.25
"""How long we look, at most, whether somebody has the port of COMMAND already."""

SILENCE_SECONDS = 0.5
"""How long the end of COMMAND may take before a person would wonder."""

SHOWN_LINES = 60
"""So many last lines of a program that failed are shown in the page."""

_COLOURS = re.compile(r"\x1b\[[\d;:]*m")


class DevServer:
    """COMMAND, which is behind ``backend``, where that is known."""

    def __init__(self, settings: Settings, report: Reporter, backend: ListeningBackend | None) -> None:
        self._settings, self._report, self._backend = settings, report, backend
        self._last = _LastLines()
        self._taken = False
        self._command = Command(
            settings.command,
            say=self._say,
            ended=self._ended,
            appeared=backend.hint if backend else None,
            restarting=bool(settings.restart),
            keyboard=settings.keys == "off",
        )

    async def run(self) -> None:
        """Run it until cancelled. Raises NoSuchCommand where it cannot be started."""
        self._taken = self._backend is not None and await self._backend.listens(LOOK_SECONDS)
        running = asyncio.create_task(self._command.run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            running.cancel()
            if not (await asyncio.wait((running,), timeout=SILENCE_SECONDS))[0]:
                self._report(Info(f"waiting for {self._command.name} to end"))
                await asyncio.wait((running,))
            raise

    async def restart(self) -> None:
        """End it and start it anew; returns once it was started."""
        await self._command.restart()

    async def crash(self) -> str:
        """Wait until it has ended with an error, if it has not; how it did."""
        await self._command.crashed.wait()
        return self.failure

    def printed(self, since: float) -> str:
        """The last lines that it wrote after ``since``, of the steady clock in seconds."""
        return self._last.since(since)

    def watch_processes(self, seconds: float) -> None:
        """Look for new processes of it for so long."""
        self._command.watch_processes(seconds)

    @property
    def failure(self) -> str:
        """How it has ended with an error and was not started again so far; empty where it has not."""
        code = self._command.failed
        return "" if code is None else f"{self._command.name} {_how(code)}"

    @property
    def gone(self) -> str:
        """Why what it serves will not come by itself; empty where it may, as what is somebody else's."""
        return "" if self._taken else self.failure

    def _say(self, line: str) -> None:
        self._last.add(line)
        self._report(ProcessOutput(self._command.name, line))

    def _ended(self, code: int, again: float | None) -> None:
        if again is not None:
            further = f"It starts again in {again:g} s."
        elif code and self._taken:
            url = self._settings.upstream or self._settings.wait_for
            further = f"Something else listened at {url} before: is it what you see? loc-dev goes on."
        elif code and self._settings.restart:
            further = "loc-dev goes on without it. It starts again after the next save that --restart names."
        elif code:
            further = "loc-dev goes on without it. With --restart GLOB it starts again after a save."
        else:
            further = "loc-dev goes on without it."
        self._report(ProblemFound(f"{self._command.name} {_how(code)}", further))


class ShellCommand:
    """Runs a command line, each time anew, and ends all that is left of it."""

    def __init__(self, line: str, report: Reporter) -> None:
        self._line, self._report = line, report
        self._name = short_name(line.split())

    async def __call__(self) -> Problem | None:
        """Run it; the problem, where it fails."""
        last = _LastLines()
        ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def say(line: str) -> None:
            last.add(line)
            self._report(ProcessOutput(self._name, line))

        def end(code: int, again: float | None) -> None:
            ended.set_result(code)

        command = Command(("/bin/sh", "-c", self._line), say=say, ended=end)
        running = asyncio.create_task(command.run())
        try:
            await asyncio.wait((running, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            running.cancel()
            await asyncio.wait((running,))
        if not ended.done():
            running.result()  # it could not even be started
        code = ended.result()
        return Problem(f"{self._line} {_how(code)}", last.since(0.0), printed=True) if code else None


class _LastLines:
    """The last lines of a program, without colours, and when they came."""

    def __init__(self) -> None:
        self._lines: deque[tuple[float, str]] = deque(maxlen=SHOWN_LINES)

    def add(self, line: str) -> None:
        self._lines.append((time.monotonic(), _COLOURS.sub("", line)))

    def since(self, when: float) -> str:
        return "\n".join(line for at, line in self._lines if at >= when)


def _how(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
