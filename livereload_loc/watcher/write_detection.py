"""Detects whether a file is still being written.

On Linux the kernel knows: fcntl(2), F_SETLEASE. A read lease is refused with EAGAIN while any
process has the file open for writing. Elsewhere, and where no lease is granted (files of other users, most
network and FUSE file systems), a file counts as complete when its size and mtime stay the same for a moment.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys
import time

from livereload_loc.watcher.debounce import PendingFile, WriteState
from livereload_loc.watcher.fingerprint import signature
from livereload_loc.watcher.sources.base import RawFileEvent
from livereload_loc.watcher.subscriptions import Subscriptions

# Without a lease, a file counts as complete after so many seconds without a change: more for writers on
# another machine, whose writes arrive in bursts.
UNCHANGED = 0.01
UNCHANGED_REMOTE = 0.05


class WriteDetector:
    """Implements :class:`~livereload_loc.watcher.debounce.FileTests` with the file system."""

    def __init__(self, subscriptions: Subscriptions, leases: bool) -> None:
        self._subscriptions, self._leases = subscriptions, leases
        self._open: set[str] = set()  # written, and not reported closed

    def note(self, path: str, event: RawFileEvent) -> None:
        """Record whether a writer of ``path`` has it open, as ``event`` says."""
        if event.open:
            self._open.add(path)
        elif event.open is not None:
            self._open.discard(path)

    def state(self, file: PendingFile) -> WriteState:
        status = file.folder.file_status(file.name)
        if status is None:
            lost = file.folder.root.missing_since is not None
            return WriteState.LOST if lost else WriteState.GONE
        writing = has_writer(file.path) if self._leases else None
        local = self._subscriptions.is_local(file.folder)
        if not local or writing is None:  # no lease tells of writers on other machines
            writing = writing or file.path in self._open
            if not writing:
                unchanged = file.note_signature(signature(status), time.monotonic())
                writing = unchanged < (UNCHANGED if local else UNCHANGED_REMOTE)
        if writing:
            return WriteState.WRITING
        return WriteState.COMPLETE if status.st_size else WriteState.EMPTY


def has_writer(path: str) -> bool | None:
    """Return whether some process has ``path`` open for writing; None where the system does not say.

    Takes about 15 microseconds, and delays a process that opens the file for writing meanwhile by that much.
    """
    if sys.platform != "linux":
        return None
    else:  # noqa: RET505 - for mypy, which looks at one system at a time
        import fcntl  # there is none on Windows

        try:
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                return None
            # The kernel signals us when such a process comes: not with SIGIO, which kills by default.
            fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            with contextlib.suppress(OSError):
                fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError as error:
            return True if error.errno == errno.EAGAIN else None
        else:
            return False
        finally:
            os.close(fd)
