"""The line at the bottom of a terminal, which sums up the state. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livereload_loc import events
from livereload_loc.events import Event
from livereload_loc.terminal.text import counted, printable, short

if TYPE_CHECKING:
    from rich.text import Text

# The visitors of so many sites are added up, at most.
MAX_SITES = 1000


class StatusLine:
    """Follows all events, and sums up the state in one line."""

    def __init__(self) -> None:
        self.ready: events.Ready | None = None
        self._scan: events.ScanProgress | None = None
        self._pages = 0
        self._last: events.UpdateSummary | None = None
        self._problem = ""
        self._is_paused = False
        self._totals: dict[str, int] = {}

    @property
    def is_scanning(self) -> bool:
        """Whether the folders are still being read."""
        return self._scan is not None

    def update(self, event: Event) -> bool:
        """Take note of ``event``; return whether the line changes."""
        match event:
            case events.Ready():
                self.ready, self._scan = event, None
            case events.ScanProgress():
                self._scan = event
            case events.ClientChanged():
                self._pages = event.pages
            case events.UpdateSummary():
                self._last = event
            case events.ProblemFound(shown=True):
                self._problem = event.title
            case events.ProblemSolved():
                self._problem = ""
            case events.PauseChanged():
                self._is_paused = event.on
            case events.TotalChanged() if event.site in self._totals or len(self._totals) < MAX_SITES:
                self._totals[event.site] = event.total
                if not event.total:
                    del self._totals[event.site]
            case _:
                return False
        return True

    def line(self) -> Text | None:
        """Return the line; None before the first event."""
        from rich.text import Text

        if self._scan:
            found = f", {counted(self._scan.files, 'file')} so far" if self._scan.files else ""
            where = printable(", ".join(map(short, self._scan.watching)))
            return Text(f"  reading {where}{found}", "loc.aside")
        if self.ready is None:
            return None
        parts: list[Text] = []
        if self._is_paused:
            parts.append(Text("paused", "loc.problem"))
        if self._problem:
            parts.append(Text(printable(self._problem), "loc.problem"))
        if self.ready.serves:  # a command of the user's names another address, which has scrolled by last
            parts.append(Text(self.ready.url, "loc.address"))
        if self.ready.watching:
            parts.append(Text(counted(self._pages, "page") + " open" if self._pages else "no page is open"))
        if self._totals or not self.ready.watching:
            sites = f" on {counted(len(self._totals), 'site')}" if self._totals else ""
            parts.append(Text(f"{sum(self._totals.values()):,} online{sites}"))
        if self._last and not self._problem:
            took = f" in {self._last.ms:.0f} ms" if self._last.ms else ""
            parts.append(Text(f"last {printable(self._last.title)}{took}"))
        line = Text("  ", "loc.aside")
        return line.append_text(Text("  \N{MIDDLE DOT}  ").join(parts))
