"""Problems that steps find, and files that each reload writes."""

from __future__ import annotations

from livereload_loc.changes import Batch
from livereload_loc.events import (
    ChangeIgnored,
    ProblemFound,
    ProblemSolved,
    UpdateSummary,
)
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem
from tests.support.in_loop import in_loop
from tests.support.played_pipeline import Messages, PlayedPipeline
from tests.support.played_steps import PlayedStep
from tests.support.waiting import until_async


@in_loop
async def test_a_problem_goes_to_the_pages_and_away_with_the_next_good_batch() -> None:
    outcomes: list[Problem | None] = [Problem("Build failed", "line 3"), None]

    @PlayedStep
    async def build(batch: Batch, queue: StepQueue) -> Batch | Problem:
        return outcomes.pop(0) or batch

    async with PlayedPipeline(build) as played:
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
    async with PlayedPipeline(build, restart) as played:
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
async def test_a_file_that_each_reload_writes_is_reported_and_sent_after_a_calm() -> None:
    async with PlayedPipeline() as played:
        played.open_page()

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
    async with PlayedPipeline() as played:
        for turn in range(1, 6):
            played.now += 0.1
            played.save("loc.log")
            await until_async(lambda turn=turn: len(played.of(UpdateSummary)) == turn)  # type: ignore[misc]
        played.save("loc.log")
        assert (await played.first(ProblemFound)).title.startswith("loc.log is written")
