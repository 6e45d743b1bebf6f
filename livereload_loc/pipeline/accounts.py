"""The account of each update: which pages were told, what each did about it, and the line that says so.

Pure: the clock is handed in, and pages are known by numbers that their sockets bear.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from livereload_loc.protocol import Did, Update

SHOWN_PATHS = 3
KEPT_ACCOUNTS = 100


@dataclass(slots=True)
class UpdateResult:
    """What became of one update. ``seen`` and ``told`` are seconds of the same steady clock."""

    update: Update
    seen: float
    waiting: set[int]
    """The pages that were told and have not answered."""
    why: str = ""
    """What led to it, where it was no save."""
    did: Counter[Did] = field(default_factory=Counter)
    away: int = 0
    """Pages that left without an answer: most of them are reloading, and the new page will answer."""
    answered: set[int] = field(default_factory=set)
    slowest_ms: float = 0.0
    followed: bool = False
    """Whether another update took its place, since nobody used what changed."""

    @property
    def complete(self) -> bool:
        """Whether nothing more is to be expected."""
        return not self.waiting and not self.away

    @property
    def unused(self) -> bool:
        """Whether pages answered, and all that did say that they do not use what changed."""
        return bool(self.did) and set(self.did) == {"nothing"} and not self.away

    def answer(self, page: int, did: Did, now: float) -> float | None:
        """Note what ``page`` did; the milliseconds since the save was seen, or None for a second answer.

        An answer from a page that was never told comes from a new page in place of one that went away, or
        from one that caught up.
        """
        if page in self.answered:
            return None
        self.answered.add(page)
        if page in self.waiting:
            self.waiting.discard(page)
        elif self.away:
            self.away -= 1
        self.did[did] += 1
        ms = (now - self.seen) * 1000
        self.slowest_ms = max(self.slowest_ms, ms)
        return ms

    def leave(self, page: int) -> None:
        """Note that the socket of ``page`` has closed."""
        if page in self.waiting:
            self.waiting.discard(page)
            self.away += 1

    def line(self) -> str:
        """One line that accounts for every tab: ``about.css: 2 tabs swapped, 1 does not use it``."""
        return f"{self.why or named(self.update.paths)}: {self._tabs()}"

    def _tabs(self) -> str:
        parts: list[str] = []
        for count, one, many in (
            (self.did["css"] + self.did["image"], "swapped", "swapped"),
            (self.did["reload"], "reloaded", "reloaded"),
            (self.did["morph"], "morphed", "morphed"),
            (self.did["nothing"], "does not use it", "do not use it"),
            (self.away, "went away", "went away"),
            (len(self.waiting), "has not answered", "have not answered"),
        ):
            if count:
                tabs = "" if parts else " tab" if count == 1 else " tabs"
                parts.append(f"{count}{tabs} {one if count == 1 else many}")
        return ", ".join(parts) or "no page is open"


class UpdateResults:
    """The accounts of the last updates, by the number of their update; older ones are forgotten."""

    def __init__(self) -> None:
        self._recent: dict[int, UpdateResult] = {}

    def open(self, update: Update, seen: float, pages: Iterable[int], why: str = "") -> UpdateResult:
        """Begin the account of an update that ``pages`` were told; ``why``, where it was no save."""
        account = self._recent[update.seq] = UpdateResult(update, seen, set(pages), why)
        if len(self._recent) > KEPT_ACCOUNTS:
            del self._recent[min(self._recent)]
        return account

    def find(self, seq: int) -> UpdateResult | None:
        """The account of update ``seq``, as long as it is remembered."""
        return self._recent.get(seq)

    def leave(self, page: int) -> None:
        """Note in every account that the socket of ``page`` has closed."""
        for account in self._recent.values():
            account.leave(page)


def named(paths: tuple[str, ...]) -> str:
    """The changed paths in a few words."""
    if not paths:
        return "many files"
    more = len(paths) - SHOWN_PATHS
    shown = ", ".join(paths[:SHOWN_PATHS])
    return f"{shown} and {more} more" if more > 0 else shown
