"""Finding the endless loop: page reloads, its server writes a file, the file reloads the page.

A database, a cache or a log inside the watched folder does it (sphinx-doc/sphinx-autobuild#187, #213,
ritwickdey/vscode-live-server#150). Pure: times are handed in.
"""

from __future__ import annotations

from collections.abc import Iterable

WINDOW = 0.4
"""Seconds after a reload within which a write counts as its consequence."""

TIMES = 5
"""So many reloads running have to be followed by a write of the same file."""

_GLOB_SIGNS = str.maketrans({sign: "\\" + sign for sign in "\\*?["})


class LoopDetector:
    """Names the files that pages write by reloading.

    Call :meth:`reloaded` when a page reports that it reloaded and :meth:`changed` for each changed file;
    a file that :meth:`changed` answers True for should reload no page. A save that no reload explains
    (more than ``WINDOW`` seconds after the last) breaks every chain: a build that always writes a
    second file a moment after the first is no loop.
    """

    def __init__(self) -> None:
        self.looping: set[str] = set()
        self._reload = 0
        self._at = float("-inf")
        self._used = False
        self._chains: dict[str, tuple[int, int]] = {}  # path -> (number of its last reload, how many)

    def reloaded(self, now: float) -> None:
        """A page has reloaded at ``now`` (monotonic seconds). Tabs that reload together count as one."""
        if self._used or now - self._at > WINDOW:
            self._reload += 1
            self._used = False
        self._at = now

    def changed(self, path: str, now: float) -> bool:
        """Whether ``path``, written at ``now``, is known to loop."""
        if path in self.looping:
            return True
        if now - self._at > WINDOW:
            self._chains.clear()
            return False
        self._used = True
        last, count = self._chains.get(path, (0, 0))
        if last != self._reload:
            count = count + 1 if last == self._reload - 1 else 1
            self._chains[path] = (self._reload, count)
        if count >= TIMES:
            self.looping.add(path)
            del self._chains[path]
            return True
        return False

    def changed_all(self, paths: Iterable[str], now: float) -> set[str]:
        """Those of ``paths`` that are known to loop."""
        return {path for path in paths if self.changed(path, now)}

    @staticmethod
    def cure(path: str) -> str:
        """The option that ends the loop, ready to paste: ``--ignore '/var/app.db'``."""
        pattern = "/" + path.translate(_GLOB_SIGNS)
        return "--ignore '{}'".format(pattern.replace("'", "'\\''"))
