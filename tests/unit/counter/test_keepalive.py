"""Sockets that are asked whether their pages are there, and sent away in the end."""

from __future__ import annotations

import asyncio
import re

from livereload_loc.counter.keepalive import GOODBYE_SECONDS, PING_SECONDS, PONG_SECONDS, KeepAlive
from tests.support.stepping import Clock


class Socket:
    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.waits_for_pong = False
        self.pings = 0
        self.was_cut = False
        self.ended: tuple[int, str] | None = None

    def ping(self) -> None:
        self.pings += 1
        self.waits_for_pong = not self.answers

    def end(self, code: int, reason: str) -> None:
        self.ended = code, reason

    def cut(self) -> None:
        self.was_cut = True


def tick(roll: KeepAlive) -> None:
    for _ in roll._due():
        pass


def test_the_silent_are_asked_and_the_dead_are_cut() -> None:
    clock = Clock()
    roll = KeepAlive(clock=clock)
    alive, dead = Socket(), Socket(answers=False)
    roll.enter(alive)
    roll.enter(dead)
    clock.now += PING_SECONDS - 1
    tick(roll)
    assert alive.pings == 0
    clock.now += 1
    tick(roll)
    assert (alive.pings, dead.pings) == (1, 1)
    clock.now += PONG_SECONDS
    tick(roll)
    assert (alive.was_cut, dead.was_cut) == (False, True)
    roll.leave(dead)
    clock.now += PING_SECONDS
    tick(roll)
    assert (alive.pings, dead.pings) == (2, 1)


def test_a_goodbye_has_its_time() -> None:
    clock = Clock()
    roll = KeepAlive(clock=clock)
    slow, quick = Socket(), Socket()
    for socket in (slow, quick):
        roll.enter(socket)
        roll.part(socket)
    roll.leave(quick)
    clock.now += GOODBYE_SECONDS
    tick(roll)
    assert (slow.was_cut, quick.was_cut) == (True, False)
    roll.part(quick)  # late, and of no account
    clock.now += GOODBYE_SECONDS
    tick(roll)
    assert not quick.was_cut
    assert (slow.pings, len(roll)) == (0, 1)


def test_all_leave_with_a_time_to_come_back() -> None:
    roll = KeepAlive()
    sockets = [Socket() for _ in range(1000)]
    for socket in sockets:
        roll.enter(socket)
    asyncio.run(roll.drain())
    waits = []
    for socket in sockets:
        assert socket.ended
        code, reason = socket.ended
        assert code == 1012
        found = re.fullmatch(r"retry-after=(\d+\.\d)", reason)
        assert found
        waits.append(float(found[1]))
    assert roll.draining
    assert 1.5 < max(waits) <= 2
    assert min(waits) < 0.5
