"""The files that are watched, as they were when last looked at.

A folder is known by its path as the user sees it, and by its real path, which is what the system speaks
of: symbolic links may show one folder in several places. A folder is heard of *before* it is read, so
that nothing falls between; whatever differs from the last look is reported.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable

from livereload_loc.watcher.fingerprint import RecentFingerprints, signature
from livereload_loc.watcher.folder import ScanListener, WatchedDirectory
from livereload_loc.watcher.ignore.rules import VIRTUAL_ENVIRONMENT, IgnoreReason
from livereload_loc.watcher.sources.base import FileEventSource
from livereload_loc.watcher.subscriptions import Subscriptions

MUTE_FOLDERS = 64
"""So many ignored folders are heard of all the same, to be able to say why a save in them does nothing."""

_MUTE_DEPTH = 3


class WatchedTree:
    """All folders of all roots. ``stopping`` is called between folders and raises to end a long look."""

    def __init__(
        self,
        eye: FileEventSource,
        report: ScanListener,
        fresh: RecentFingerprints,
        stopping: Callable[[], None],
    ) -> None:
        self._report, self._fresh, self._stopping = report, fresh, stopping
        self.hearing = Subscriptions(eye, report)
        self._new: deque[WatchedDirectory] = deque()
        self._entering = False
        self._mutes = 0
        self.files = 0

    def plant(self, folder: WatchedDirectory) -> None:
        """Watch ``folder`` with everything below it."""
        self._enter(folder)

    def drop(self, folder: WatchedDirectory, told: bool = True) -> None:
        """Forget ``folder`` with everything below it; unless ``told`` is false, its files are reported."""
        if folder.parent is not None:
            folder.parent.folders.pop(folder.name, None)
        for each in list(folder.below()):
            self._forget(each, told)

    def record(self, folder: WatchedDirectory, name: str, status: os.stat_result | None) -> None:
        """What was told of a file, and is thereby known, in every folder that shows it."""
        for each in self.hearing.at(folder.real):
            if each.path == folder.path:
                self._put(each, name, None if status is None else signature(status))
        if status is not None:
            self._fresh.keep(folder.child(name), status)

    def rescan(self, folder: WatchedDirectory, again: bool) -> None:
        """Look at ``folder`` and all below it; ``again``: they may be other folders than before."""
        waiting = [folder]
        while waiting:
            each = waiting.pop()
            if each.dropped:
                continue
            if again:
                self.hearing.listen(each)
            known = list(each.folders.values())
            self.look(each)
            waiting.extend(known)

    def reread(self, folder: WatchedDirectory) -> None:
        """The rules in ``folder`` have changed: apply them to it and to all below it."""
        for each in folder.below():
            if each.parent is None:
                each.place = each.ignore.at_root()
            elif not each.mute:
                each.place = each.ignore.below(each.path, each.parent.place)
        self.rescan(folder, again=False)

    def look(self, folder: WatchedDirectory) -> None:
        """Compare the entries of ``folder`` with the record, and enter folders that are new in it.

        Where it can't be read, what is recorded of it stands.
        """
        self._stopping()
        if folder.only is not None:
            self.check(folder, folder.only, wrote=False, fresh=False)
            return
        try:
            with os.scandir(folder.path) as found:
                entries = {entry.name: entry for entry in found}
        except (FileNotFoundError, NotADirectoryError):
            if folder.parent is not None:
                self.drop(folder)
            return
        except OSError as error:
            folder.readable = False
            self._report.unreadable(folder, error)
            return
        folder.readable = True
        if "pyvenv.cfg" in entries and folder.parent is not None:
            self._become_environment(folder)
            return
        for name in [*folder.files, *folder.folders]:
            if name not in entries:
                self._vanished(folder, name)
        for name, entry in entries.items():
            self._compare(folder, name, entry)

    def check(self, folder: WatchedDirectory, name: str, wrote: bool, fresh: bool) -> None:
        """Look at one entry. ``wrote``: it is said to be written; ``fresh``: to be another than before."""
        path = folder.child(name)
        try:
            link = stat.S_ISLNK(os.lstat(path).st_mode)
        except OSError:
            if not self._vanished(folder, name) and (wrote or fresh):
                self._say_ignored(folder, name, present=False)
            return
        if name == "pyvenv.cfg" and folder.parent is not None:
            self._become_environment(folder)
            return
        # Heard of before it is looked at, and looked at once: what becomes of a target after that is told.
        self._follow(path, folder, name, link)
        status = _status(path)
        is_folder = status is not None and stat.S_ISDIR(status.st_mode)
        if not is_folder and folder.verdict(name, False):
            self._hide(folder, name)
            if wrote or fresh:
                self._say_ignored(folder, name, present=True)
        elif status is None:
            self._vanished(folder, name, linked=link)
        elif is_folder:
            self._compare_folder(folder, name, link, fresh)
        else:
            self._compare_file(folder, name, status, link, wrote)

    def _compare(self, folder: WatchedDirectory, name: str, entry: os.DirEntry[str]) -> None:
        try:
            if entry.is_symlink():
                self.check(folder, name, wrote=False, fresh=False)
                return
            is_folder = entry.is_dir()
            if not is_folder and folder.verdict(name, False):
                self._hide(folder, name)
                return
            status = None if is_folder else entry.stat()
        except OSError:  # gone since
            self._vanished(folder, name)
            return
        if status is None:
            self._compare_folder(folder, name, False, False)
        else:
            self._compare_file(folder, name, status, False, False)

    def _compare_file(
        self, folder: WatchedDirectory, name: str, status: os.stat_result, link: bool, wrote: bool
    ) -> None:
        if not stat.S_ISREG(status.st_mode):
            self._vanished(folder, name, linked=link)
            return
        if name in folder.folders:
            self.drop(folder.folders[name])
        before, path = folder.files.get(name), folder.child(name)
        now = signature(status)
        if before == now and not self._fresh.written(path, status, wrote):
            return
        if before is None:
            self._fresh.keep_if_young(path, status)
        self._put(folder, name, now)
        self._report.touched(folder, name, before, wrote)

    def _compare_folder(self, folder: WatchedDirectory, name: str, link: bool, fresh: bool) -> None:
        if name in folder.files:
            self._vanished(folder, name, linked=link)
        path = folder.child(name)
        real = os.path.realpath(path) if link else os.path.join(folder.real, name)
        known = folder.folders.get(name)
        if known is not None and known.real == real:
            if fresh or not known.readable:
                self.rescan(known, again=True)
            return
        if known is not None:
            self.drop(known)
        verdict = folder.verdict(name, True)
        if folder.only or folder.lies_in(real) or not self._may_enter(folder, verdict):
            return
        child = WatchedDirectory(path, real, folder.root, folder.ignore, folder.place)
        child.parent, child.mute = folder, verdict
        if not verdict:
            child.place = folder.ignore.below(path, folder.place)
        folder.folders[name] = child
        self._enter(child)

    def _vanished(self, folder: WatchedDirectory, name: str, linked: bool = False) -> bool:
        """``name`` is no more; whether it was known. ``linked``: a link that leads nowhere stays there."""
        if not linked:
            self.hearing.links.forget(folder.child(name))
        child = folder.folders.get(name)
        if child is not None:
            self.drop(child)
        before = folder.files.get(name)
        if before is not None:
            self._put(folder, name, None)
            self._report.touched(folder, name, before, False)
        return child is not None or before is not None

    def _hide(self, folder: WatchedDirectory, name: str) -> None:
        """``name`` is ignored, and no folder; whatever it was before, it is not watched any more."""
        self.hearing.links.forget(folder.child(name))
        child = folder.folders.get(name)
        if child is not None:
            self.drop(child)
        if name in folder.files:
            self._put(folder, name, None)
            self._report.hidden(folder.child(name))

    def _put(self, folder: WatchedDirectory, name: str, value: int | None) -> None:
        if folder.dropped:
            return
        self.files += (value is not None) - (name in folder.files)
        if value is None:
            folder.files.pop(name, None)
        else:
            folder.files[name] = value

    def _say_ignored(self, folder: WatchedDirectory, name: str, present: bool) -> None:
        verdict = folder.verdict(name, False)
        if verdict:
            self._report.ignored(folder, name, verdict, present)

    def _may_enter(self, folder: WatchedDirectory, verdict: IgnoreReason | None) -> bool:
        if verdict is None:
            return True
        return not verdict.noise and self._mutes < MUTE_FOLDERS and folder.mute_depth() < _MUTE_DEPTH

    def _become_environment(self, folder: WatchedDirectory) -> None:
        self.drop(folder, told=False)
        self._report.hidden(folder.path)
        if folder.parent is not None:
            self._report.ignored(folder.parent, folder.name, VIRTUAL_ENVIRONMENT, True)

    def _follow(self, path: str, folder: WatchedDirectory, name: str, link: bool) -> None:
        """Hear of the targets of a symbolic link, which lie elsewhere."""
        if link:
            self.hearing.links.follow(path, (folder, name))
        else:
            self.hearing.links.forget(path)

    def _enter(self, folder: WatchedDirectory) -> None:
        """Hear of ``folder``, then read it; those found in it come after it, not deeper in the stack."""
        self._mutes += folder.mute is not None
        self._new.append(folder)
        if self._entering:
            return
        self._entering = True
        try:
            while self._new:
                new = self._new.popleft()
                if not new.dropped:
                    self.hearing.enter(new)
                    self.look(new)
        finally:
            self._entering = False
            self._new.clear()

    def _forget(self, folder: WatchedDirectory, told: bool) -> None:
        files, folder.files, folder.folders = folder.files, {}, {}
        folder.dropped = True
        self.files -= len(files)
        self._mutes -= folder.mute is not None
        self.hearing.leave(folder)
        if told:
            for name, before in files.items():
                self._report.touched(folder, name, before, False)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:  # gone since, or a link that leads nowhere or in a circle
        return None
