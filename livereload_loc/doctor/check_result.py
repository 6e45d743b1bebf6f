"""What the doctor finds, one fact at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One fact; where it is not ``ok``, ``fix`` says what to do."""

    ok: bool
    text: str
    fix: str = ""


class ChecksEnded(Exception):
    """Further checks make no sense: ``result`` says why."""

    def __init__(self, text: str, fix: str) -> None:
        super().__init__(text)
        self.result = CheckResult(False, text, fix)
