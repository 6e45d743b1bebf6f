"""The end of the counter: visitors are sent away and told when to come back."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import struct

from tests.support.counter_requests import get, raw, refused
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE, until


def test_visitors_are_sent_away_in_good_order() -> None:
    with contextlib.ExitStack() as stack:
        counter = stack.enter_context(LocDev("count", "--port", "0", "--max-per-address", "3000"))
        sockets = [stack.enter_context(raw(counter)) for _ in range(3000)]
        counter.wait_for("total", lambda event: event["total"] == 3000)
        counter.process.send_signal(signal.SIGTERM)
        until(lambda: get(f"{counter.url}/_loc/healthz")[0] == 503)
        assert refused(counter) == 503
        waits = [_told_to_come_back(connection) for connection in sockets]
        assert counter.process.wait(DEADLINE) == 0
        assert 4 < max(waits) <= 6, "spread so that 500 come in a second"
        assert min(waits) < 0.5
        assert counter.errors == ""


def test_a_second_signal_ends_it_at_once() -> None:
    with contextlib.ExitStack() as stack:
        counter = stack.enter_context(LocDev("count", "--port", "0", "--max-per-address", "4000"))
        sockets = [stack.enter_context(raw(counter)) for _ in range(3000)]
        counter.process.send_signal(signal.SIGTERM)
        _told_to_come_back(sockets[0])
        counter.process.send_signal(signal.SIGTERM)
        assert counter.process.wait(DEADLINE) == 0
        last = b""
        with contextlib.suppress(ConnectionError):
            while part := sockets[-1].recv(4096):
                last += part
        assert b"retry-after" not in last, "there was no time to send them all away"
        assert counter.errors == ""


def _told_to_come_back(connection: socket.socket) -> float:
    """Read frames until the one that closes; the seconds after which to come back."""
    with connection.makefile("rb") as stream:
        while True:
            first, length = stream.read(2)
            body = stream.read(length)
            if first == 0x88:
                break
    assert struct.unpack("!H", body[:2]) == (1012,)
    found = re.fullmatch(rb"retry-after=(\d+\.\d)", body[2:])
    assert found
    return float(found[1])
