"""Which file an asset of a page is, whether it is watched, and how near the watcher is to its bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from livereload_loc.watching.ignore import Ignore, Verdict


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; ``cure`` says what to do where it is not ``well``."""

    well: bool
    what: str
    cure: str = ""


def file_of(path: str, roots: list[str]) -> Finding:
    """Which file an asset is, by the longest trailing run of its path."""
    segments = [part for part in path.split("/") if part not in ("", ".", "..")]
    for start in range(len(segments)):
        for root in roots:
            file = os.path.join(root, *segments[start:])
            if os.path.isfile(file):
                verdict = _ignored(root, segments[start:])
                if verdict:
                    return Finding(False, f"{path} is {file}, {verdict.why}", "Saves of it are not told.")
                return Finding(True, f"{path} is {file}")
    return Finding(True, f"{path} is no file of what is watched; name its folder if you edit it")


def _ignored(root: str, parts: list[str]) -> Verdict | None:
    rules = Ignore(root)
    place, folder = rules.at_root(), root
    for number, part in enumerate(parts, 1):
        path = os.path.join(folder, part)
        verdict = rules.verdict(path, number < len(parts), place)
        if verdict or number == len(parts):
            return verdict
        place, folder = rules.below(path, place), path
    return None


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
    cure = f"Raise it: sysctl fs.inotify.max_user_watches={most * 4}"
    yield Finding(used < 0.9 * most, f"{used:,} of {most:,} inotify watches are in use", cure)
