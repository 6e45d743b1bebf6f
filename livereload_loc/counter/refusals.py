"""Reports the visitors that are refused, with the option that would let them in."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Callable

from livereload_loc.access import Refusal
from livereload_loc.events import ProblemFound, Reporter
from livereload_loc.httputil.log import RepeatFilter

# How often a cap that is reached again and again is reported.
REPEAT_SECONDS = 60.0


class RefusalReporter:
    """Reports each option once, and again from time to time. ``clock`` returns seconds."""

    def __init__(self, report: Reporter, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._report, self._repeats = report, RepeatFilter(REPEAT_SECONDS, clock=clock)
        self._unreported: Tally[str] = Tally()

    def add(self, refusal: Refusal, *, forwarded: bool = False) -> None:
        """Note a refusal; ``forwarded``: a proxy says that it speaks for others."""
        option = refusal.option
        if not option:
            return
        self._unreported[option] += 1
        if not self._repeats.admit(option):
            return
        count = self._unreported.pop(option)
        times = f" ({count:,} times since the last report)" if count > 1 else ""
        proxy = ", or --trusted-proxy CIDR if a proxy speaks for many visitors" if forwarded else ""
        title = f"a visitor was refused{times}: {refusal.reason}; use {refusal.flag} to allow more{proxy}"
        self._report(ProblemFound(title, ""))
