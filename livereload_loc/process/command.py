"""A program of the user's that we start, show and stop, with all that it starts itself.

It runs on a pseudo-terminal, so that it keeps its colours and writes line by line, below a supervisor of a
few kilobytes that ends all of it should we be killed.
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
from livereload_loc.process.keyboard import keyboard
from livereload_loc.process.terminal_lines import LineOutput

# How long a program may take to end in good order; then it is killed.
PATIENCE_SECONDS = 4.0

_SUPERVISOR = str(Path(__file__).with_name("supervisor.py"))
_READ = 65_536


class Command:
    """One run of ``argv``: its supervisor, its terminal, and the channel between the supervisor and us.

    ``on_line`` gets each line of output, in which only colours are left of what controls a terminal.
    ``on_event`` gets the first word of what the supervisor writes (its module lists them). With ``keyboard``,
    the program gets what is typed to us.
    """

    def __init__(
        self,
        argv: Sequence[str],
        on_line: Callable[[str], None],
        on_event: Callable[[str], None] | None = None,
        *,
        keyboard: bool = False,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._argv, self._on_event, self._keyboard = argv, on_event, keyboard
        self._code = 0
        self._failed = False
        self._loop = asyncio.get_running_loop()
        self._output = LineOutput(on_line)
        self._rest = b""
        self._ended = asyncio.Event()
        self._screen, terminal = pty.openpty()
        self._ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as opened:
            opened.callback(os.close, terminal)
            opened.callback(theirs.close)
            _set_up(terminal, echo=keyboard)
            for descriptor in (theirs.fileno(), terminal):
                os.set_inheritable(descriptor, True)
            supervised = (_SUPERVISOR, str(theirs.fileno()), str(terminal), str(patience), *argv)
            command = (sys.executable, "-I", "-S", "-E", *supervised)
            # A session of its own, which no Ctrl+C reaches.
            self._pid = os.posix_spawn(command[0], command, os.environ, setsid=True)
        os.set_blocking(self._screen, False)
        self._ours.setblocking(False)
        self._loop.add_reader(self._screen, self._read)
        self._loop.add_reader(self._ours, self._read_events)

    async def run(self) -> int:
        """Wait until nothing of it is left; when cancelled, end it first.

        Returns the exit code, or minus the number of the signal that ended it.

        Raises:
            NoSuchCommand: it cannot be started.
        """
        try:
            with keyboard(self._type, piped=True) if self._keyboard else contextlib.nullcontext():
                try:
                    await self._ended.wait()
                except asyncio.CancelledError:
                    self.stop()
                    await self._ended.wait()
                    raise
        finally:
            self._close()
        if self._failed:
            raise NoSuchCommand(self._argv[0])
        return self._code

    def _type(self, typed: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._screen, typed)

    def stop(self) -> None:
        """Have the supervisor end all of it: SIGTERM, and SIGKILL to what does not heed it."""
        with contextlib.suppress(OSError):
            self._ours.shutdown(socket.SHUT_WR)

    def watch(self, seconds: float) -> None:
        """Have the supervisor tell of new processes for so long."""
        with contextlib.suppress(OSError):
            self._ours.send(b"watch %g\n" % seconds)

    def _close(self) -> None:
        """Show what it wrote last, and reap the supervisor."""
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
        """Pass output on; return whether there may be more."""
        try:
            data = os.read(self._screen, _READ)
        except BlockingIOError:
            return not self._ended.is_set()
        except OSError:  # the last process that held the terminal has gone
            return False
        self._output.write(data)
        return bool(data)

    def _read_events(self) -> None:
        try:
            data = self._ours.recv(4096)
        except OSError:
            data = b""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            word, _, value = line.decode("ascii", "replace").partition(" ")
            if word == "failed":
                self._failed = True
            elif word == "exited":
                self._code = int(value)
                self.stop()  # what it leaves behind ends with it
            if self._on_event:
                self._on_event(word)
        if not data:
            self._loop.remove_reader(self._ours)
            self._ended.set()


def describe_exit(code: int) -> str:
    """Return how a program ended, to follow its name."""
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _set_up(terminal: int, *, echo: bool) -> None:
    """Give the terminal the size of ours, have lines end as they were written;
    without ``echo``, show nothing that is typed."""
    size = shutil.get_terminal_size()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, 0, 0))
    flags = termios.tcgetattr(terminal)
    flags[1] &= ~termios.ONLCR
    if not echo:
        flags[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, flags)
