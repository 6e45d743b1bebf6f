"""What the tree of watched folders finds when it is scanned."""

from __future__ import annotations

from typing import NamedTuple

from livereload_loc.watcher.folder import WatchedDirectory
from livereload_loc.watcher.ignore.rules import IgnoreReason
from livereload_loc.watcher.notices import WatchNotice


class FoundFile(NamedTuple):
    """The file ``name`` differs from its signature ``before`` (None: it was not there), or was written."""

    folder: WatchedDirectory
    name: str
    before: int | None
    written: bool = False


class FoundIgnored(NamedTuple):
    """Something happened to ``name``, which is ignored; ``present``: it is there."""

    folder: WatchedDirectory
    name: str
    reason: IgnoreReason
    present: bool


class FoundHidden(NamedTuple):
    """``path``, and what lies below it, has become ignored."""

    path: str


class FoundRules(NamedTuple):
    """The rules that hold in ``folder`` have changed."""

    folder: WatchedDirectory


Finding = FoundFile | FoundIgnored | FoundHidden | FoundRules | WatchNotice
Findings = list[Finding]
