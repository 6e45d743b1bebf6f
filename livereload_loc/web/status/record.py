"""What happened lately, remembered within bounds: the reports, put together as people ask for them.

No I/O; what it gives out is made of what JSON knows. Times are seconds since the epoch.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypedDict, TypeVar

from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    TotalChanged,
    UpdateApplied,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.web.status.entries import IgnoredEntry, PageEntry, ProblemEntry, SaveEntry

KEPT = 100
"""So many saves, and as many that were ignored, are remembered..."""

KEPT_NOISE, KEPT_TROUBLES = 30, 30
"""...and of what nobody wonders about, and of troubles, so many."""

SHOWN_PATHS, SHOWN_ANSWERS = 5, 12
"""The most files and tabs of one save that are named."""

MAX_PAGES = 1_000
MAX_NAME, MAX_DETAIL = 400, 8_000
"""The longest path or URL, and the longest detail of a trouble, in characters."""


Entry = TypeVar("Entry", SaveEntry, IgnoredEntry, ProblemEntry)


class EventRecord:
    """A reporter that remembers, and tells its listeners when there is something new. ``clock`` gives seconds
    since the epoch."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._last = 0
        self._open: dict[int, PageEntry] = {}
        self._saves: deque[SaveEntry] = deque(maxlen=KEPT)
        self._ignored: deque[IgnoredEntry] = deque(maxlen=KEPT)
        self._noise: deque[IgnoredEntry] = deque(maxlen=KEPT_NOISE)
        self._troubles: deque[ProblemEntry] = deque(maxlen=KEPT_TROUBLES)
        self._problem: ProblemEntry | None = None
        self._is_paused = False
        self._listeners: list[Callable[[], None]] = []
        self.began = clock()

    def __call__(self, report: Event) -> None:
        """Remember what matters of ``report``."""
        if self._note(report):
            for listener in tuple(self._listeners):
                listener()

    @contextmanager
    def telling(self, listener: Callable[[], None]) -> Iterator[None]:
        """Call ``listener`` at each news for as long as the ``with`` block runs; it must not raise."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    @property
    def pages(self) -> list[str]:
        """The URLs of the pages that are connected."""
        return sorted(page["page"] for page in self._open.values() if not page["away"])

    def state(self) -> dict[str, object]:
        """All that is remembered; the newest is first, and the page that is open for longest."""
        return {
            "began": self.began,
            "open": list(self._open.values()),
            "saves": list(reversed(self._saves)),
            "ignored": _newest(self._ignored, self._noise),
            "troubles": list(reversed(self._troubles)),
            "problem": self._problem,
            "paused": self._is_paused,
        }

    def _note(self, report: Event) -> bool:
        """Whether there is something new."""
        match report:
            case ClientChanged():
                (self._came if report.state == "joined" else self._went)(report)
            case UpdateSent():
                self._told(report)
            case UpdateApplied():
                self._applied(report)
            case UpdateSummary():
                self._accounted(report)
            case ChangeIgnored():
                kept = self._noise if report.noise else self._ignored
                kept.append({**self._stamp(), "path": _cut(report.path), "more": report.count - 1,
                             "why": _cut(report.why), "noise": report.noise})  # fmt: skip
            case ProblemFound():
                title, detail = _cut(report.title), _cut(report.detail, MAX_DETAIL)
                trouble: ProblemEntry = {**self._stamp(), "title": title, "detail": detail,
                                    "shown": report.shown, "solved": None}  # fmt: skip
                self._troubles.append(trouble)
                if report.shown:
                    if self._problem:
                        self._problem["shown"] = False  # not solved: another one has taken its place
                    self._problem = trouble
            case ProblemSolved():
                self._solve()
            case PauseChanged():
                self._is_paused = report.on
            case _:
                return isinstance(report, TotalChanged)
        return True

    def _solve(self) -> None:
        """The problem of the moment is over."""
        if self._problem:
            self._problem["solved"] = self._clock()
            self._problem = None

    def _came(self, report: ClientChanged) -> None:
        page: PageEntry = {
            "number": report.page_id,
            "page": _cut(report.url),
            "browser": report.browser,
            "since": self._clock(),
            "did": None,
            "ms": None,
            "away": False,
        }
        place = next((old for old in self._open.values() if old["away"] and _same_tab(old, page)), None)
        if place is None:
            self._open[report.page_id] = page
        else:  # it stands where it stood before it loaded itself anew
            page["since"] = place["since"]
            self._open = {new["number"]: new for old in self._open.values()
                          for new in [page if old is place else old]}  # fmt: skip
        while len(self._open) > MAX_PAGES:
            del self._open[next(iter(self._open))]

    def _went(self, report: ClientChanged) -> None:
        page = self._open.get(report.page_id)
        if page and any(not save["account"] for save in self._saves):
            page["away"] = True  # most likely it reloads
        else:
            self._open.pop(report.page_id, None)

    def _told(self, report: UpdateSent) -> None:
        earlier = self._save(report.follows) if report.follows else None
        save: SaveEntry = earlier or {
            **self._stamp(),
            "seq": 0,
            "paths": [_cut(path) for path in report.paths[:SHOWN_PATHS]]
            or [report.title] * bool(report.title),
            "more": max(0, len(report.paths) - SHOWN_PATHS),
            "action": "",
            "pages": 0,
            "account": "",
            "ms": 0.0,
            "answers": [],
            "late": 0,
        }
        save.update({"seq": report.seq, "action": report.action, "pages": report.pages, "answers": []})
        if earlier is None:
            self._saves.append(save)

    def _applied(self, report: UpdateApplied) -> None:
        page = self._open.get(report.page_id)
        if page and report.did != "nothing":
            page["did"], page["ms"] = report.did, report.ms
        save = self._save(report.seq)
        if save:
            if save["account"]:
                save["late"] += 1
            else:
                save["ms"] = max(save["ms"], report.ms)
            if len(save["answers"]) < SHOWN_ANSWERS:
                browser = page["browser"] if page else ""
                save["answers"].append(
                    {"page": _cut(report.url), "browser": browser, "did": report.did, "ms": report.ms}
                )

    def _accounted(self, report: UpdateSummary) -> None:
        save = self._save(report.seq)
        if save:
            save["account"] = report.tabs
            save["ms"] = report.ms
        if all(save["account"] for save in self._saves):
            self._open = {number: page for number, page in self._open.items() if not page["away"]}

    def _save(self, seq: int) -> SaveEntry | None:
        return next((save for save in reversed(self._saves) if save["seq"] == seq), None)

    def _stamp(self) -> _EntryStamp:
        self._last += 1
        return {"id": self._last, "at": self._clock()}


class _EntryStamp(TypedDict):
    id: int
    at: float


def _same_tab(one: PageEntry, other: PageEntry) -> bool:
    return (one["page"], one["browser"]) == (other["page"], other["browser"])


def _newest(*kept: Iterable[Entry]) -> list[Entry]:
    return sorted((entry for each in kept for entry in each), key=lambda entry: -entry["id"])


def _cut(text: str, length: int = MAX_NAME) -> str:
    """``text`` within bounds, and without what stands for bytes that are not UTF-8 (PEP 383)."""
    text = text[: length + 1]
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text if len(text) <= length else f"{text[: length - 1]}\N{HORIZONTAL ELLIPSIS}"
