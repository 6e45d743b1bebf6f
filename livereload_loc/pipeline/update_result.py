"""The result of one update: what each page did about it, and the account of all tabs. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from livereload_loc.protocol import Did, Update

# So many changed paths are named in a summary.
SHOWN_PATHS = 3

# What people read about each answer, in the order of a summary.
RESULTS: dict[Did, str] = {
    "css": "swapped",
    "image": "swapped",
    "in-place": "updated in place",
    "reload": "reloaded",
    "same": "unchanged",
    "nothing": "unaffected",
}


@dataclass(slots=True)
class UpdateResult:
    """The result of one update.

    ``seen`` is when the save was noticed, in seconds of the clock that answers are timed with.
    """

    update: Update
    seen: float
    waiting: set[int]
    """The ids of the pages that have not answered yet."""
    title: str = ""
    """What the summary names in place of the paths."""
    did: Counter[Did] = field(default_factory=Counter)
    away: int = 0
    """How many pages left without an answer. Most of them are reloading, and answer as a new page."""
    answered: set[int] = field(default_factory=set)
    slowest_ms: float = 0.0
    open: bool = True
    """Whether its summary is still to come."""
    followed: bool = False
    """Whether it has, or is, the follow-up of an update that no page used."""
    sent: float = -math.inf
    """When the update was sent, in seconds of the event loop."""
    due: float = math.inf
    """When to look at the result again, in seconds of the event loop."""

    @property
    def complete(self) -> bool:
        """Whether no further answer is expected."""
        return not self.waiting and not self.away

    @property
    def unused(self) -> bool:
        """Whether pages answered, and none of them uses what changed."""
        return set(self.did) == {"nothing"} and not self.away

    def answer(self, page_id: int, did: Did, now: float) -> float | None:
        """Record what a page did; return the milliseconds since the save, or None for a second answer.

        An answer from another page counts for one that left (it has reloaded), or is late.
        """
        if page_id in self.answered:
            return None
        self.answered.add(page_id)
        if page_id in self.waiting:
            self.waiting.discard(page_id)
        elif self.away:
            self.away -= 1
        self.did[did] += 1
        ms = (now - self.seen) * 1000
        self.slowest_ms = max(self.slowest_ms, ms)
        return ms

    def leave(self, page_id: int) -> None:
        """Record that the socket of a page has closed."""
        if page_id in self.waiting:
            self.waiting.discard(page_id)
            self.away += 1

    def tabs(self) -> str:
        """Return an account of every tab: ``2 tabs swapped, 1 unaffected``."""
        counts: Counter[str] = Counter()
        for did, what in RESULTS.items():
            counts[what] += self.did[did]
        counts.update({"went away": self.away, "did not answer": len(self.waiting)})
        parts = [(count, what) for what, count in counts.items() if count]
        if not parts:
            return "no page is open"
        first, what = parts[0]
        tabs = "tab" if first == 1 else "tabs"
        return ", ".join([f"{first} {tabs} {what}", *(f"{count} {what}" for count, what in parts[1:])])


def name_paths(paths: tuple[str, ...]) -> str:
    """Name changed paths in a few words."""
    shown, more = ", ".join(paths[:SHOWN_PATHS]), len(paths) - SHOWN_PATHS
    return f"{shown} and {more} more" if more > 0 else shown or "many files"
