"""The line at the bottom of a terminal: how things stand. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livereload_loc.events import (
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    Ready,
    ScanProgress,
    TotalChanged,
    UpdateSummary,
)
from livereload_loc.terminal.text import counted, printable, short

if TYPE_CHECKING:
    from rich.text import Text

MAX_SITES = 1000
"""So many sites are added up; with more, the figure is that of these."""


class StatusLine:
    """Hears all reports, and knows how to say in one line where things stand."""

    def __init__(self) -> None:
        self._ready: Ready | None = None
        self._reading: ScanProgress | None = None
        self._pages = 0
        self._last: UpdateSummary | None = None
        self._problem = ""
        self._paused = False
        self._totals: dict[str, int] = {}

    def hear(self, report: Event) -> bool:
        """Take note of ``report``; whether the line is another one now."""
        match report:
            case Ready():
                self._ready, self._reading = report, None
            case ScanProgress():
                self._reading = report
            case ClientChanged():
                self._pages = report.pages
            case UpdateSummary():
                self._last = report
            case ProblemFound(shown=True):
                self._problem = report.title
            case ProblemSolved():
                self._problem = ""
            case PauseChanged():
                self._paused = report.on
            case TotalChanged() if report.site in self._totals or len(self._totals) < MAX_SITES:
                self._totals[report.site] = report.total
                if not report.total:
                    del self._totals[report.site]
            case _:
                return False
        return True

    def line(self) -> Text | None:
        """The line; None as long as there is nothing to say."""
        from rich.text import Text

        if self._reading:
            found = f", {counted(self._reading.files, 'file')} so far" if self._reading.files else ""
            where = printable(", ".join(map(short, self._reading.watching)))
            return Text(f"  reading {where}{found}", "loc.aside")
        if self._ready is None:
            return None
        parts: list[Text] = []
        if self._paused:
            parts.append(Text("paused", "loc.trouble"))
        if self._problem:
            parts.append(Text(printable(self._problem), "loc.trouble"))
        if self._ready.serves:  # a command of the user's names another address, which has scrolled by last
            parts.append(Text(self._ready.url, "loc.address"))
        if self._ready.watching:
            parts.append(Text(counted(self._pages, "page") + " open" if self._pages else "no page is open"))
        if self._totals or not self._ready.watching:
            parts.append(Text(self._online()))
        if self._last and not self._problem:
            took = f" in {self._last.ms:.0f} ms" if self._last.ms else ""
            parts.append(Text(f"last {printable(self._last.title)}{took}"))
        line = Text("  ", "loc.aside")
        return line.append_text(Text("  \N{MIDDLE DOT}  ").join(parts))

    def _online(self) -> str:
        sites = f" on {counted(len(self._totals), 'site')}" if self._totals else ""
        return f"{sum(self._totals.values()):,} online{sites}"
