"""What the watcher takes from the operating system."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from livereload_loc.watcher.sources import mounts
from livereload_loc.watcher.sources.base import FileEventSource, NullSource


@dataclass(frozen=True, slots=True)
class WatchSystem:
    """The parts of the system that differ from machine to machine.

    ``polls_all``: the source reports nothing, everything is polled. ``eventless`` has the devices that
    report no events, with the types of their file systems. ``leases``: whether the kernel is asked for
    writers. ``retry`` is in seconds: how soon a system that had no watch left is asked again.
    """

    source: FileEventSource
    polls_all: bool = False
    eventless: Mapping[int, str] = field(default_factory=mounts.present)
    leases: bool = sys.platform == "linux"
    retry: float = 30.0


def this_system(roots: Iterable[str], polls: bool) -> WatchSystem:
    """Return that of this machine; the source is imported late, since each system needs but one."""
    if polls:
        return WatchSystem(NullSource(), polls_all=True, eventless={})
    if sys.platform == "linux":
        from livereload_loc.watcher.sources.inotify import InotifySource

        return WatchSystem(InotifySource())
    else:  # noqa: RET505 - for mypy, which looks at one system at a time
        from livereload_loc.watcher.sources.watchfiles import WatchfilesSource

        return WatchSystem(WatchfilesSource(roots))
