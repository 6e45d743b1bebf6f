"""One page's socket, on a connection without a network."""

from __future__ import annotations

import pytest

from livereload_loc.counter.admission import Admission
from livereload_loc.counter.counter import Counter
from livereload_loc.counter.websocket import MAX_UNREAD, CounterSocket
from tests.support.fake_transport import HANDSHAKE, Wire
from tests.support.manual_clock import admission_to

PING = b"\x89\x80\0\0\0\0"
PONG = b"\x8a\x80\0\0\0\0"


@pytest.fixture
def admission() -> Admission:
    return admission_to(Counter())


def visit(admission: Admission) -> tuple[CounterSocket, Wire]:
    """Open the socket of a page."""
    page, wire = CounterSocket(admission), Wire()
    page.connection_made(wire)
    page.data_received(HANDSHAKE)
    assert wire.written.startswith(b"HTTP/1.1 101 ")
    return page, wire


def test_the_greeting_comes_with_the_handshake(admission: Admission) -> None:
    _, wire = visit(admission)
    assert wire.written.endswith(b'{"type":"total","total":1,"state":"live"}')


def test_a_page_that_does_not_read_gets_the_newest_total_once_it_does(admission: Admission) -> None:
    page, wire = visit(admission)
    before = wire.written
    page.pause_writing()
    for total in range(100):
        page.send(f"{total}")
    assert wire.written == before
    page.resume_writing()
    assert wire.written == before + b"\x81\x0299"


def test_a_page_that_asks_and_never_reads_is_cut(admission: Admission) -> None:
    page, wire = visit(admission)
    page.pause_writing()
    wire.unread = MAX_UNREAD
    page.data_received(PING)
    assert not wire.is_closed
    wire.unread += 1
    page.data_received(PING)
    assert wire.is_closed


def test_each_ping_repeats_the_total_and_lets_the_page_speak(admission: Admission) -> None:
    page, wire = visit(admission)
    for _ in range(10):
        for _ in range(15):
            page.data_received(PONG)
        wire.written = b""
        page.ping()
        assert page.waits_for_pong
        assert wire.written.startswith(b"\x89\x00\x81")
        page.data_received(PONG)
        assert not page.waits_for_pong
    assert not wire.is_closed


def test_what_ends_a_socket_is_counted(admission: Admission) -> None:
    page, _ = visit(admission)
    page.data_received(b"\x81\x82\0\0\0\0{}")
    page.data_received(b"\x81\x82\0\0\0\0{}")
    page.connection_lost(None)
    assert admission.counter.faults == {1008: 1}
    assert admission.counter.visitors == 0
