"""The watcher's reports other than a :class:`~livereload_loc.changes.Batch`."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from livereload_loc.changes import Batch


@dataclass(frozen=True, slots=True)
class IgnoredSave:
    """A save that is not sent to pages, with the reason.

    ``path`` is relative to its root, with ``/``. ``why`` is a reason for people, such as
    ``ignored by .gitignore:4`` or ``dotfile``. ``noise``: not worth reporting, such as an
    editor's leftovers. ``count`` is how many such saves had the same ``why`` since the last report.
    """

    path: str
    why: str
    noise: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class WatchNotice:
    """A message about the watcher itself for the user.

    Of the notices with the same ``subject`` only the first is reported; without one, each is.
    """

    title: str
    detail: str
    subject: Hashable = field(default=None, compare=False, repr=False)


WatchEvent = Batch | IgnoredSave | WatchNotice


def polling(folder: str, kind: str, device: int) -> WatchNotice:
    return WatchNotice(
        f"{folder} is polled",
        f"Its file system ({kind}) does not report changes made elsewhere, so loc-dev scans it again and "
        "again. Set how often with --poll MS.",
        device,
    )


def out_of_watches(folders: int, limit: str) -> WatchNotice:
    """Report ``folders`` without a watch; ``limit`` is the name of the exhausted sysctl."""
    larger = "524288" if limit.endswith("watches") else "1024"
    rest = "1 folder is" if folders == 1 else f"{folders} folders are"
    return WatchNotice(
        f"{rest} polled",
        f"The system's limit {limit} is used up. Raise it: sudo sysctl {limit}={larger}",
        limit,
    )


def unreadable(folder: str, error: OSError) -> WatchNotice:
    return WatchNotice(
        f"{folder} cannot be read",
        f"{error.strerror or error}. Changes in it go unnoticed until it is readable.",
        folder,
    )


def gone(root: str) -> WatchNotice:
    return WatchNotice(f"{root} is gone", "loc-dev watches it again as soon as it is back.")


def back(root: str) -> WatchNotice:
    return WatchNotice(f"{root} is back", "loc-dev watches it again.")
