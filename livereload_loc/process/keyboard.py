"""What is typed to us, key by key: without waiting for Enter, and never taken from another program."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator

# While the terminal is another program's (we are in the background), it is asked for so seldom.
AGAIN_SECONDS = 0.5

Typed = Callable[[bytes], None]
Resumed = Callable[[], None]


@contextlib.contextmanager
def keyboard(typed: Typed, *, back: Resumed | None = None, piped: bool = False) -> Iterator[bool]:
    """Call ``typed`` with what is typed, as long as the block runs; yield whether there is a terminal.

    ``back`` is called when we go on after a stop (Ctrl+Z). With ``piped``, what comes from a pipe is typed,
    too; else it is left alone. Ctrl+C and Ctrl+Z stay what they are. A process in the background that reads
    from its terminal, or sets it, would be stopped by the system (POSIX, General Terminal Interface,
    section 11.1.4), so that there we wait until we are brought to the front.
    """
    source, is_terminal = _open_stdin(piped=piped)
    if source is None:
        yield False
        return
    keys = _KeyReader(source, is_terminal, typed, back)
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError, RuntimeError):  # signals are the main thread's
        loop.add_signal_handler(signal.SIGCONT, keys.resume)
    keys.listen()
    try:
        yield is_terminal
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        keys.close()


def in_front(terminal: int) -> bool:
    """Return whether we may use ``terminal`` as we like: no other job has it just now."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except (AttributeError, OSError):  # it controls no session, or not ours: nobody is stopped there
        return True


def _open_stdin(*, piped: bool) -> tuple[int | None, bool]:
    """Return a descriptor that keys come from, None where there is none, and whether it is a terminal."""
    try:
        import termios  # noqa: F401 - not on Windows

        stdin = sys.stdin.fileno()
        if not os.isatty(stdin):
            return (os.dup(stdin) if piped else None), False
        # Not stdin itself: two programs that wait for the same key both wake up, and the second one would
        # wait in its read for ever. What others share with us is not ours to change.
        return os.open(os.ttyname(stdin), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK), True
    except (ImportError, AttributeError, OSError, ValueError):  # there is no stdin, or it is closed
        return None, False


class _KeyReader:
    """Reads from the descriptor ``source``, which it closes."""

    def __init__(self, source: int, is_terminal: bool, typed: Typed, back: Resumed | None) -> None:
        self._source, self._is_terminal, self._typed, self._back = source, is_terminal, typed, back
        self._before: list[object] | None = None  # how the terminal was when we were first in front
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def listen(self) -> None:
        """Read from now on, or as soon as we are in front."""
        self._timer = None
        if self._is_terminal:
            if not in_front(self._source):
                self._timer = self._loop.call_later(AGAIN_SECONDS, self.listen)
                return
            self._prepare()
        with contextlib.suppress(OSError):  # epoll takes no files: nobody types there
            self._loop.add_reader(self._source, self._read)

    def resume(self) -> None:
        """Go on after a stop: some shells leave the terminal as they use it themselves."""
        self._pause()
        self.listen()
        if self._back:
            self._back()

    def close(self) -> None:
        """Stop reading, and leave the terminal as it was."""
        import termios

        self._pause()
        if self._before and in_front(self._source):
            with contextlib.suppress(termios.error):  # the terminal has gone
                termios.tcsetattr(self._source, termios.TCSADRAIN, self._before)  # type: ignore[arg-type]
        os.close(self._source)

    def _prepare(self) -> None:
        """Have the terminal give single keys and echo none of them."""
        import termios
        import tty

        with contextlib.suppress(termios.error):
            if self._before is None:
                self._before = list(termios.tcgetattr(self._source))
            tty.setcbreak(self._source, termios.TCSANOW)

    def _pause(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._loop.remove_reader(self._source)

    def _read(self) -> None:
        if self._is_terminal and not in_front(self._source):
            self._pause()
            self.listen()
            return
        try:
            typed = os.read(self._source, 1024)
        except BlockingIOError:  # somebody else has read it
            return
        except OSError:  # the terminal has gone
            typed = b""
        if typed:
            self._typed(typed)
        else:
            self._loop.remove_reader(self._source)
