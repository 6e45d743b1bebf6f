"""Subscribes to the events of folders, or marks them for polling."""

from __future__ import annotations

import errno
import os

from livereload_loc.watcher.folder import WatchedFolder
from livereload_loc.watcher.notices import WatchNotice, out_of_watches, polling, unreadable
from livereload_loc.watcher.outside_paths import OutsidePaths
from livereload_loc.watcher.system import WatchSystem


class Subscriptions:
    """Maps real paths to folders, and subscribes to the real paths that are needed.

    ``polled`` are the folders without events; ``over_limit`` are those of them for which the system has no
    watch left.
    """

    def __init__(self, system: WatchSystem) -> None:
        self._system, self._source = system, system.source
        self._by_real: dict[str, list[WatchedFolder]] = {}
        self.outside = OutsidePaths(self._source, self._by_real)
        self.polled: set[WatchedFolder] = set()
        self.over_limit: set[WatchedFolder] = set()
        self._limit = 0  # the errno that the system refused with
        self._retry_due = 0.0

    def at(self, real: str) -> list[WatchedFolder]:
        """Return the folders whose real path is ``real``."""
        return list(self._by_real.get(real, ()))

    def add(self, folder: WatchedFolder) -> list[WatchNotice]:
        self._by_real.setdefault(folder.real, []).append(folder)
        return self.renew(folder)

    def renew(self, folder: WatchedFolder) -> list[WatchNotice]:
        """Subscribe to ``folder`` from now on, or poll it where the system does not report its events."""
        notices: list[WatchNotice] = []
        eventless = limited = False
        try:
            if not folder.ignored:
                device = os.stat(folder.path).st_dev
                kind = self._system.eventless.get(device)
                eventless = self._system.polls_all or kind is not None
                if kind is not None:
                    notices.append(polling(folder.path, kind, device))
            self._source.add(folder.real)
        except (FileNotFoundError, NotADirectoryError):
            pass  # the scan that follows finds out
        except PermissionError as error:
            notices.append(unreadable(folder.path, error))
        except OSError as error:
            limited = not folder.ignored
            self._limit = error.errno or errno.ENOSPC
        (self.over_limit.add if limited else self.over_limit.discard)(folder)
        (self.polled.add if eventless or limited else self.polled.discard)(folder)
        return notices

    def remove(self, folder: WatchedFolder) -> None:
        self.polled.discard(folder)
        self.over_limit.discard(folder)
        self.outside.forget_below(folder.path)
        same = self._by_real.get(folder.real, [])
        if folder in same:
            same.remove(folder)
        if not same:
            self._by_real.pop(folder.real, None)
            self.outside.lost(folder.real)
            if not self.outside.needs(folder.real):
                self._source.remove(folder.real)

    def is_local(self, folder: WatchedFolder) -> bool:
        """Return whether files in ``folder`` are written on this machine, as far as is known."""
        return folder not in self.polled or folder in self.over_limit

    def retry(self, now: float) -> list[WatchNotice]:
        """Retry, when it is time, the subscriptions that were over the system's limit."""
        notices: list[WatchNotice] = []
        if self.over_limit and now >= self._retry_due:
            self._retry_due = now + self._system.retry
            for folder in list(self.over_limit):
                notices += self.renew(folder)
                if folder in self.over_limit:
                    break
        if self.over_limit:
            name = "watches" if self._limit in (errno.ENOSPC, errno.ENOMEM) else "instances"  # inotify(7)
            notices.append(out_of_watches(len(self.over_limit), f"fs.inotify.max_user_{name}"))
        return notices
