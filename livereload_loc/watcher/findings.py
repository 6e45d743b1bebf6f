"""The differences that a scan finds between the file system and the watched tree."""

from __future__ import annotations

from typing import NamedTuple

from livereload_loc.watcher.folder import WatchedFolder
from livereload_loc.watcher.ignore.rules import IgnoreReason
from livereload_loc.watcher.notices import WatchNotice


class FoundFile(NamedTuple):
    """The file ``name`` differs from its signature ``before`` (None: it was not there), or was written."""

    folder: WatchedFolder
    name: str
    before: int | None
    written: bool = False


class FoundIgnored(NamedTuple):
    """An event named ``name``, which is ignored; ``present``: it exists."""

    folder: WatchedFolder
    name: str
    reason: IgnoreReason
    present: bool


class FoundHidden(NamedTuple):
    """A newly ignored ``path``, with everything below it."""

    path: str


Finding = FoundFile | FoundIgnored | FoundHidden | WatchNotice
Findings = list[Finding]
