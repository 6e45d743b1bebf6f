"""What is recorded of each event, as JSON has it. Times are seconds since the epoch."""

from __future__ import annotations

from typing import TypedDict


class EntryStamp(TypedDict):
    """What entries have in common; ``id`` grows over all of them."""

    id: int
    at: float


class AnswerEntry(TypedDict):
    """What one tab did about a save."""

    page: str
    browser: str
    did: str
    ms: float
    why: str


class PageEntry(TypedDict):
    """A connected page, or one that is ``away`` to reload; ``did`` and ``ms`` are of the last save that it
    used."""

    number: int
    page: str
    browser: str
    since: float
    did: str | None
    ms: float | None
    away: bool


class SaveEntry(EntryStamp):
    """A save that was sent to the pages.

    ``account`` is empty until it is complete, and ``ms`` is that of its slowest tab; ``late`` tabs answered
    after it.
    """

    seq: int
    paths: list[str]
    more: int
    action: str
    pages: int
    account: str
    ms: float
    answers: list[AnswerEntry]
    late: int


class IgnoredEntry(EntryStamp):
    """A save that concerns no page, and why."""

    path: str
    more: int
    why: str
    noise: bool


class ProblemEntry(EntryStamp):
    """A problem; ``shown`` in the pages until it is ``solved``, which is a time."""

    title: str
    detail: str
    shown: bool
    solved: float | None
