"""What each key does, in a terminal."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable

from livereload_loc.events import Reporter, ScreenCommand
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.terminal.open_browser import open_browser

_SEQUENCES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|O[@-~])")
"""What arrow and function keys send (ECMA-48, section 5.4; xterm's ctlseqs)."""


class Shortcuts:
    """Does what is typed; ``pipeline`` is None where nothing is watched.

    Quitting is what Ctrl+C does, and so is quitting twice.
    """

    def __init__(self, url: str, pipeline: ReloadPipeline | None, report: Reporter) -> None:
        self._report = report
        self._does: dict[bytes, Callable[[], object]] = {
            b"h": lambda: report(ScreenCommand("help")),
            b"o": lambda: open_browser(url, report),
            b"u": lambda: report(ScreenCommand("addresses")),
            b"c": lambda: report(ScreenCommand("clear")),
            b"q": lambda: signal.raise_signal(signal.SIGINT),
            b"\n": lambda: report(ScreenCommand("blank")),
        }
        if pipeline:
            self._does |= {b"r": pipeline.reload_all, b"p": pipeline.pause}

    def typed(self, keys: bytes) -> None:
        """Do what the key says, once. Arrow keys mean nothing, and neither do several: they are pasted."""
        keys = _SEQUENCES.sub(b"", keys).lower()
        action = self._does.get(keys[:1]) if keys == keys[:1] * len(keys) else None
        if action:
            action()

    def back(self) -> None:
        """The terminal is ours again."""
        self._report(ScreenCommand("redraw"))
