"""COMMAND: a dev server or build watcher that we start, show and stop, with all that it starts itself.

It runs on a pseudo-terminal, so that it keeps its colours and writes line by line, below a supervisor of a
few kilobytes that ends everything of it should we be killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import shutil
import socket
import struct
import sys
import termios
from collections.abc import Callable, Sequence
from pathlib import Path

from livereload_loc.errors import NoSuchCommand
from livereload_loc.process.display_name import short_name
from livereload_loc.process.keyboard import keyboard
from livereload_loc.process.terminal_lines import LineOutput

PATIENCE_SECONDS = 4.0
"""How long COMMAND may take to end in good order; then it is killed."""

FIRST_BACKOFF = 0.5
TRIES = 4
"""What has crashed so often again, within some 8 s, is left alone until somebody saves what may mend it."""

HEALTHY_SECONDS = 10.0
"""What lived for so long has not crashed at its start: the back-off begins anew."""

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_READ = 65_536


class Command:
    """Runs ``argv`` as long as :meth:`run` runs.

    ``say`` is called with each line of output; of what steers a terminal only colours are left in it.
    ``ended`` gets the exit code, minus the number of the signal that ended it, and the seconds after which it
    is started again, None where it is not: it is with ``restarting`` alone. ``appeared`` is called when a
    process appears below it while somebody watches for that. ``keyboard`` gives it what is typed to us.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        say: Callable[[str], None],
        ended: Callable[[int, float | None], None],
        appeared: Callable[[], None] | None = None,
        restarting: bool = False,
        keyboard: bool = False,
    ) -> None:
        self.name = short_name(argv)
        """The name of the program, for short."""
        self.failed: int | None = None
        """The exit code with which it ended, until it is started again; None where that was 0, for then the
        server that it started may live elsewhere."""
        self.crashed = asyncio.Event()
        """Set while it has failed."""
        self._argv = tuple(argv)
        self._say, self._ended, self._appeared = say, ended, appeared
        self._restarting, self._keyboard = restarting, keyboard
        self._run: _CommandRun | None = None
        self._wanted = asyncio.Event()
        self._started = asyncio.Event()

    async def run(self) -> None:
        """Start it, and carry on until cancelled, when it is ended before this returns.

        Raises:
            NoSuchCommand: it cannot be started, at the first attempt.
        """
        tries = 0
        first = True
        while True:
            self._wanted.clear()
            begun = asyncio.get_running_loop().time()
            failure, code = await self._once()
            if failure and first:
                raise NoSuchCommand(self._argv[0])
            first = False
            if self._wanted.is_set():
                tries = 0  # whoever wants it again has changed it: it is another one
                continue
            if asyncio.get_running_loop().time() - begun > HEALTHY_SECONDS:
                tries = 0
            again = FIRST_BACKOFF * 2**tries if self._restarting and code and tries < TRIES else None
            if code:
                self.failed = code
                self.crashed.set()
            self._ended(code, again)
            await self._pause(again)
            self.failed = None
            self.crashed.clear()
            tries = 0 if self._wanted.is_set() else tries + 1

    async def restart(self) -> None:
        """End it and start it anew; returns once that was tried."""
        self._started.clear()
        self._wanted.set()
        if self._run:
            self._run.stop()
        await self._started.wait()

    def watch_processes(self, seconds: float) -> None:
        """Look for new processes of it for so long."""
        if self._run:
            self._run.watch(seconds)

    async def _pause(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()

    async def _once(self) -> tuple[int, int]:
        """One life of it: the errno of a start that failed, and the exit code."""
        self._run = run = _CommandRun(self._argv, self._say, self._heard, keyboard=self._keyboard)
        try:
            await run.gone()
        finally:
            run.close()
            self._run = None
        return run.failure, run.code

    def _heard(self, word: str) -> None:
        if word in ("started", "failed"):
            if not self._wanted.is_set():  # else this one is about to end for the next
                self._started.set()
        elif word == "new" and self._appeared:
            self._appeared()


class _CommandRun:
    """One life of COMMAND: its supervisor, its terminal, and the channel between the supervisor and us."""

    def __init__(
        self,
        argv: Sequence[str],
        say: Callable[[str], None],
        heard: Callable[[str], None],
        *,
        keyboard: bool,
    ) -> None:
        self.failure = 0
        self.code = 0
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self._output = LineOutput(say)
        self._rest = b""
        self._ended = asyncio.Event()
        self._argv, self._keyboard = argv, keyboard
        self._screen, terminal = pty.openpty()
        self._ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as opened:
            opened.callback(os.close, terminal)
            opened.callback(theirs.close)
            _resize(self._screen)
            _quieten(terminal, echo=keyboard)
            self._argv_of_supervisor = (
                sys.executable, "-I", "-S", "-E", str(_SUPERVISOR),
                str(theirs.fileno()), str(terminal), str(PATIENCE_SECONDS), *argv,
            )  # fmt: skip
            self._pid = _spawn(self._argv_of_supervisor, (theirs.fileno(), terminal))
        os.set_blocking(self._screen, False)
        self._ours.setblocking(False)
        self._loop.add_reader(self._screen, self._read)
        self._loop.add_reader(self._ours, self._hear)

    async def gone(self) -> None:
        """Wait until nothing of it is left; when cancelled, end it first."""
        with keyboard(self._type, piped=True) if self._keyboard else contextlib.nullcontext():
            try:
                await self._ended.wait()
            except asyncio.CancelledError:
                self.stop()
                await self._ended.wait()
                raise

    def _type(self, typed: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._screen, typed)

    def stop(self) -> None:
        """Have everything of it ended: SIGTERM, and SIGKILL to what does not heed it."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_WR)

    def watch(self, seconds: float) -> None:
        """Have new processes told for so long."""
        with contextlib.suppress(OSError):
            self._ours.send(b"watch %g\n" % seconds)

    def close(self) -> None:
        """Show what it said last, and bury the supervisor."""
        for descriptor in (self._screen, self._ours):
            self._loop.remove_reader(descriptor)
        while self._read_once():
            pass
        self._output.write(b"", final=True)
        os.close(self._screen)
        self._ours.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    def _read(self) -> None:
        if not self._read_once():
            self._loop.remove_reader(self._screen)

    def _read_once(self) -> bool:
        """Whether there may be more."""
        try:
            data = os.read(self._screen, _READ)
        except BlockingIOError:
            return not self._ended.is_set()
        except OSError:  # the last process that held the terminal has gone
            return False
        self._output.write(data)
        return bool(data)

    def _hear(self) -> None:
        try:
            data = self._ours.recv(4096)
        except OSError:
            data = b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            word, _, value = line.decode("ascii", "replace").partition(" ")
            if word == "failed":
                self.failure, self.code = int(value), 127
            elif word == "exited":
                self.code = int(value)
                self.stop()  # what it leaves behind ends with it
            self._heard(word)
        if not data:
            self._loop.remove_reader(self._ours)
            self._ended.set()


def _spawn(argv: Sequence[str], passed: tuple[int, ...]) -> int:
    """Start the supervisor in a session of its own, which no Ctrl+C reaches."""
    for descriptor in passed:
        os.set_inheritable(descriptor, True)
    return os.posix_spawn(argv[0], list(argv), os.environ, setsid=True)


def _resize(screen: int) -> None:
    """Give the terminal the size of ours."""
    size = shutil.get_terminal_size()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, 0, 0))


def _quieten(terminal: int, *, echo: bool) -> None:
    """Lines end as they were written, and without a keyboard nothing is echoed."""
    flags = termios.tcgetattr(terminal)
    flags[1] &= ~termios.ONLCR
    if not echo:
        flags[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, flags)
