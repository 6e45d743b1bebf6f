"""File events from the Linux kernel, straight from inotify(7).

``watchfiles`` reports neither closed files (IN_CLOSE_WRITE) nor a queue that overflowed (IN_Q_OVERFLOW),
stops at a name that is not UTF-8, cannot add a folder, and has to be polled every few
milliseconds. Here the thread sleeps in poll(2) until something happens, so that an idle watch costs
nothing. Each folder is added by itself: ignored ones take not even a watch descriptor.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import select
import struct
import sys
import time

from livereload_loc.watcher.sources.base import PollResult, RawFileEvent

assert sys.platform == "linux"

_MODIFY, _ATTRIB, _CLOSE_WRITE = 0x2, 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_UNMOUNT, _Q_OVERFLOW, _IGNORED = 0x2000, 0x4000, 0x8000
_ONLYDIR, _EXCL_UNLINK = 0x01000000, 0x04000000

_ENTRY_REPLACED = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_SELF_REPLACED = _DELETE_SELF | _MOVE_SELF | _UNMOUNT
_MASK = (
    _MODIFY | _ATTRIB | _CLOSE_WRITE | _ENTRY_REPLACED | _DELETE_SELF | _MOVE_SELF | _ONLYDIR | _EXCL_UNLINK
)

# poll(2) counts in whole milliseconds, rounded up: shorter waits, such as the lull after a save, sleep.
_TICK = 0.002

_HEADER = struct.Struct("iIII")
_BUFFER = 1 << 16

# Buffers read in one wait: more than the kernel's whole default queue, yet bounded.
_READS = 64


class InotifySource:
    """Reports events on Linux.

    The inotify instance is created with the first folder, so that a system that has none left
    (``fs.inotify.max_user_instances``, EMFILE) can be asked again later.
    """

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = -1
        self._folders: dict[int, str] = {}
        self._watches: dict[str, int] = {}
        self._wakeup = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._poll = select.poll()
        self._poll.register(self._wakeup, select.POLLIN)

    def add(self, folder: str) -> None:
        if self._fd < 0:
            fd: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            if fd < 0:
                raise _error(folder)
            self._fd = fd
            self._poll.register(fd, select.POLLIN)
        watch: int = self._libc.inotify_add_watch(self._fd, os.fsencode(folder), _MASK)
        if watch < 0:
            raise _error(folder)
        # One inode has one descriptor, and goes by the name that it was added under last.
        self._folders[watch] = folder
        self._watches[folder] = watch

    def remove(self, folder: str) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None and self._folders.get(watch) == folder:
            del self._folders[watch]
            self._libc.inotify_rm_watch(self._fd, watch)

    def wait(self, seconds: float, interval: float) -> PollResult:
        if seconds <= _TICK:
            time.sleep(max(0.0, seconds))
            seconds = 0.0
        self._poll.poll(seconds * 1000)
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wakeup)
        return self._read() if self._fd >= 0 else PollResult()

    def wake(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed: nobody waits any more
            os.eventfd_write(self._wakeup, 1)

    def close(self) -> None:
        for fd in (self._fd, self._wakeup):
            if fd >= 0:
                os.close(fd)
        self._fd = self._wakeup = -1

    def _read(self) -> PollResult:
        masks: dict[tuple[str, str], int] = {}
        lost = False
        for _ in range(_READS):
            try:
                data = os.read(self._fd, _BUFFER)
            except BlockingIOError:
                break
            lost |= self._parse(data, masks)
        return PollResult([_event(folder, name, mask) for (folder, name), mask in masks.items()], lost)

    def _parse(self, data: bytes, masks: dict[tuple[str, str], int]) -> bool:
        """Add the events of ``data`` to ``masks``, by entry, and return whether the queue overflowed."""
        lost = False
        at = 0
        while at < len(data):
            watch, mask, _cookie, length = _HEADER.unpack_from(data, at)
            at += _HEADER.size + length
            if mask & _Q_OVERFLOW:
                lost = True
            folder = self._folders.get(watch)
            if folder is None:
                continue
            if mask & _IGNORED:  # the kernel has removed the watch: its folder is gone
                del self._folders[watch]
                if self._watches.get(folder) == watch:
                    del self._watches[folder]
                masks[folder, ""] = masks.get((folder, ""), 0) | _DELETE_SELF
                continue
            key = (folder, os.fsdecode(data[at - length : at].rstrip(b"\0")))
            earlier = masks.get(key, 0)
            if mask & _MODIFY:  # written again after it was closed
                earlier &= ~_CLOSE_WRITE
            masks[key] = earlier | mask
        return lost


def _event(folder: str, name: str, mask: int) -> RawFileEvent:
    written = bool(mask & _MODIFY)
    replaced = bool(mask & (_ENTRY_REPLACED if name else _SELF_REPLACED))
    closed = mask & _CLOSE_WRITE or (replaced and not written)
    return RawFileEvent(folder, name, written, replaced, False if closed else written or None)


def _error(folder: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number or errno.EIO, os.strerror(number), folder)
