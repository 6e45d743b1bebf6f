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
def keyboard(
    typed: Callable[[bytes], None], *, back: Callable[[], None] = lambda: None, piped: bool = False
) -> Iterator[bool]:
    """Call ``typed`` with what is typed, as long as the block runs; gives whether there is a terminal.

    ``back`` is called when we go on after a stop (Ctrl+Z). With ``piped``, what comes from a pipe is typed,
    too; else it is left alone. Ctrl+C and Ctrl+Z stay what they are. A process in the background that reads
    from its terminal, or sets it, would be stopped by the system (POSIX, General Terminal Interface,
    section 11.1.4), so that there we wait until we are brought to the front.
    """
    keys = _opened(typed, back, piped=piped)
    if keys is None:
        yield False
        return
    loop = asyncio.get_running_loop()
    with contextlib.suppress(ValueError, RuntimeError):  # signals are the main thread's
        loop.add_signal_handler(signal.SIGCONT, keys.again)
    keys.listen()
    try:
        yield keys.is_terminal
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        keys.close()


def in_front(terminal: int) -> bool:
    """Whether we may write to and read from ``terminal`` as we like: no other job has it just now."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except (AttributeError, OSError):  # it controls no session, or not ours: nobody is stopped there
        return True


def _opened(typed: Callable[[bytes], None], back: Callable[[], None], *, piped: bool) -> _KeyReader | None:
    """What reads the keyboard; None where there is none."""
    try:
        import termios  # noqa: F401 - not on Windows
    except ImportError:
        return None
    try:
        ours = sys.stdin.fileno()
        if not os.isatty(ours):
            return _KeyReader(os.dup(ours), typed, back, is_terminal=False) if piped else None
        # Not stdin itself: two programs that wait for the same key both wake up, and the second one would
        # wait in its read for ever. What others share with us is not ours to change.
        own = os.open(os.ttyname(ours), os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except (AttributeError, OSError, ValueError):  # there is no stdin, or it is closed
        return None
    return _KeyReader(own, typed, back, is_terminal=True)


class _KeyReader:
    """Reads from the descriptor ``own``, which it closes."""

    def __init__(
        self, own: int, typed: Callable[[bytes], None], back: Callable[[], None], *, is_terminal: bool
    ) -> None:
        self.is_terminal = is_terminal
        self._own, self._typed, self._back = own, typed, back
        self._before: list[object] | None = None  # how the terminal was when we were first in front
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def listen(self) -> None:
        """Read from now on, or from when we are in front on."""
        self._timer = None
        if self.is_terminal:
            if not in_front(self._own):
                self._timer = self._loop.call_later(AGAIN_SECONDS, self.listen)
                return
            self._prepare()
        with contextlib.suppress(OSError):  # epoll takes no files: nobody types there
            self._loop.add_reader(self._own, self._read)

    def again(self) -> None:
        """Go on after a stop: some shells leave the terminal as they use it themselves."""
        self._pause()
        self.listen()
        self._back()

    def close(self) -> None:
        """Read no longer, and leave the terminal as it was."""
        import termios

        self._pause()
        if self._before and in_front(self._own):
            with contextlib.suppress(termios.error):  # the terminal has gone
                termios.tcsetattr(self._own, termios.TCSADRAIN, self._before)  # type: ignore[arg-type]
        os.close(self._own)

    def _prepare(self) -> None:
        """Have the terminal give single keys, and show none of them."""
        import termios
        import tty

        with contextlib.suppress(termios.error):
            if self._before is None:
                self._before = list(termios.tcgetattr(self._own))
            tty.setcbreak(self._own, termios.TCSANOW)

    def _pause(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._loop.remove_reader(self._own)

    def _read(self) -> None:
        if self.is_terminal and not in_front(self._own):
            self._pause()
            self.listen()
            return
        try:
            typed = os.read(self._own, 1024)
        except BlockingIOError:  # somebody else has read it
            return
        except OSError:  # the terminal has gone
            typed = b""
        if typed:
            self._typed(typed)
        else:
            self._loop.remove_reader(self._own)
