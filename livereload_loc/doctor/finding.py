"""What the doctor says, one fact at a time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact; ``cure`` says what to do where it is not ``well``."""

    well: bool
    what: str
    cure: str = ""
