"""Has whoever writes this file finished?

On Linux that can be asked exactly: fcntl(2), F_SETLEASE. A read lease is refused with EAGAIN while any
process has the file open for writing. Elsewhere, and where leases are not to be had (files of other
users, most network and FUSE file systems), a size and mtime that stand still have to do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys

STILL = 0.01
"""Seconds between two equal looks after which a file counts as finished where no lease tells."""

STILL_FAR = 0.05
"""The same where writers may sit on another machine, whose writes arrive in lumps."""


def has_writer(path: str) -> bool | None:
    """Whether some process has ``path`` open for writing; None where the system does not tell.

    Takes about 15 microseconds.
    """
    if sys.platform != "linux":
        return None
    else:  # noqa: RET505 - for mypy, which looks at one system at a time
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return _lease_is_refused(fd) if stat.S_ISREG(os.fstat(fd).st_mode) else None
        finally:
            os.close(fd)


def _lease_is_refused(fd: int) -> bool | None:
    """A process that opens the file for writing while the lease stands (a few microseconds) is delayed by
    them, and the kernel signals us: with SIGURG, which is ignored by default, instead of SIGIO, which kills.
    """
    if sys.platform != "linux":
        return None
    else:  # noqa: RET505 - as above
        import fcntl  # there is none on Windows

        try:
            fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except OSError as error:
            return True if error.errno == errno.EAGAIN else None
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        return False


class OwnOutputs:
    """The files that our own output goes to, as in ``loc-dev serve > loc.log``: a line of ours about them
    would make the next one."""

    WHY = "our own output goes there"

    def __init__(self) -> None:
        self._files = set()
        for fd in (1, 2):
            with contextlib.suppress(OSError):  # there may be none
                status = os.fstat(fd)
                if stat.S_ISREG(status.st_mode):
                    self._files.add(_identity(status))

    def __contains__(self, path: str) -> bool:
        with contextlib.suppress(OSError):
            return bool(self._files) and _identity(os.stat(path)) in self._files
        return False


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


class StillnessProbe:
    """Whether files stand still, from looks at them."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[int, float]] = {}

    def still(self, path: str, signature: int, now: float, span: float) -> bool:
        """Whether ``path`` has had ``signature`` at two looks that lie ``span`` seconds apart."""
        known, since = self._since.get(path, (None, now))
        if known != signature:
            self._since[path] = (signature, now)
            return False
        return now - since >= span

    def forget(self, path: str) -> None:
        self._since.pop(path, None)
