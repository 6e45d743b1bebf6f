"""What is remembered of each thing that happens, as JSON has it. Times are seconds since the epoch."""

from __future__ import annotations

from typing import TypedDict


class PageEntry(TypedDict):
    """A page that is connected, or ``away`` to load itself anew; ``did`` and ``ms`` are of the last save that
    it used."""

    number: int
    page: str
    browser: str
    since: float
    did: str | None
    ms: float | None
    away: bool


class AnswerEntry(TypedDict):
    """What one tab did about a save."""

    page: str
    browser: str
    did: str
    ms: float


class SaveEntry(TypedDict):
    """A save that the pages were told of; ``id`` grows over all that happens. ``account`` is empty until it
    is complete, ``ms`` is that of the slowest tab in it; ``late`` tabs answered after it."""

    id: int
    at: float
    seq: int
    paths: list[str]
    more: int
    action: str
    pages: int
    account: str
    ms: float
    answers: list[AnswerEntry]
    late: int


class IgnoredEntry(TypedDict):
    """A save that concerns no page, and the rule that says so."""

    id: int
    at: float
    path: str
    more: int
    why: str
    noise: bool


class ProblemEntry(TypedDict):
    """Something to mend; ``shown`` in the pages until ``solved``, which is a time."""

    id: int
    at: float
    title: str
    detail: str
    shown: bool
    solved: float | None
