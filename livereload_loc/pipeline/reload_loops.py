"""Finding the endless loop: page reloads, its server writes a file, the file reloads the page. Or: we say
that a file changed, and that line is written to it, as in ``loc-dev serve | tee loc.log``.

A database, a cache or a log inside the watched folder does it (sphinx-doc/sphinx-autobuild#187, #213,
ritwickdey/vscode-live-server#150). Somebody who saves again and again looks the same for a while; but a
loop stops when its reloads stop, and a person's save is followed by calm. Pure: times are handed in.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum

WINDOW = 0.4
"""Seconds after a reload within which a write counts as its consequence."""

TIMES = 5
"""So many reloads running have to be followed by a write of the same file."""

CALM = 1.0
"""Seconds after which a write that was held is told after all, to see whether it comes again."""

PROBES = 2
"""So many times it is; a file that was written after each of them loops."""

_GLOB_SIGNS = str.maketrans({sign: "\\" + sign for sign in "\\*?["})


class LoopVerdict(Enum):
    """What to do about a write."""

    TELL = "tell the pages"
    NAME = "it seems to loop: name it, and tell of it after CALM only"
    WAIT = "it still seems to loop: tell of it after CALM only"
    HOLD = "it loops: tell no page"


class LoopDetector:
    """Judges the writes of files by when pages reloaded.

    Call :meth:`reloaded` when a page reports that it reloaded, :meth:`judge` for each changed file, and
    :meth:`probe` before a write that had to wait is told. A write that no reload explains, more than
    ``WINDOW`` seconds after the last one, is somebody's save: it is told whatever went before, and breaks
    every chain, so that a build that always writes a second file a moment after the first is no loop.
    """

    def __init__(self) -> None:
        self._reload = 0
        self._at = float("-inf")
        self._used = False
        self._chains: dict[Hashable, tuple[int, int]] = {}  # file -> (number of its last reload, how many)
        self._probes: dict[Hashable, int] = {}  # those that seem to loop, and how often that was tried

    def reloaded(self, now: float) -> None:
        """A page has reloaded at ``now`` (monotonic seconds), or we have said a line of a save that no page
        was there for. Tabs that reload together count as one."""
        if self._used or now - self._at > WINDOW:
            self._reload += 1
            self._used = False
        self._at = now

    def probe(self, file: Hashable) -> None:
        """``file``, whose write had to wait, is told now."""
        if file in self._probes:
            self._probes[file] += 1

    def judge(self, file: Hashable, now: float) -> LoopVerdict:
        """What to do about a write of ``file`` at ``now``."""
        if now - self._at > WINDOW:
            self._chains.clear()
            if self._probes.get(file, PROBES) < PROBES:
                del self._probes[file]  # nobody reloaded, and it is written all the same: a person
            return LoopVerdict.TELL
        self._used = True
        if file in self._probes:
            return LoopVerdict.HOLD if self._probes[file] >= PROBES else LoopVerdict.WAIT
        last, count = self._chains.get(file, (0, 0))
        if last != self._reload:
            count = count + 1 if last == self._reload - 1 else 1
            self._chains[file] = (self._reload, count)
        if count < TIMES:
            return LoopVerdict.TELL
        del self._chains[file]
        self._probes[file] = 0
        return LoopVerdict.NAME


def cure(path: str) -> str:
    """The option that ends the loop of ``path``, ready to paste: ``--ignore '/var/app.db'``."""
    pattern = "/" + path.translate(_GLOB_SIGNS)
    return "--ignore '{}'".format(pattern.replace("'", "'\\''"))
