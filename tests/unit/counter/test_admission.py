"""Which pages are admitted, and what becomes of the others."""

from __future__ import annotations

import pytest
from websockets.datastructures import Headers

from livereload_loc.counter.admission import Admission
from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.websocket import CounterSocket
from livereload_loc.events import Event
from livereload_loc.settings import CounterSettings
from tests.support.fake_transport import HANDSHAKE, Wire
from tests.support.manual_clock import Page, admission_to

HEADERS = {"Host": "localhost", "Origin": "https://a.example"}


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def admission(events: list[Event]) -> Admission:
    counter = Counter(CounterSettings(max_per_address=1))
    return admission_to(counter, events.append, trusted=["10.0.0.0/8"])


def test_the_address_is_seen_through_trusted_proxies(admission: Admission) -> None:
    for visitor in ("1.2.3.4", "1.2.3.5"):
        admission.admit(Page(), Headers(HEADERS, **{"X-Forwarded-For": visitor}), "10.0.0.1")
    assert admission.counter.store.totals() == {"a.example": 2}


def test_a_refusal_is_reported_and_raised(admission: Admission, events: list[Event]) -> None:
    admission.admit(Page(), Headers(HEADERS), "1.2.3.4")
    with pytest.raises(VisitorRefused) as refused:
        admission.admit(Page(), Headers(HEADERS), "1.2.3.4")
    assert refused.value.refusal.option == "--max-per-address"
    assert len(events) == 1


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("Host", "evil.example", 421), ("Host", "", 400), ("Origin", "https:// a", 403)],
)
def test_odd_headers_are_refused(admission: Admission, name: str, value: str, status: int) -> None:
    with pytest.raises(VisitorRefused) as refused:
        admission.admit(Page(), Headers({**HEADERS, name: value}), "1.2.3.4")
    assert refused.value.refusal.status == status
    assert admission.counter.visitors == 0


def test_each_refusal_is_counted_and_ends_its_socket(admission: Admission) -> None:
    for head in (HANDSHAKE.replace(b"https://a.example", b"https:// a"), HANDSHAKE):
        page, wire = CounterSocket(admission), Wire()
        page.connection_made(wire)
        page.data_received(head)
        admission.keepalive.draining = True
        assert b" 101 " not in wire.written
        assert wire.is_closed
        page.connection_lost(None)
    assert admission.counter.refusals == {"none": 2}
    assert admission.counter.visitors == 0
