"""Time that a test moves by hand, and visitors that only listen."""

from __future__ import annotations

from livereload_loc.counter.counter import Counter
from livereload_loc.counter.site_visitors import Visit


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Page:
    """A visitor who keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.ended: tuple[int, str] | None = None

    def tell(self, message: str) -> None:
        self.told.append(message)

    def end(self, code: int, reason: str) -> None:
        self.ended = code, reason


def join(counter: Counter, site: str = "a.example", address: str = "1.2.3.4", browser: str = "b") -> Visit:
    """Let a new page in."""
    return counter.join(Page(), site, address, browser)
