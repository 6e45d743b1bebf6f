"""Numbers, mailboxes and catching up."""

import asyncio
import contextlib
import json

import pytest

from livereload_loc.changes import Decision
from livereload_loc.pipeline.hub import (
    KEPT_SECONDS,
    KEPT_UPDATES,
    MAILBOX_FRAMES,
    TRANSIT_SECONDS,
    Hub,
    Mailbox,
)
from livereload_loc.pipeline.seen_requests import KEPT
from livereload_loc.protocol import PageHello, Problem, Update
from tests.support.in_loop import in_loop
from tests.support.manual_clock import Clock

CSS = Decision("css", ("a.css",))


@pytest.fixture
def clock() -> Clock:
    return Clock(1000.0)


@pytest.fixture
def hub(clock: Clock) -> Hub:
    return Hub(clock=clock, run="run-1")


def page(seq: int | None = None, run: str | None = None, age: float = 0) -> PageHello:
    return PageHello("/", seq, run, age)


def mailbox(hub: Hub, since: int) -> Mailbox:
    """One that was opened just now, after update number ``since``."""
    return Mailbox(since, hub._clock())


def reload_all(seq: int) -> Update:
    return Update(seq, "reload", (), everyone=True)


def seqs(updates: list[Update]) -> list[int]:
    return [update.seq for update in updates]


async def drain(mailbox: Mailbox) -> list[dict[str, object]]:
    frames: list[dict[str, object]] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.01):
            async for frame in mailbox:
                frames.append(json.loads(frame))
    return frames


@in_loop
async def test_every_subscriber_gets_every_update_in_order(hub: Hub) -> None:
    with hub.subscribe() as one, hub.subscribe() as two:
        for _ in range(5):
            hub.send(CSS)
        assert [frame["seq"] for frame in await drain(one)] == [1, 2, 3, 4, 5]
        assert [frame["seq"] for frame in await drain(two)] == [1, 2, 3, 4, 5]


@in_loop
async def test_a_reader_that_waits_gets_the_update_as_it_comes(hub: Hub) -> None:
    with hub.subscribe() as mailbox:
        frames = aiter(mailbox)
        waiting = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        hub.send(CSS)
        assert json.loads(await asyncio.wait_for(waiting, 1))["seq"] == 1


@in_loop
async def test_a_mailbox_nobody_reads_keeps_the_newest_only(hub: Hub) -> None:
    with hub.subscribe() as mailbox:
        for _ in range(MAILBOX_FRAMES + 10):
            hub.send(CSS)
        assert [frame["seq"] for frame in await drain(mailbox)] == list(range(11, MAILBOX_FRAMES + 11))


def test_a_subscriber_that_left_holds_nothing(hub: Hub) -> None:
    with hub.subscribe():
        assert hub.subscribers == 1
    assert hub.subscribers == 0


def test_the_greeting_is_hello_and_the_problem_of_the_moment(hub: Hub) -> None:
    hub.send(CSS)
    with hub.subscribe() as mailbox:
        assert [json.loads(frame)["type"] for frame in hub.greeting(mailbox)] == ["hello"]
        assert json.loads(hub.greeting(mailbox)[0]) == {"type": "hello", "run": "run-1", "seq": 1}
    hub.report(Problem("Build failed", "line 3"))
    with hub.subscribe() as mailbox:
        assert [json.loads(frame)["type"] for frame in hub.greeting(mailbox)] == ["hello", "problem"]
    hub.solve()
    with hub.subscribe() as mailbox:
        assert [json.loads(frame)["type"] for frame in hub.greeting(mailbox)] == ["hello"]


@in_loop
async def test_a_problem_is_told_and_taken_away_once(hub: Hub) -> None:
    with hub.subscribe() as mailbox:
        hub.solve()
        hub.report(Problem("Build failed", "line 3"))
        hub.solve()
        hub.solve()
        assert [frame["type"] for frame in await drain(mailbox)] == ["problem", "solved"]


def test_a_page_that_knows_an_older_update_is_told_what_followed(hub: Hub) -> None:
    for _ in range(5):
        hub.send(CSS)
    assert seqs(hub.missed(page(3, "run-1"), mailbox(hub, 5))) == [4, 5]
    assert hub.missed(page(5, "run-1"), mailbox(hub, 5)) == []


def test_what_comes_by_mailbox_is_not_told_twice(hub: Hub) -> None:
    for _ in range(5):
        hub.send(CSS)
    assert seqs(hub.missed(page(1, "run-1"), mailbox(hub, 3))) == [2, 3]
    assert seqs(hub.missed(page(age=60_000), mailbox(hub, 3))) == [1, 2, 3]


def test_a_page_that_knows_none_is_told_what_came_while_it_was_loading(hub: Hub, clock: Clock) -> None:
    hub.send(CSS)
    clock.now += 5
    hub.send(CSS)
    clock.now += 1
    assert seqs(hub.missed(page(age=1_500), mailbox(hub, 2))) == [2]
    assert seqs(hub.missed(page(age=1_000), mailbox(hub, 2))) == [2]
    assert hub.missed(page(age=999), mailbox(hub, 2)) == []


def test_a_save_is_not_lost_while_the_message_of_a_new_page_is_on_its_way(hub: Hub, clock: Clock) -> None:
    hub.send(CSS)
    with hub.subscribe() as mailbox:
        clock.now += TRANSIT_SECONDS
        assert seqs(hub.missed(page(age=1), mailbox)) == [1]
        clock.now += 0.01
        assert hub.missed(page(age=1), mailbox) == []


def test_a_message_on_its_way_makes_no_page_older_than_the_socket_allows(hub: Hub, clock: Clock) -> None:
    hub.send(CSS)
    clock.now += 0.01
    with hub.subscribe() as mailbox:
        clock.now += 0.01
        assert hub.missed(page(age=5), mailbox) == []


@pytest.mark.parametrize("stranger", [page(1, "run-0"), page(9, "run-1"), page(0, "")])
def test_a_page_of_another_run_reloads(hub: Hub, stranger: PageHello) -> None:
    for _ in range(3):
        hub.send(CSS)
    assert hub.missed(stranger, mailbox(hub, 3)) == [reload_all(3)]


def test_a_page_of_another_run_reloads_even_when_nothing_was_saved_since(hub: Hub) -> None:
    assert hub.missed(page(7, "run-0"), mailbox(hub, 0)) == [reload_all(0)]


def test_a_page_that_was_away_for_too_many_updates_reloads(hub: Hub) -> None:
    for _ in range(KEPT_UPDATES + 1):
        hub.send(CSS)
    assert len(hub.missed(page(1, "run-1"), mailbox(hub, hub.seq))) == KEPT_UPDATES
    assert hub.missed(page(0, "run-1"), mailbox(hub, hub.seq)) == [reload_all(hub.seq)]


def test_a_page_that_was_away_for_too_long_reloads(hub: Hub, clock: Clock) -> None:
    hub.send(CSS)
    clock.now += KEPT_SECONDS + 1
    hub.send(CSS)
    assert seqs(hub.missed(page(1, "run-1"), mailbox(hub, 2))) == [2]
    assert hub.missed(page(0, "run-1"), mailbox(hub, 2)) == [reload_all(2)]


def test_a_page_that_is_older_than_what_is_remembered_reloads(hub: Hub, clock: Clock) -> None:
    hub.send(CSS)
    clock.now += KEPT_SECONDS + 1
    assert hub.missed(page(age=(KEPT_SECONDS + 2) * 1000), mailbox(hub, 1)) == [reload_all(1)]
    assert hub.missed(page(age=KEPT_SECONDS * 1000), mailbox(hub, 1)) == []


def test_a_run_has_a_name_of_its_own() -> None:
    assert len({Hub().run for _ in range(10)}) == 10


def test_a_page_that_was_fetched_ahead_is_told_what_came_since(hub: Hub, clock: Clock) -> None:
    hub.requests.add_page("/", ahead=True)
    clock.now += 60
    hub.send(CSS)
    assert seqs(hub.missed(page(), mailbox(hub, 1))) == [1]
    clock.now += 60
    hub.requests.add_page("/", ahead=False)
    assert hub.missed(page(), mailbox(hub, 1)) == [], "this one is new"


def test_only_so_many_pages_fetched_ahead_are_remembered(hub: Hub, clock: Clock) -> None:
    for number in range(KEPT + 1):
        hub.requests.add_page("/" if not number else f"/{number}", ahead=True)
    hub.send(CSS)
    clock.now += 60
    assert hub.missed(page(), mailbox(hub, 1)) == []
