"""The queue before the steps: one batch at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from livereload_loc.changes import Batch, FileChange, Kind, merged
from livereload_loc.pipeline.steps.queue import PipelineStep, StepQueue
from livereload_loc.protocol import Problem
from tests.support.in_loop import in_loop
from tests.support.played_steps import PlayedStep
from tests.support.waiting import until_async


def batch(*paths: str, seen: float = 0.0, kind: Kind = "modified") -> Batch:
    return Batch(tuple(FileChange("/site", path, kind) for path in paths), seen)


def paths(batch: Batch) -> list[str]:
    return [change.path for change in batch.changes]


class Delivering(StepQueue):
    """A queue that keeps what it delivers."""

    def __init__(self, *steps: PipelineStep) -> None:
        super().__init__(steps, self._keep)
        self.delivered: list[Batch] = []
        self.problems: list[Problem | None] = []

    def _keep(self, batch: Batch) -> None:
        self.delivered.append(batch)
        self.problems.append(self.problem)

    async def delivers(self, count: int) -> None:
        await until_async(lambda: len(self.delivered) == count)


@asynccontextmanager
async def running(*steps: PipelineStep) -> AsyncIterator[Delivering]:
    queue = Delivering(*steps)
    work = asyncio.create_task(queue.run())
    yield queue
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@PlayedStep
async def nothing_to_do(given: Batch, queue: StepQueue) -> Batch:
    return given


def test_without_steps_a_batch_is_delivered_at_once() -> None:
    queue = Delivering()
    queue.put(batch("a.css"))
    assert queue.delivered == [batch("a.css")]


@in_loop
async def test_what_arrives_while_a_step_waits_goes_on_as_one() -> None:
    opened = asyncio.Event()

    @PlayedStep
    async def step(given: Batch, queue: StepQueue) -> Batch:
        await opened.wait()
        return given

    async with running(step) as queue:
        queue.put(batch("a.css", seen=1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for name in ("b.css", "c.css", "b.css"):
            queue.put(batch(name, seen=2))
        opened.set()
        await queue.delivers(2)
        assert [paths(each) for each in queue.delivered] == [["a.css"], ["b.css", "c.css"]]


@in_loop
async def test_a_step_hears_of_what_arrives_and_leaves_it_in_the_queue() -> None:
    heard: list[str] = []

    @PlayedStep
    async def step(given: Batch, queue: StepQueue) -> Batch:
        if paths(given) == ["a.py"]:
            heard.append("waits")
            await queue.wait_for(lambda waiting: "b.py" in paths(waiting))
            heard.append("heard")
        return given

    async with running(step) as queue:
        queue.put(batch("a.py"))
        await until_async(lambda: heard == ["waits"])
        for name in ("a.css", "b.css"):
            queue.put(batch(name))
            for _ in range(5):
                await asyncio.sleep(0)
            assert heard == ["waits"]
        queue.put(batch("b.py"))
        await queue.delivers(2)
        assert [paths(each) for each in queue.delivered] == [["a.py"], ["a.css", "b.css", "b.py"]]


@in_loop
async def test_what_a_step_takes_goes_through_no_further_one() -> None:
    taken: list[Batch | None] = []

    @PlayedStep
    async def step(given: Batch, queue: StepQueue) -> Batch:
        queue.put(batch("b.css"))
        taken.append(queue.take())
        taken.append(queue.take())
        return given

    async with running(step) as queue:
        queue.put(batch("a.css"))
        await queue.delivers(1)
        for _ in range(5):
            await asyncio.sleep(0)
        assert taken == [batch("b.css"), None]
        assert queue.delivered == [batch("a.css")]


@in_loop
async def test_a_batch_ends_where_a_problem_or_nothing_is_left() -> None:
    no = Problem("no", "")
    outcomes: list[Batch | Problem] = [no, Batch((), 0), batch("b.css")]
    passed: list[Batch] = []

    @PlayedStep
    async def first(given: Batch, queue: StepQueue) -> Batch | Problem:
        return outcomes.pop(0)

    @PlayedStep
    async def second(given: Batch, queue: StepQueue) -> Batch:
        passed.append(given)
        return given

    async with running(first, second) as queue:
        for turn in range(1, 4):
            queue.put(batch("a.css"))
            await queue.delivers(turn)
        assert queue.delivered == [Batch((), 0), Batch((), 0), batch("b.css")]
        assert queue.problems == [no, None, None]
        assert passed == [batch("b.css")]


@in_loop
async def test_what_a_step_starts_ends_with_the_queue() -> None:
    ended: list[str] = []

    async def later(queue: StepQueue) -> None:
        try:
            queue.deliver(batch("later.css"))
            await asyncio.sleep(3600)
        finally:
            ended.append("later")

    @PlayedStep
    async def step(given: Batch, queue: StepQueue) -> Batch:
        queue.start(later(queue))
        return given

    async with running(step) as queue:
        queue.put(batch("a.css"))
        await queue.delivers(2)
        assert [paths(each) for each in queue.delivered] == [["a.css"], ["later.css"]]
    assert ended == ["later"]


@in_loop
async def test_what_is_raised_on_delivery_comes_out() -> None:
    def deliver(batch: Batch) -> None:
        raise KeyError("lost")

    queue = StepQueue((nothing_to_do,), deliver)
    queue.put(batch("a.css"))
    with pytest.raises(KeyError, match="lost"):
        await queue.run()


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
