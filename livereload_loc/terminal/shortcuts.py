"""What each key does."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from livereload_loc.events import Reporter
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.terminal.open_browser import open_browser

if TYPE_CHECKING:
    from livereload_loc.terminal.printer import TerminalPrinter

# What arrow and function keys send (ECMA-48, section 5.4; xterm's ctlseqs).
_SEQUENCES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|O[@-~])")


class Shortcuts:
    """Obeys keys; without a ``pipeline`` nothing can be reloaded or paused."""

    def __init__(
        self, url: str, pipeline: ReloadPipeline | None, terminal: TerminalPrinter, report: Reporter
    ) -> None:
        self._url, self._pipeline, self._terminal, self._report = url, pipeline, terminal, report

    def typed(self, keys: bytes) -> None:
        """Do what the key says, once. Arrow keys do nothing; nor do different keys, which are pasted."""
        keys = _SEQUENCES.sub(b"", keys).lower()
        if keys != keys[:1] * len(keys):
            return
        match keys[:1]:
            case b"h":
                self._terminal.show_keys()
            case b"o":
                open_browser(self._url, self._report)
            case b"u":
                self._terminal.show_addresses()
            case b"c":
                self._terminal.screen.clear()
            case b"\n":
                self._terminal.screen.print_blank()
            case b"q":
                signal.raise_signal(signal.SIGINT)  # as Ctrl+C does; twice ends at once
            case b"r" if self._pipeline:
                self._pipeline.reload_all()
            case b"p" if self._pipeline:
                self._pipeline.toggle_pause()
