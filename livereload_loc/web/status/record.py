"""A bounded record of recent events: what happened to each page, save and problem.

No I/O. What it returns can be written as JSON. Times are seconds since the epoch.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from livereload_loc import events
from livereload_loc.events import Event
from livereload_loc.httputil.text import without_surrogates
from livereload_loc.pipeline.update_result import SHOWN_PATHS
from livereload_loc.web.status.entries import (
    AnswerEntry,
    EntryStamp,
    IgnoredEntry,
    PageEntry,
    ProblemEntry,
    SaveEntry,
)

# So many saves, and as many ignored ones, are kept; of ignored noise and of problems fewer.
KEPT = 100
KEPT_NOISE, KEPT_TROUBLES = 30, 30

# The most tabs of one save that are named.
SHOWN_ANSWERS = 12

MAX_PAGES = 1_000

# The longest path or URL, and the longest detail of a problem, in characters.
MAX_NAME, MAX_DETAIL = 400, 8_000


class EventRecord:
    """A reporter that remembers; ``clock`` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last_id = 0
        self._open: dict[int, PageEntry] = {}
        self._saves: deque[SaveEntry] = deque(maxlen=KEPT)
        self._ignored: deque[IgnoredEntry] = deque(maxlen=KEPT)
        self._noise: deque[IgnoredEntry] = deque(maxlen=KEPT_NOISE)
        self._troubles: deque[ProblemEntry] = deque(maxlen=KEPT_TROUBLES)
        self._problem: ProblemEntry | None = None
        self._is_paused = False
        self.subscribers: list[asyncio.Event] = []
        self._began = clock()

    def __call__(self, event: Event) -> None:
        """Record ``event`` if it changes the state."""
        if self._record(event):
            for changed in self.subscribers:
                changed.set()

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Event]:
        """Give an event that is set at each change, as long as the ``with`` block runs."""
        changed = asyncio.Event()
        self.subscribers.append(changed)
        try:
            yield changed
        finally:
            self.subscribers.remove(changed)

    @property
    def pages(self) -> list[str]:
        """The URLs of the connected pages."""
        return sorted(page["page"] for page in self._open.values() if not page["away"])

    def state(self) -> dict[str, object]:
        """Return all that is recorded, the newest first, and of the open pages the oldest."""
        ignored = sorted((*self._ignored, *self._noise), key=lambda entry: entry["id"], reverse=True)
        return {
            "began": self._began,
            "open": list(self._open.values()),
            "saves": list(reversed(self._saves)),
            "ignored": ignored,
            "troubles": list(reversed(self._troubles)),
            "problem": self._problem,
            "paused": self._is_paused,
        }

    def _record(self, event: Event) -> bool:
        """Record ``event``; return whether it changes what the status page shows."""
        match event:
            case events.ClientChanged(state="joined"):
                self._join(event)
            case events.ClientChanged():
                self._leave(event)
            case events.UpdateSent():
                self._send(event)
            case events.UpdateApplied():
                self._apply(event)
            case events.UpdateSummary():
                self._summarize(event)
            case events.ChangeIgnored():
                kept = self._noise if event.noise else self._ignored
                kept.append({**self._stamp(), "path": _clean(event.path), "more": event.count - 1,
                             "why": _clean(event.why), "noise": event.noise})  # fmt: skip
            case events.ProblemFound():
                self._add_problem(event)
            case events.ProblemSolved():
                if self._problem:
                    self._problem["solved"] = self._clock()
                    self._problem = None
            case events.PauseChanged():
                self._is_paused = event.on
            case _:
                return isinstance(event, events.TotalChanged)
        return True

    def _add_problem(self, event: events.ProblemFound) -> None:
        title, detail = _clean(event.title), _clean(event.detail, MAX_DETAIL)
        entry: ProblemEntry = {**self._stamp(), "title": title, "detail": detail,
                               "shown": event.shown, "solved": None}  # fmt: skip
        self._troubles.append(entry)
        if event.shown:
            if self._problem:
                self._problem["shown"] = False  # not solved: another one has taken its place
            self._problem = entry

    def _join(self, event: events.ClientChanged) -> None:
        page: PageEntry = {
            "number": event.page_id, "page": _clean(event.url), "browser": event.browser,
            "since": self._clock(), "did": None, "ms": None, "away": False,
        }  # fmt: skip
        before = next((old for old in self._open.values() if old["away"] and _is_same_tab(old, page)), None)
        if before is None:
            self._open[event.page_id] = page
        else:  # it keeps the place that it had before it reloaded
            page["since"] = before["since"]
            entries = [page if entry is before else entry for entry in self._open.values()]
            self._open = {entry["number"]: entry for entry in entries}
        while len(self._open) > MAX_PAGES:
            del self._open[next(iter(self._open))]

    def _leave(self, event: events.ClientChanged) -> None:
        page = self._open.get(event.page_id)
        if page and any(not save["account"] for save in self._saves):
            page["away"] = True  # most likely it reloads
        else:
            self._open.pop(event.page_id, None)

    def _send(self, event: events.UpdateSent) -> None:
        save = self._save(event.follows) if event.follows else None
        if save is None:
            names = event.paths[:SHOWN_PATHS] or filter(None, [event.title])
            save = {
                **self._stamp(),
                "paths": [_clean(name) for name in names], "more": max(0, len(event.paths) - SHOWN_PATHS),
                "seq": 0, "action": "", "pages": 0, "account": "", "ms": 0.0, "answers": [], "late": 0,
            }  # fmt: skip
            self._saves.append(save)
        save.update({"seq": event.seq, "action": event.action, "pages": event.pages, "answers": []})

    def _apply(self, event: events.UpdateApplied) -> None:
        page = self._open.get(event.page_id)
        if page and event.did != "nothing":
            page["did"], page["ms"] = event.did, event.ms
        save = self._save(event.seq)
        if save is None:
            return
        if save["account"]:
            save["late"] += 1
        else:
            save["ms"] = max(save["ms"], event.ms)
        if len(save["answers"]) < SHOWN_ANSWERS:
            answer: AnswerEntry = {"page": _clean(event.url), "browser": page["browser"] if page else "",
                                   "did": event.did, "ms": event.ms, "why": _clean(event.why)}  # fmt: skip
            save["answers"].append(answer)

    def _summarize(self, event: events.UpdateSummary) -> None:
        save = self._save(event.seq)
        if save:
            save["account"], save["ms"], save["at"] = event.tabs, event.ms, event.at
        if all(save["account"] for save in self._saves):
            self._open = {number: page for number, page in self._open.items() if not page["away"]}

    def _save(self, seq: int) -> SaveEntry | None:
        return next((save for save in reversed(self._saves) if save["seq"] == seq), None)

    def _stamp(self) -> EntryStamp:
        self._last_id += 1
        return {"id": self._last_id, "at": self._clock()}


def _is_same_tab(one: PageEntry, other: PageEntry) -> bool:
    return (one["page"], one["browser"]) == (other["page"], other["browser"])


def _clean(text: str, length: int = MAX_NAME) -> str:
    """Return ``text`` within bounds, and as it can be sent."""
    text = without_surrogates(text[: length + 1])
    return text if len(text) <= length else f"{text[: length - 1]}\N{HORIZONTAL ELLIPSIS}"
