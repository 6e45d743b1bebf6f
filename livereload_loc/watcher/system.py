"""The watcher's interface to the operating system."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from livereload_loc.watcher.sources import mounts
from livereload_loc.watcher.sources.base import FileEventSource, NullSource


@dataclass(frozen=True, slots=True)
class WatchSystem:
    """The parts of the system that differ from machine to machine.

    ``polls_all``: everything is polled. ``eventless`` maps devices that report no events to the types of
    their file systems. ``leases``: whether the kernel is asked for writers. ``retry`` is how many seconds
    after it ran out of watches the system is asked again.
    """

    source: FileEventSource
    polls_all: bool = False
    eventless: Mapping[int, str] = field(default_factory=mounts.present)
    leases: bool = sys.platform == "linux"
    retry: float = 30.0


def this_system(roots: Iterable[str], polls: bool) -> WatchSystem:
    """Return the interface to this machine; only the source that it needs is imported."""
    if polls:
        return WatchSystem(NullSource(), polls_all=True, eventless={})
    if sys.platform == "linux":
        from livereload_loc.watcher.sources.inotify import InotifySource

        return WatchSystem(InotifySource())
    else:  # noqa: RET505 - for mypy, which looks at one system at a time
        from livereload_loc.watcher.sources.watchfiles import WatchfilesSource

        return WatchSystem(WatchfilesSource(roots))
