"""Which file a page or an asset is, whether it is watched, and how the watcher fares."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from livereload_loc.doctor.finding import Finding
from livereload_loc.watcher.ignore.rules import IgnoreReason, IgnoreRules


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """What a server of ours says of its watch; ``files`` is None where it does not say how many they are."""

    roots: tuple[str, ...]
    files: int | None = None
    polled: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    gitignore: bool = True

    @classmethod
    def read(cls, status: object) -> WatchedFolder | None:
        """What its status, JSON of any kind, tells; None where it does not say what is watched."""
        if not isinstance(status, dict) or not isinstance(status.get("watching"), list):
            return None
        watcher = status.get("watcher")
        watcher = watcher if isinstance(watcher, dict) else {}
        files = watcher.get("files")
        return cls(
            _texts(status["watching"]),
            files if isinstance(files, int) else None,
            _texts(watcher.get("polled")),
            _texts(watcher.get("ignore")),
            watcher.get("gitignore") is not False,
        )

    def findings(self) -> Iterator[Finding]:
        """What is watched, and how."""
        many = "" if self.files is None else f" ({self.files:,} files)"
        yield Finding(True, f"watched is {', '.join(self.roots)}{many}")
        if self.polled:
            yield Finding(True, f"no events come from {', '.join(self.polled)}: looked at again and again")

    def file_of(self, path: str, called: str = "") -> Finding | None:
        """The file that a URL path means, by the longest trailing run of its segments, and whether its saves
        are told; None where there is none."""
        called = called or path
        segments = [part for part in path.split("/") if part not in ("", ".", "..")]
        for start in range(len(segments)):
            for root in self.roots:
                file = os.path.join(root, *segments[start:])
                if segments[start:] == [os.path.basename(root)] and os.path.isfile(root):
                    return Finding(True, f"{called} is {root}")
                if os.path.isfile(file):
                    verdict = self._ignored(root, segments[start:])
                    if verdict is None:
                        return Finding(True, f"{called} is {file}")
                    cure = "Saves of it are not told. Take that rule away, or name the file or its folder."
                    return Finding(False, f"{called} is {file}, which is not watched: {verdict.why}", cure)
        return None

    def _ignored(self, root: str, parts: list[str]) -> IgnoreReason | None:
        rules = IgnoreRules(root, self.ignore, self.gitignore)
        place, folder = rules.at_root(), root
        for number, part in enumerate(parts, 1):
            path = os.path.join(folder, part)
            verdict = rules.verdict(path, number < len(parts), place)
            if verdict or number == len(parts):
                return verdict
            place, folder = rules.below(path, place), path
        return None


def page_of(path: str, watched: WatchedFolder) -> Finding:
    """Which file a page is, where it is one."""
    candidates = [path + "index.html", path + "index.php"] if path.endswith("/") else [path, f"{path}.html"]
    for candidate in candidates:
        found = watched.file_of(candidate, "the page")
        if found:
            return found
    return Finding(True, "the page is no file of what is watched: your server makes it")


def watcher_health() -> Iterator[Finding]:
    """How near the system's bound for watches is."""
    try:
        with open("/proc/sys/fs/inotify/max_user_watches") as file:
            most = int(file.read())
    except (OSError, ValueError):
        return  # no Linux
    used = 0
    for process in filter(str.isdecimal, os.listdir("/proc")):
        try:
            for descriptor in os.scandir(f"/proc/{process}/fd"):
                if os.readlink(descriptor.path) == "anon_inode:inotify":
                    with open(f"/proc/{process}/fdinfo/{descriptor.name}") as info:
                        used += sum(line.startswith("inotify ") for line in info)
        except OSError:
            continue  # another user's, or gone
    cure = f"Folders beyond it are polled. Raise it: sudo sysctl fs.inotify.max_user_watches={most * 4}"
    yield Finding(used < 0.9 * most, f"{used:,} of {most:,} inotify watches of this machine are in use", cure)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
