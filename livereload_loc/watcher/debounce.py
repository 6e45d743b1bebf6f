"""When is a save over? Decides which files are whole and may be told, and when to ask again.

Pure: the clock is handed in, the answers about files come from a :class:`WriteProbe`.

A single save is told as soon as its writer has closed the file; files that come together are told
together. What is held, is held for its own sake: an open writer delays its own file, a lock its own
repository.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import Enum
from math import inf
from typing import Protocol

LULL = 0.0012
"""Seconds without a further change that end a save of few files: what one program saves together."""

STORM_FILES = 5
"""More files than this together are a storm (a checkout, a build)..."""

STORM_QUIET = 0.06
"""...which is over after so many seconds of quiet; so is whatever follows a told change this closely."""

RENAME = 0.02
"""A known file that is gone may be about to be replaced by a rename."""

NEW = 0.02
"""A new file may be a temporary one (``sed -i``, an atomic writer)."""

EMPTY = 0.05
"""A file without the content it had may be about to get the new one from a second open()."""

CLEARED = 0.5
"""A storm of nothing but deletions may be a build that empties its folder first."""

LIMIT = 2.0
"""Nothing is held longer than this."""

RETEST = 0.005
"""What an event may fail to announce (a closed file, a lifted lock) is asked for so often."""

_BUSY = 0.15
_LOCKS = 64
_CROWD_LOOK = 0.02


class WriteState(Enum):
    GONE = "gone"
    LOST = "gone with its whole root, which is often made anew at once"
    EMPTY = "empty"
    WRITING = "open for writing"
    WHOLE = "whole"


class WriteProbe(Protocol):
    """Answers about files."""

    def state(self, path: str) -> WriteState:
        """How ``path`` is now."""

    def known(self, path: str) -> WriteState:
        """How the pages know ``path``: GONE, EMPTY or WHOLE."""

    def group(self, path: str) -> Hashable:
        """What ``path`` may be locked with (its repository), or None."""

    def lock(self, group: Hashable) -> object | None:
        """A token of the lock that ``group`` is under now; another lock has another one."""


@dataclass(frozen=True, slots=True)
class SettledFiles:
    """Files that may be told; ``seen`` is when the first of them was touched."""

    paths: tuple[str, ...]
    seen: float


@dataclass(slots=True)
class _PendingFile:
    path: str
    first: float
    last: float
    since: float  # when it was first touched, or its writer closed it
    looked: float = -inf
    state: WriteState = WriteState.WHOLE

    @property
    def expires(self) -> float:
        return self.first + LIMIT


class Debouncer:
    """Feed :meth:`touched`, ask :meth:`take` after at most :meth:`wait` seconds, and say :meth:`told`."""

    def __init__(self, probe: WriteProbe) -> None:
        self._probe = probe
        self._held: dict[str, _PendingFile] = {}
        self._restless: set[str] = set()  # written all the time: not waited for again until they rest
        self._locks: dict[object, float] = {}  # token -> since when
        self._newest = -inf
        self._told = -inf
        self._due = inf
        self._crowd_look = -inf

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, path: str) -> bool:
        return path in self._held

    def touched(self, path: str, now: float) -> None:
        """``path`` may have changed."""
        held = self._held.get(path)
        if held is None:
            self._held[path] = _PendingFile(path, now, now, now)
        else:
            held.last = now
        if path not in self._restless:
            self._newest = now
        self._due = now

    def forget(self, paths: Iterable[str]) -> None:
        """``paths`` are not watched any more."""
        for path in paths:
            self._held.pop(path, None)
            self._restless.discard(path)

    def told(self, now: float) -> None:
        """What :meth:`take` gave was a change, and has been told."""
        self._told = now

    def wait(self, now: float) -> float | None:
        """Seconds after which :meth:`take` should be asked again; None: not before the next change."""
        return max(0.0, self._due - now) if self._held and self._due < inf else None

    def take(self, now: float) -> SettledFiles | None:
        """The files that are whole by now; they are not held any longer."""
        self._due = inf
        if not self._held or self._crowded(now):
            return None
        calm: list[_PendingFile] = []
        restless: list[_PendingFile] = []
        for held in self._unlocked(now):
            (restless if held.path in self._restless else calm).append(held)
        ready = [held for held in restless if self._rested(held, now)] + self._calm(calm, now)
        if not ready:
            return None
        for held in ready:
            del self._held[held.path]
        return SettledFiles(tuple(held.path for held in ready), min(held.first for held in ready))

    def _crowded(self, now: float) -> bool:
        """Spare a crowd that is still growing the look at each of its files on each change."""
        if len(self._held) <= 2 * STORM_FILES or now - self._newest >= STORM_QUIET:
            return False
        if now - self._crowd_look >= _CROWD_LOOK:
            self._crowd_look = now
            return False
        self._again(min(self._crowd_look + _CROWD_LOOK, self._newest + STORM_QUIET))
        return True

    def _unlocked(self, now: float) -> list[_PendingFile]:
        free = []
        locked: dict[Hashable, bool] = {None: False}
        for held in self._held.values():
            group = self._probe.group(held.path)
            if group not in locked:
                token = self._probe.lock(group)
                locked[group] = token is not None and now < self._locks.setdefault(token, now) + LIMIT
            if not locked[group]:
                free.append(held)
        while len(self._locks) > _LOCKS:
            del self._locks[next(iter(self._locks))]
        if any(locked.values()):  # of a large crowd, the look alone takes milliseconds
            self._again(now + max(RETEST, len(self._held) * 5e-6))
        return free

    def _rested(self, held: _PendingFile, now: float) -> bool:
        """Whether to tell a file that is written all the time: when it pauses, or again and again."""
        until = min(held.last + STORM_QUIET, held.expires)
        if now < until:
            return self._again(until)
        self._look(held, now)
        if held.state is not WriteState.WRITING and now >= held.last + STORM_QUIET:
            self._restless.discard(held.path)
        return True

    def _calm(self, calm: list[_PendingFile], now: float) -> list[_PendingFile]:
        steady: list[_PendingFile] = []
        restive: list[_PendingFile] = []
        for held in calm:
            if len(calm) <= STORM_FILES or held.state is WriteState.WRITING:
                self._look(held, now)
            unsteady = held.state is WriteState.WRITING or self._busy(held, now)
            (restive if unsteady else steady).append(held)
        ready = [held for held in restive if self._worn_out(held, now)]
        if steady and self._quiet(steady, now):
            ready += self._whole(steady, now)
        return ready

    def _quiet(self, steady: list[_PendingFile], now: float) -> bool:
        first = min(held.first for held in steady)
        storm = len(steady) > STORM_FILES or first - self._told < STORM_QUIET
        opens = max(held.last for held in steady) + (STORM_QUIET if storm else LULL)
        opens = min(opens, first + LIMIT)
        return now >= opens or self._again(opens)

    def _whole(self, steady: list[_PendingFile], now: float) -> list[_PendingFile]:
        ready = []
        for held in steady:
            self._look(held, now)
            if held.state is WriteState.WRITING:
                if self._worn_out(held, now):
                    ready.append(held)
            elif self._ripe(held, now):
                ready.append(held)
        if any(held.state is WriteState.LOST for held in ready):  # what went together is told together
            ready += [held for held in steady if held.state is WriteState.LOST and held not in ready]
        cleared = max(held.last for held in steady) + CLEARED
        if (
            len(ready) > STORM_FILES
            and now < cleared
            and all(held.state is WriteState.GONE for held in ready)
        ):
            self._again(cleared)
            return []
        return ready

    def _ripe(self, held: _PendingFile, now: float) -> bool:
        """Whether a quiet file that nobody writes has been held long enough for its state."""
        known = self._probe.known(held.path)
        until = -inf
        if held.state is WriteState.LOST:
            until = held.expires
        elif held.state is WriteState.GONE and known is not WriteState.GONE:
            until = held.last + RENAME
        elif held.state is WriteState.EMPTY and known is WriteState.WHOLE:
            until = held.last + EMPTY
        elif held.state is not WriteState.GONE and known is WriteState.GONE:
            until = held.first + NEW
        until = min(until, held.expires)
        return now >= until or self._again(until)

    def _worn_out(self, held: _PendingFile, now: float) -> bool:
        """Whether a file that is being written, or written again and again, is told as it is."""
        if now < held.expires:
            retest = now + RETEST if held.state is WriteState.WRITING else held.last + STORM_QUIET
            return self._again(min(retest, held.expires))
        self._restless.add(held.path)
        return True

    def _busy(self, held: _PendingFile, now: float) -> bool:
        return held.last - held.since > _BUSY and now - held.last < STORM_QUIET

    def _look(self, held: _PendingFile, now: float) -> None:
        if held.looked < now:
            was, held.state = held.state, self._probe.state(held.path)
            held.looked = now
            if was is WriteState.WRITING and held.state is not WriteState.WRITING:
                held.since = now

    def _again(self, when: float) -> bool:
        self._due = min(self._due, when)
        return False
