"""Which folders the system tells of, and which have to be polled instead."""

from __future__ import annotations

import errno
import os

from livereload_loc.watcher.folder import ScanListener, WatchedDirectory
from livereload_loc.watcher.sources.base import FileEventSource
from livereload_loc.watcher.symlinks import SymlinkTracker


class Subscriptions:
    """Keeps for each real path the folders that show it, and ``eye`` set on those paths that matter."""

    def __init__(self, eye: FileEventSource, report: ScanListener) -> None:
        self._eye, self._report = eye, report
        self._by_real: dict[str, list[WatchedDirectory]] = {}
        self.links = SymlinkTracker(eye.add, self._leave)
        self.polled: set[WatchedDirectory] = set()
        self.unheard: set[WatchedDirectory] = set()
        """Those of ``polled`` for which the system has no watch left..."""
        self.limit = 0
        """...and the errno with which it said so."""

    def at(self, real: str) -> list[WatchedDirectory]:
        """The folders whose real path is ``real``."""
        return list(self._by_real.get(real, ()))

    def enter(self, folder: WatchedDirectory) -> None:
        self._by_real.setdefault(folder.real, []).append(folder)
        self.listen(folder)

    def listen(self, folder: WatchedDirectory) -> None:
        """Hear of what happens in ``folder`` from now on, or poll it where that can't be had."""
        far = limited = False
        try:
            far = not folder.mute and self._report.far(folder, os.stat(folder.path).st_dev)
            self._eye.add(folder.real)
        except (FileNotFoundError, NotADirectoryError):
            pass  # the look that follows finds out
        except PermissionError as error:
            self._report.unreadable(folder, error)
        except OSError as error:
            limited = not folder.mute
            self.limit = error.errno or errno.ENOSPC
        (self.unheard.add if limited else self.unheard.discard)(folder)
        (self.polled.add if far or limited else self.polled.discard)(folder)

    def leave(self, folder: WatchedDirectory) -> None:
        self.polled.discard(folder)
        self.unheard.discard(folder)
        self.links.forget_below(folder.path)
        same = self._by_real.get(folder.real, [])
        if folder in same:
            same.remove(folder)
        if not same:
            self._by_real.pop(folder.real, None)
            self.links.lost(folder.real)
            self._leave(folder.real)

    def retry(self) -> None:
        """Try for the folders that the system had no watch for."""
        for folder in list(self.unheard):
            self.listen(folder)
            if folder in self.unheard:
                return

    def sysctl(self) -> str:
        """The limit that is used up, inotify(7)."""
        name = "watches" if self.limit in (errno.ENOSPC, errno.ENOMEM) else "instances"
        return f"fs.inotify.max_user_{name}"

    def _leave(self, real: str) -> None:
        if real not in self._by_real and not self.links.needs(real):
            self._eye.drop(real)
