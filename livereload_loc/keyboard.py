"""What is typed to us, key by key: without waiting for Enter, and never stolen from another program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator

AGAIN_SECONDS = 0.5
"""While the terminal is another program's (we are in the background), it is asked for so seldom."""


@contextlib.contextmanager
def keyboard(typed: Callable[[bytes], None]) -> Iterator[bool]:
    """Call ``typed`` with what is typed, as long as the block runs; gives whether there is a terminal.

    What is piped to us is typed, too. Ctrl+C and Ctrl+Z stay what they are. A process in the background that
    reads from its terminal, or sets it, would be stopped by the system (POSIX, General Terminal Interface,
    section 11.1.4), so that there we wait until we are brought to the front.
    """
    try:
        import termios
        import tty
    except ImportError:  # Windows
        yield False
        return
    try:
        ours = sys.stdin.fileno()
        before = termios.tcgetattr(ours) if os.isatty(ours) else None
    except (AttributeError, OSError, ValueError):  # there is no stdin, or it is closed
        yield False
        return
    keys = _Keys(ours, before is not None, typed, lambda: tty.setcbreak(ours, termios.TCSANOW))
    keys.listen()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError, RuntimeError):  # signals are the main thread's
        loop.add_signal_handler(signal.SIGCONT, keys.again)
    try:
        yield before is not None
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        keys.close()
        if before and _in_front(ours):
            with contextlib.suppress(termios.error):  # the terminal has gone
                termios.tcsetattr(ours, termios.TCSADRAIN, before)


class _Keys:
    """Reads from the descriptor ``ours``; ``prepare`` makes its terminal give single keys."""

    def __init__(
        self, ours: int, is_terminal: bool, typed: Callable[[bytes], None], prepare: Callable[[], None]
    ) -> None:
        self._ours, self._is_terminal, self._typed, self._prepare = ours, is_terminal, typed, prepare
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def listen(self) -> None:
        """Read from now on, or from when we are in front on."""
        self._timer = None
        if self._is_terminal:
            if not _in_front(self._ours):
                self._wait()
                return
            self._prepare()
        with contextlib.suppress(OSError):  # epoll takes no files: nobody types there
            self._loop.add_reader(self._ours, self._read)

    def again(self) -> None:
        """Go on after a stop (Ctrl+Z): some shells leave the terminal as they use it themselves."""
        self.close()
        self.listen()

    def close(self) -> None:
        """Read no longer."""
        if self._timer:
            self._timer.cancel()
        self._loop.remove_reader(self._ours)

    def _read(self) -> None:
        if self._is_terminal and not _in_front(self._ours):
            self._loop.remove_reader(self._ours)
            self._wait()
            return
        try:
            typed = os.read(self._ours, 1024)
        except BlockingIOError:
            return
        except OSError:  # the terminal has gone
            typed = b""
        if typed:
            self._typed(typed)
        else:
            self._loop.remove_reader(self._ours)

    def _wait(self) -> None:
        self._timer = self._loop.call_later(AGAIN_SECONDS, self.listen)


def _in_front(terminal: int) -> bool:
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it controls no session, or not ours: nobody is stopped for reading from it
        return True
