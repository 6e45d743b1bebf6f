"""The way through the gates, one batch at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from livereload_loc.changes import Batch, FileChange, Kind, merged
from livereload_loc.pipeline.steps.base import StepContext
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem
from tests.support.steps import PlayedGate


def batch(*paths: str, seen: float = 0.0, kind: Kind = "modified") -> Batch:
    return Batch(tuple(FileChange("/site", path, kind) for path in paths), seen)


def paths(told: Batch) -> list[str]:
    return [change.path for change in told.changes]


def carry(way: StepQueue, scenario: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        carrying = asyncio.ensure_future(way.run())
        try:
            async with asyncio.timeout(20):
                await scenario()
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.001)


def test_without_gates_a_batch_is_told_at_once() -> None:
    told: list[Batch] = []
    StepQueue((), told.append).put(batch("a.css"))
    assert told == [batch("a.css")]


def test_what_arrives_while_a_gate_waits_goes_on_as_one() -> None:
    told: list[Batch] = []
    opened = asyncio.Event()

    @PlayedGate
    async def gate(given: Batch, way: StepContext) -> Batch:
        await opened.wait()
        return given

    way = StepQueue((gate,), told.append)

    async def scenario() -> None:
        way.put(batch("a.css", seen=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for name in ("b.css", "c.css", "b.css"):
            way.put(batch(name, seen=2))
        opened.set()
        await until(lambda: len(told) == 2)
        assert [paths(each) for each in told] == [["a.css"], ["b.css", "c.css"]]

    carry(way, scenario)


def test_a_gate_hears_of_what_arrives_and_leaves_it_on_the_way() -> None:
    told: list[Batch] = []
    heard: list[str] = []

    @PlayedGate
    async def gate(given: Batch, way: StepContext) -> Batch:
        if paths(given) == ["a.py"]:
            heard.append("waits")
            await way.arrival(lambda waiting: "b.py" in paths(waiting))
            heard.append("heard")
        return given

    way = StepQueue((gate,), told.append)

    async def scenario() -> None:
        way.put(batch("a.py"))
        await until(lambda: heard == ["waits"])
        for name in ("a.css", "b.css"):
            way.put(batch(name))
            for _ in range(5):
                await asyncio.sleep(0)
            assert heard == ["waits"]
        way.put(batch("b.py"))
        await until(lambda: len(told) == 2)
        assert [paths(each) for each in told] == [["a.py"], ["a.css", "b.css", "b.py"]]

    carry(way, scenario)


def test_the_way_ends_where_a_problem_or_nothing_is_left() -> None:
    told: list[Batch] = []
    problems: list[Problem | None] = []
    no = Problem("no", "")
    outcomes: list[Batch | Problem] = [no, Batch((), 0), batch("b.css")]
    passed: list[Batch] = []

    @PlayedGate
    async def first(given: Batch, way: StepContext) -> Batch | Problem:
        return outcomes.pop(0)

    @PlayedGate
    async def second(given: Batch, way: StepContext) -> Batch:
        passed.append(given)
        return given

    def deliver(batch: Batch) -> None:
        told.append(batch)
        problems.append(way.problem)

    way = StepQueue((first, second), deliver)

    async def scenario() -> None:
        for turn in range(1, 4):
            way.put(batch("a.css"))
            await until(lambda turn=turn: len(told) == turn)  # type: ignore[misc]
        assert told == [Batch((), 0), Batch((), 0), batch("b.css")]
        assert problems == [no, None, None]
        assert passed == [batch("b.css")]

    carry(way, scenario)


def test_what_a_gate_starts_ends_with_the_way() -> None:
    ended: list[str] = []

    async def later(way: StepContext) -> None:
        try:
            way.tell(batch("later.css"))
            await asyncio.sleep(3600)
        finally:
            ended.append("later")

    @PlayedGate
    async def gate(given: Batch, way: StepContext) -> Batch:
        way.start(later(way))
        return given

    told: list[Batch] = []
    way = StepQueue((gate,), told.append)

    async def scenario() -> None:
        way.put(batch("a.css"))
        await until(lambda: len(told) == 2)
        assert [paths(each) for each in told] == [["a.css"], ["later.css"]]

    carry(way, scenario)
    assert ended == ["later"]


def test_what_the_teller_raises_comes_out() -> None:
    @PlayedGate
    async def gate(given: Batch, way: StepContext) -> Batch:
        return given

    def deliver(told: Batch) -> None:
        raise KeyError("lost")

    async def run() -> None:
        way = StepQueue((gate,), deliver)
        way.put(batch("a.css"))
        await way.run()

    with pytest.raises(KeyError, match="lost"):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("added", "modified", "modified"),
        ("deleted", "added", "modified"),
        ("modified", "deleted", "deleted"),
        ("added", "deleted", "deleted"),
    ],
)
def test_of_two_changes_of_a_file_the_newest_counts(first: Kind, second: Kind, kind: Kind) -> None:
    one = merged(batch("a", seen=2, kind=first), None, batch("a", seen=3, kind=second))
    assert one == batch("a", seen=2, kind=kind)
