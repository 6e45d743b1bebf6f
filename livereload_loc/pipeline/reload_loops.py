"""Detects endless loops: a page reloads, its server writes a file, and the change reloads the page.

A database, a cache or a log inside the watched folder causes one (sphinx-doc/sphinx-autobuild#187, #213,
ritwickdey/vscode-live-server#150), and so does our own output: ``loc-dev serve | tee loc.log``. Repeated
saves by a person look the same for a while, but a loop ends when its reloads end. Pure: times are passed in.
"""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum

# A write so many seconds after a reload counts as its consequence.
WINDOW = 0.4
# A file that is written after so many reloads in a row seems to loop.
TIMES = 5
# A write of such a file is passed on after so many seconds, to see whether it comes again...
CALM = 1.0
# ...and a file that was written again after so many of these probes does loop.
PROBES = 2

_GLOB_SIGNS = str.maketrans({sign: "\\" + sign for sign in "\\*?["})


class LoopVerdict(Enum):
    """The action for one write."""

    SEND = "send it on to the pages"
    REPORT = "it seems to loop: report that, and send it on after CALM"
    DELAY = "it still seems to loop: send it on after CALM"
    IGNORE = "it loops"


class LoopDetector:
    """Judges writes of files by when pages reloaded.

    Call :meth:`reloaded` when a page reports a reload, :meth:`judge` for each changed file, and :meth:`probe`
    before a delayed write is passed on. A write more than ``WINDOW`` seconds after the last reload is
    somebody's save. It is passed on whatever happened before, and breaks every chain: a build that always
    writes a second file a moment after the first is no loop.
    """

    def __init__(self) -> None:
        self._reload = 0
        self._at = float("-inf")
        self._used = False  # whether something was written after the last reload
        self._chains: dict[Hashable, tuple[int, int]] = {}  # file -> (number of its last reload, length)
        self._probes: dict[Hashable, int] = {}  # file that seems to loop -> how often it was probed

    def reloaded(self, now: float) -> None:
        """Record that a page reloaded at ``now``, in monotonic seconds; several at once count as one.

        Where no page is open, a summary that is printed counts as a reload: it may be written to a file.
        """
        if self._used or now - self._at > WINDOW:
            self._reload += 1
            self._used = False
        self._at = now

    def probe(self, file: Hashable) -> None:
        """Record that the delayed write of ``file`` is passed on."""
        if file in self._probes:
            self._probes[file] += 1

    def judge(self, file: Hashable, now: float) -> LoopVerdict:
        """Judge a write of ``file`` at ``now``."""
        if now - self._at > WINDOW:
            self._chains.clear()
            if self._probes.get(file, PROBES) < PROBES:
                del self._probes[file]  # it is written without a reload: a person saves it
            return LoopVerdict.SEND
        self._used = True
        if file in self._probes:
            return LoopVerdict.IGNORE if self._probes[file] >= PROBES else LoopVerdict.DELAY
        last, length = self._chains.get(file, (0, 0))
        if last != self._reload:
            length = length + 1 if last == self._reload - 1 else 1
            self._chains[file] = (self._reload, length)
        if length < TIMES:
            return LoopVerdict.SEND
        del self._chains[file]
        self._probes[file] = 0
        return LoopVerdict.REPORT


def ignore_option(path: str) -> str:
    """Return the option that ends the loop of ``path``, ready to paste: ``--ignore '/var/app.db'``."""
    pattern = "/" + path.translate(_GLOB_SIGNS)
    return "--ignore '{}'".format(pattern.replace("'", "'\\''"))
