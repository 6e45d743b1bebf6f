"""The first build of a site, which ends with loc-dev: no server is there yet that would end it."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from livereload_loc.errors import LocError, NoSuchCommand
from livereload_loc.terminal.text import printable

if TYPE_CHECKING:
    from types import FrameType

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
    """
    import subprocess

    try:
        # In a session of its own, so that it can be ended with all that it starts.
        process = subprocess.Popen(  # noqa: S603 - it was shown just now
            command, stdout=sys.stderr.fileno(), start_new_session=True
        )
    except OSError:
        raise NoSuchCommand(command[0]) from None

    def end(_number: int, _frame: FrameType | None) -> None:
        _end(process.pid)
        os._exit(0)

    before = {number: signal.signal(number, end) for number in _stop_signals()}
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if code:
        raise FirstBuildFailed(printable(shlex.join(command)), code)


def _stop_signals() -> Iterator[int]:
    """Yield the signals that ask us to end. SIGHUP is none under nohup, whose user wants us to stay."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            yield number


def _end(leader: int) -> None:
    """End a build and all that it started: with SIGTERM, then with SIGKILL what is left."""
    if sys.platform == "win32":
        os.kill(leader, signal.SIGTERM)
        return
    with suppress(OSError):
        os.killpg(leader, signal.SIGTERM)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(ChildProcessError):
                os.waitpid(leader, os.WNOHANG)  # a process stays in its group until it is waited for
            os.killpg(leader, 0)  # an error once none is left
            time.sleep(0.02)
        os.killpg(leader, signal.SIGKILL)
