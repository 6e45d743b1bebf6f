"""Pings, deadlines, and the close of all sockets at the end."""

from __future__ import annotations

import re

from livereload_loc.counter.keepalive import CLOSE_SECONDS, PING_SECONDS, PONG_SECONDS, KeepAlive
from tests.support.in_loop import in_loop
from tests.support.manual_clock import Timers


class Socket:
    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.waits_for_pong = False
        self.pings = 0
        self.is_aborted = False
        self.closed: tuple[int, str] | None = None

    def ping(self) -> None:
        self.pings += 1
        self.waits_for_pong = not self.answers

    def close(self, code: int, reason: str) -> None:
        self.closed = code, reason

    def abort(self) -> None:
        self.is_aborted = True


def test_silent_sockets_are_pinged_and_dead_ones_aborted() -> None:
    timers = Timers()
    keepalive = KeepAlive(timers.call_later)
    alive, dead = Socket(), Socket(answers=False)
    keepalive.opened(alive)
    keepalive.opened(dead)
    timers.advance(PING_SECONDS - 1)
    assert alive.pings == 0
    timers.advance(1)
    assert (alive.pings, dead.pings) == (1, 1)
    timers.advance(PONG_SECONDS)
    assert (alive.is_aborted, dead.is_aborted) == (False, True)
    keepalive.closed(dead)
    timers.advance(PING_SECONDS - PONG_SECONDS)
    assert (alive.pings, dead.pings) == (2, 1)


def test_a_closing_handshake_has_its_time() -> None:
    timers = Timers()
    keepalive = KeepAlive(timers.call_later)
    slow, quick = Socket(), Socket()
    for socket in (slow, quick):
        keepalive.opened(socket)
        keepalive.closing(socket)
    keepalive.closed(quick)
    timers.advance(CLOSE_SECONDS)
    assert (slow.is_aborted, quick.is_aborted) == (True, False)
    keepalive.closing(quick)  # too late to matter
    timers.advance(PING_SECONDS)
    assert not quick.is_aborted
    assert (slow.pings, len(keepalive)) == (0, 1)


@in_loop
async def test_all_sockets_are_closed_with_a_time_to_come_back() -> None:
    keepalive = KeepAlive(Timers().call_later)
    sockets = [Socket() for _ in range(1000)]
    for socket in sockets:
        keepalive.opened(socket)
    await keepalive.drain()
    waits = []
    for socket in sockets:
        assert socket.closed
        code, reason = socket.closed
        assert code == 1012
        found = re.fullmatch(r"retry-after=(\d+\.\d)", reason)
        assert found
        waits.append(float(found[1]))
    assert keepalive.draining
    assert 1.5 < max(waits) <= 2
    assert min(waits) < 0.5
