"""What the watcher says besides a :class:`~livereload_loc.changes.Batch`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IgnoredSave:
    """A save that no page is told of, and why.

    ``path`` is relative to its root, with ``/``. ``why`` is a reason for people, such as
    ``ignored by .gitignore:4`` or ``a dotfile``. ``noise`` is true for what nobody wonders about, such as
    an editor's leftovers. ``count`` is how many such saves had the same ``why`` since the last one told.
    """

    path: str
    why: str
    noise: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class WatchNotice:
    """Something about the watch itself that a person should know; each is said once."""

    title: str
    detail: str


def polling(root: str, kind: str) -> WatchNotice:
    return WatchNotice(
        f"{root} is polled",
        f"Its file system ({kind}) does not report changes made elsewhere, so it is looked through "
        "again and again. Choose how often with --poll MS.",
    )


def out_of_watches(folders: int, limit: str) -> WatchNotice:
    """``limit`` is the name of the exhausted sysctl."""
    larger = "524288" if limit.endswith("watches") else "1024"
    rest = "1 folder is" if folders == 1 else f"{folders} folders are"
    return WatchNotice(
        f"{rest} polled",
        f"The system's limit {limit} is used up. Raise it: sudo sysctl {limit}={larger}",
    )


def unreadable(folder: str, reason: str) -> WatchNotice:
    return WatchNotice(f"{folder} cannot be read", f"{reason}. Changes in it are not seen until it can be.")


def gone(root: str) -> WatchNotice:
    return WatchNotice(f"{root} is gone", "It is watched again as soon as it is back.")


def back(root: str) -> WatchNotice:
    return WatchNotice(f"{root} is back", "It is watched again.")
