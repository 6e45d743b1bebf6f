"""How often refused visitors are reported, and with which option."""

from __future__ import annotations

from livereload_loc.access import Refusal
from livereload_loc.counter.refusals import REPEAT_SECONDS, RefusalReporter
from livereload_loc.events import Event, ProblemFound
from tests.support.manual_clock import Clock

FULL = Refusal(503, "2 sockets are open", "--max-visitors")


def test_an_option_is_reported_once_and_again_with_a_count() -> None:
    events: list[Event] = []
    clock = Clock()
    refusals = RefusalReporter(events.append, clock=clock)
    for _ in range(4):
        refusals.add(FULL)
    assert events == [
        ProblemFound("a visitor was refused: 2 sockets are open; use --max-visitors to allow more", "")
    ]
    clock.now += REPEAT_SECONDS
    refusals.add(FULL)
    assert isinstance(events[-1], ProblemFound)
    assert "refused (4 times since the last report)" in events[-1].title
    assert len(events) == 2


def test_a_refusal_without_an_option_is_not_reported() -> None:
    events: list[Event] = []
    RefusalReporter(events.append).add(Refusal(503, "the server is stopping"))
    assert events == []


def test_a_proxy_that_speaks_for_many_is_named() -> None:
    events: list[Event] = []
    RefusalReporter(events.append).add(FULL, forwarded=True)
    assert isinstance(events[0], ProblemFound)
    assert events[0].title.endswith(", or --trusted-proxy CIDR if a proxy speaks for many visitors")
