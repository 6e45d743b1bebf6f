"""Checks which files a page and its assets are, whether they are watched, and how the watcher is doing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from livereload_loc.doctor.check_result import CheckResult
from livereload_loc.watcher.ignore.rules import IgnoreReason, IgnoreRules


@dataclass(frozen=True, slots=True)
class WatcherStatus:
    """What a server of ours says about its watcher; ``files`` is None where it does not say how many."""

    roots: tuple[str, ...]
    files: int | None = None
    polled: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    gitignore: bool = True

    @classmethod
    def parse(cls, status: object) -> WatcherStatus | None:
        """Read a status, which may be any JSON; None where it does not say what is watched."""
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

    def results(self) -> Iterator[CheckResult]:
        """Yield what is watched, and how."""
        count = "" if self.files is None else f" ({self.files:,} files)"
        yield CheckResult(True, f"loc-dev watches {', '.join(self.roots)}{count}")
        if self.polled:
            yield CheckResult(True, f"no file events arrive from {', '.join(self.polled)}, so it polls")

    def file_of(self, path: str, name: str = "") -> CheckResult | None:
        """Find the file that a URL path means, by its longest trailing run of segments; None: there is none.

        ``name`` is what the result calls it, instead of ``path``.
        """
        name = name or path
        segments = [part for part in path.split("/") if part not in ("", ".", "..")]
        for start in range(len(segments)):
            for root in self.roots:
                file = os.path.join(root, *segments[start:])
                if segments[start:] == [os.path.basename(root)] and os.path.isfile(root):
                    return CheckResult(True, f"{name} is {root}")
                if os.path.isfile(file):
                    reason = self._ignored(root, segments[start:])
                    if reason is None:
                        return CheckResult(True, f"{name} is {file}")
                    fix = "Remove that rule, or watch the file or its folder by name."
                    return CheckResult(False, f"{name} is {file}, which is not watched: {reason.why}", fix)
        return None

    def page(self, path: str) -> CheckResult:
        """Find the file of the page at ``path``."""
        index = path.endswith("/")
        for candidate in (f"{path}index.html", f"{path}index.php") if index else (path, f"{path}.html"):
            if found := self.file_of(candidate, "the page"):
                return found
        return CheckResult(True, "the page is not a file in a watched folder: your server generates it")

    def _ignored(self, root: str, parts: list[str]) -> IgnoreReason | None:
        rules = IgnoreRules(root, self.ignore, self.gitignore)
        place, folder = rules.at_root(), root
        for part in parts[:-1]:
            path = os.path.join(folder, part)
            if reason := rules.ignore_reason(path, True, place):
                return reason
            place, folder = rules.below(path, place), path
        return rules.ignore_reason(os.path.join(folder, parts[-1]), False, place)


def check_inotify_limit(_: object) -> Iterator[CheckResult]:
    """Check how many inotify watches the system has left."""
    try:
        with open("/proc/sys/fs/inotify/max_user_watches") as file:
            limit = int(file.read())
    except (OSError, ValueError):
        return  # not on Linux
    used = 0
    for process in filter(str.isdecimal, os.listdir("/proc")):
        try:
            for descriptor in os.scandir(f"/proc/{process}/fd"):
                if os.readlink(descriptor.path) == "anon_inode:inotify":
                    with open(f"/proc/{process}/fdinfo/{descriptor.name}") as info:
                        used += sum(line.startswith("inotify ") for line in info)
        except OSError:
            continue  # of another user, or gone
    command = f"sudo sysctl fs.inotify.max_user_watches={limit * 4}"
    fix = f"loc-dev polls the folders beyond that limit. Raise it: {command}"
    yield CheckResult(used < 0.9 * limit, f"{used:,} of {limit:,} inotify watches are in use", fix)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
