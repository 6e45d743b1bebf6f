"""Clocks and timers that a test moves by hand, and pages that keep what they are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

from livereload_loc.access import Guard
from livereload_loc.counter.admission import Admission
from livereload_loc.counter.client_address import ClientAddressResolver
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.keepalive import KeepAlive
from livereload_loc.counter.refusals import RefusalReporter
from livereload_loc.counter.site_visitors import Visit
from livereload_loc.events import Reporter


class Clock:
    """Seconds that pass when told to."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass(eq=False)
class Timer:
    """A call at a time."""

    at: float
    call: Callable[[], None]
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


class Timers:
    """The timers of an event loop that a test moves on by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[Timer] = []

    def call_later(self, seconds: float, call: Callable[..., None], *given: object) -> Timer:
        """Have ``call`` called in ``seconds``."""
        timer = Timer(self.now + seconds, partial(call, *given))
        self._waiting.append(timer)
        return timer

    def advance(self, seconds: float) -> None:
        """Run what is due within ``seconds``, in order."""
        end = self.now + seconds
        while due := [timer for timer in self._waiting if timer.at <= end]:
            timer = min(due, key=attrgetter("at"))
            self._waiting.remove(timer)
            self.now = timer.at
            if not timer.is_cancelled:
                timer.call()
        self.now = end


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


def admission_to(counter: Counter, report: Reporter = [].append, *, trusted: Sequence[str] = ()) -> Admission:
    """Admission to ``counter`` on this machine, whose timers never run out."""
    keepalive = KeepAlive(Timers().call_later)
    return Admission(counter, keepalive, ClientAddressResolver(trusted), Guard(), RefusalReporter(report))
