"""The flow of a change through the steps to the pages, with a played watcher."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, TypeVar

import pytest

from livereload_loc.changes import Batch, FileChange, Kind, ServedFolder
from livereload_loc.events import (
    ChangeIgnored,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.pipeline.steps.queue import PipelineStep, StepQueue
from livereload_loc.protocol import Did, PageAnswer, Problem
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice
from tests.support.in_loop import in_loop
from tests.support.played_steps import PlayedStep
from tests.support.waiting import until_async

E = TypeVar("E", bound=Event)


def saved(*paths: str, root: str = "/site", kind: Kind = "modified") -> Batch:
    return Batch(tuple(FileChange(root, path, kind) for path in paths), seen=0.0)


class Played:
    """A pipeline, the watcher that it listens to, a page, and what is reported."""

    def __init__(self, *steps: PipelineStep, exact: bool = False, site: ServedFolder | None = None) -> None:
        self.reports: list[Event] = []
        self.now = 0.0
        self.hub = Hub(run="run-1", exact=exact)
        self.pipeline = ReloadPipeline(
            self.hub, self, self.reports.append, steps=steps, site=site, clock=lambda: self.now, calm=0.01
        )
        self._events: asyncio.Queue[Batch | IgnoredSave | WatchNotice] = asyncio.Queue()

    async def __aenter__(self) -> Played:
        self._running = asyncio.create_task(self.pipeline.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def __aiter__(self) -> AsyncIterator[Batch | IgnoredSave | WatchNotice]:
        while True:
            yield await self._events.get()

    def attend(self) -> None:
        pass

    def see(self, event: Batch | IgnoredSave | WatchNotice) -> None:
        self._events.put_nowait(event)

    def save(self, *paths: str) -> None:
        self.see(saved(*paths))

    async def sent(self, seq: int) -> None:
        await until_async(lambda: self.hub.seq == seq)

    def answer(self, seq: int, did: Did) -> None:
        self.pipeline.pages.answered(1, "/", PageAnswer(seq, did, ""))

    def of(self, kind: type[E]) -> list[E]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def first(self, kind: type[E]) -> E:
        await until_async(lambda: self.of(kind))
        return self.of(kind)[0]


class Messages:
    """What a page is sent."""

    def __init__(self, hub: Hub) -> None:
        self._subscription = hub.subscribe()
        self._frames = aiter(self._subscription.__enter__())

    async def next(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(await anext(self._frames))
        return message


@in_loop
async def test_a_batch_is_sent_and_accounted_for() -> None:
    async with Played() as played:
        played.pipeline.pages.joined(1, "/about/")
        played.save("a.css")
        await played.sent(1)
        played.now = 0.014
        played.answer(1, "css")
        assert await played.first(UpdateSummary) == UpdateSummary("a.css", "1 tab swapped", 14.0, seq=1)
        assert played.of(UpdateSent) == [UpdateSent(("a.css",), "css", 1, seq=1)]


@in_loop
async def test_what_nobody_uses_is_followed_by_one_for_all() -> None:
    async with Played() as played:
        messages = Messages(played.hub)
        played.pipeline.pages.joined(1, "/")
        played.save("data.css")
        assert "all" not in await messages.next()
        played.answer(1, "nothing")
        update = await messages.next()
        assert (update["all"], update["action"], update["paths"]) == (True, "reload", ["data.css"])
        played.answer(2, "reload")
        assert (await played.first(UpdateSummary)).line == "data.css: 1 tab reloaded"
        assert len(played.of(UpdateSummary)) == 1


@in_loop
async def test_what_was_deleted_is_said_to_be_in_the_line_alone() -> None:
    async with Played() as played:
        played.pipeline.pages.joined(1, "/")
        played.see(saved("old.css", kind="deleted"))
        await played.sent(1)
        played.answer(1, "nothing")
        await played.sent(2)
        played.answer(2, "reload")
        assert (await played.first(UpdateSummary)).line == "old.css deleted: 1 tab reloaded"
        assert played.of(UpdateSent)[1].paths == ("old.css",)


@in_loop
async def test_a_step_may_change_the_batch() -> None:
    @PlayedStep
    async def build(batch: Batch, queue: StepQueue) -> Batch:
        return saved("out/site.css")

    async with Played(build) as played:
        played.save("src/site.scss")
        assert await played.first(UpdateSent) == UpdateSent(("out/site.css",), "css", 0, seq=1)


@in_loop
async def test_a_problem_goes_to_the_pages_and_away_with_the_next_good_batch() -> None:
    outcomes: list[Problem | None] = [Problem("Build failed", "line 3"), None]

    @PlayedStep
    async def build(batch: Batch, queue: StepQueue) -> Batch | Problem:
        return outcomes.pop(0) or batch

    async with Played(build) as played:
        messages = Messages(played.hub)
        played.save("a.css")
        assert (await messages.next())["title"] == "Build failed"
        assert played.of(ProblemFound) == [ProblemFound("Build failed", "line 3", shown=True)]
        assert played.hub.seq == 0
        played.save("a.css")
        assert [(await messages.next())["type"] for _ in range(2)] == ["solved", "update"]
        assert played.of(ProblemSolved) == [ProblemSolved("Build failed")]


class Troubled:
    """A step that stops nothing, with a problem that the test sets."""

    problem: Problem | None = None

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        return batch


@in_loop
async def test_of_two_problems_the_one_that_stays_is_shown_again_once_the_other_is_over() -> None:
    build, restart = Troubled(), Troubled()
    failed, away = Problem("failed", ""), Problem("away", "")
    async with Played(build, restart) as played:
        for turn, problems in enumerate([(None, away), (failed, away), (None, away), (None, None)], 1):
            build.problem, restart.problem = problems
            played.save("a.css")
            await played.sent(turn)
        said = [
            report.title if isinstance(report, ProblemFound) else "solved"
            for report in played.reports
            if isinstance(report, ProblemFound | ProblemSolved)
        ]
        assert said == ["away", "failed", "away", "solved"]


@in_loop
async def test_what_the_watcher_reports_is_passed_on() -> None:
    async with Played() as played:
        played.see(IgnoredSave("notes.txt", "ignored by .gitignore:4", noise=False, count=1))
        played.see(WatchNotice("polling", "raise the limit"))
        await played.first(ProblemFound)
        assert played.reports == [
            ChangeIgnored("notes.txt", "ignored by .gitignore:4", noise=False),
            ProblemFound("polling", "raise the limit"),
        ]


@in_loop
async def test_a_file_that_each_reload_writes_is_reported_and_sent_after_a_calm() -> None:
    async with Played() as played:
        played.pipeline.pages.joined(1, "/")

        async def reload_and_write(turn: int) -> None:
            await played.sent(turn)
            played.now += 1
            played.answer(turn, "reload")
            played.now += 0.1
            played.save("db.sqlite3")

        played.save("db.sqlite3")
        for turn in range(1, 6):
            await reload_and_write(turn)
        problem = await played.first(ProblemFound)
        assert "db.sqlite3" in problem.title
        assert "--ignore '/db.sqlite3'" in problem.detail
        for turn in (6, 7):  # it is sent once more, and once more, to see whether it comes again
            await reload_and_write(turn)
        await played.first(ChangeIgnored)
        assert played.hub.seq == 7
        played.now += 10
        played.save("db.sqlite3")  # nobody reloaded: somebody's save
        await played.sent(8)


@in_loop
async def test_a_file_that_our_own_output_goes_to_is_reported() -> None:
    async with Played() as played:
        for turn in range(1, 6):
            played.now += 0.1
            played.save("loc.log")
            await until_async(lambda turn=turn: len(played.of(UpdateSummary)) == turn)  # type: ignore[misc]
        played.save("loc.log")
        assert (await played.first(ProblemFound)).title.startswith("loc.log is written")


@in_loop
async def test_what_a_reporter_raises_comes_out_as_it_is() -> None:
    def broken(report: Event) -> None:
        raise BrokenPipeError

    played = Played()
    played.save("a.css")
    with pytest.raises(BrokenPipeError):
        await ReloadPipeline(played.hub, played, broken).run()


@in_loop
async def test_the_user_may_have_all_pages_reload() -> None:
    async with Played() as played:
        messages = Messages(played.hub)
        played.pipeline.pages.joined(1, "/")
        played.pipeline.reload_all()
        update = await messages.next()
        assert (update["all"], update["action"], update["paths"]) == (True, "reload", [])
        played.answer(1, "reload")
        assert await played.first(UpdateSummary) == UpdateSummary("all pages", "1 tab reloaded", 0.0, 1)


@in_loop
async def test_a_pause_keeps_saves_and_sends_them_as_one() -> None:
    async with Played() as played:
        played.pipeline.pause()
        for path in ("a.css", "b.css", "a.css"):
            played.save(path)
        played.see(WatchNotice("read so far", ""))
        await played.first(ProblemFound)
        assert played.hub.seq == 0
        played.pipeline.pause()
        assert played.of(PauseChanged) == [PauseChanged(True), PauseChanged(False, 2)]
        assert played.of(UpdateSent) == [UpdateSent(("a.css", "b.css"), "css", 0, 1)]
        played.save("c.css")
        await played.sent(2)


@in_loop
async def test_a_pause_is_nobodys_delay() -> None:
    async with Played() as played:
        played.pipeline.pages.joined(1, "/")
        played.pipeline.pause()
        played.save("a.css")
        played.see(WatchNotice("read so far", ""))
        await played.first(ProblemFound)
        played.now = 60.0
        played.pipeline.pause()
        played.now = 60.02
        played.answer(1, "css")
        assert await played.first(UpdateSummary) == UpdateSummary("a.css", "1 tab swapped", 20.0, 1)


@in_loop
async def test_a_pause_in_which_nothing_was_saved() -> None:
    async with Played() as played:
        played.pipeline.pause()
        played.pipeline.pause()
        assert played.of(PauseChanged) == [PauseChanged(True), PauseChanged(False)]
        assert played.hub.seq == 0


@pytest.mark.parametrize(
    ("paths", "update"),
    [
        (("public/a.css",), {"action": "css", "paths": ["a.css"]}),
        (("src/a.css",), {"action": "reload", "paths": ["src/a.css"], "all": True}),
        (("a.md", "public/a.css"), {"action": "reload", "paths": ["a.css", "a.md"], "all": True}),
    ],
)
@in_loop
async def test_what_lies_beside_the_served_folder_concerns_all(
    paths: tuple[str, ...], update: dict[str, object]
) -> None:
    async with Played(exact=True, site=ServedFolder("/project/public", "/project/public")) as played:
        messages = Messages(played.hub)
        played.see(saved(*paths, root="/project"))
        assert await messages.next() == {"type": "update", "seq": 1, **update}
