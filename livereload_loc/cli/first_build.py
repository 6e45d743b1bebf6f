"""The first build of a site, which ends with loc-dev: no server is there yet that would end it."""

from __future__ import annotations

import asyncio
import shlex
import signal
import sys

import click

from livereload_loc.errors import LocError, UnixNeeded
from livereload_loc.process.stop_signals import on_stop_signals, stop_signals
from livereload_loc.terminal.text import printable

# A build that is asked to end may take so long before it is killed.
PATIENCE_SECONDS = 2.0


class FirstBuildFailed(LocError):
    """The site that is to be served could not be built."""

    def __init__(self, line: str, code: int) -> None:
        self.line, self.code = line, code
        super().__init__(f"{line} failed with exit code {code}, so there is nothing to serve.")


def build(command: tuple[str, ...]) -> None:
    """Run ``command`` to its end, with its output on stderr.

    Raises:
        NoSuchCommand: it cannot be run.
        FirstBuildFailed: its exit code is not 0.
        KeyboardInterrupt: the user stopped it.
    """
    if sys.platform == "win32":
        raise UnixNeeded
    before = {number: signal.getsignal(number) for number in stop_signals()}
    try:
        code = asyncio.run(_run(command))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if code:
        raise FirstBuildFailed(printable(shlex.join(command)), code)


async def _run(command: tuple[str, ...]) -> int:
    from livereload_loc.process.command import Command

    running = Command(command, lambda line: click.echo(line, err=True), patience=PATIENCE_SECONDS).run()
    task = asyncio.ensure_future(running)
    with on_stop_signals(task.cancel):
        return await task
