"""A clock that a test moves by hand, and pages that keep what they are sent."""

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
    """The connection of a page; it keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.closed: tuple[int, str] | None = None

    def send(self, message: str) -> None:
        self.messages.append(message)

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason


def join(counter: Counter, site: str = "a.example", address: str = "1.2.3.4", browser: str = "b") -> Visit:
    """Have a new page join."""
    return counter.join(Page(), site, address, browser)
