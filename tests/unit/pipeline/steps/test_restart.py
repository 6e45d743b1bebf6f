"""Which changes wait for a restart of the backend, and for what, with the backend played."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine

import pytest

from livereload_loc.backend import BackendState
from livereload_loc.changes import Batch, FileChange
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.pipeline.steps.restart import LATER_SECONDS, NOTICED_SECONDS, RestartStep
from livereload_loc.process.backend_probe import BackendProbe
from livereload_loc.protocol import Problem
from tests.support.in_loop import in_loop


def saved(path: str) -> Batch:
    return Batch((FileChange("/site", path, "modified"),), 0.0)


class Played(BackendProbe, StepQueue):
    """A backend, a command and a queue."""

    def __init__(self, *seen: bool, answers: tuple[bool, ...] = (True,)) -> None:
        StepQueue.__init__(self, (), self._told)
        self.state = BackendState()
        self.log: list[str] = []
        self.problems: list[Problem] = []
        self._seen, self._answers = list(seen), list(answers)
        self._beside: list[asyncio.Task[None]] = []

    async def wait_for_restart(self, within: float) -> bool:
        self.log.append(f"watched for {within}")
        return self._seen.pop(0)

    async def wait_for_response(self, within: float) -> bool:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        self.log.append("answers" if answer else "silent")
        return answer

    async def restart(self) -> None:
        self.log.append("restarted")

    def watch_processes(self, seconds: float) -> None:
        self.log.append(f"its processes, too, for {seconds}")

    def printed(self, since: float) -> str:
        return ""

    def take(self) -> None:
        raise AssertionError

    def put(self, batch: Batch) -> None:
        raise AssertionError

    async def wait_for(self, matches: Callable[[Batch], bool]) -> None:
        await asyncio.Event().wait()

    def _told(self, batch: Batch) -> None:
        if problem := self._step.problem:
            self.problems.append(problem)
        self.log.append("told" if batch.changes else "problem" if problem else "nothing")

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._beside.append(task)
        return task

    async def pass_(self, step: RestartStep, path: str) -> Batch:
        """Return what comes of a save, after everything that follows it."""
        self._step = step
        batch = await step(saved(path), self)
        self.deliver(batch)
        for work in self._beside:
            with contextlib.suppress(asyncio.CancelledError):
                await work
        return batch


@pytest.mark.parametrize(
    ("seen", "log"),
    [
        ((True,), ["watched for 1.5", "answers", "told"]),
        ((False, False), ["watched for 1.5", "answers", "told", "watched for 5.0"]),
        ((False, True), ["watched for 1.5", "answers", "told", "watched for 5.0", "answers", "told"]),
    ],
)
@in_loop
async def test_code_waits_for_the_restart(seen: tuple[bool, ...], log: list[str]) -> None:
    assert (NOTICED_SECONDS, LATER_SECONDS) == (1.5, 5.0)
    played = Played(*seen)
    assert await played.pass_(RestartStep(["*.py"], played, played.state), "app/main.py") == saved(
        "app/main.py"
    )
    assert played.log == log


@in_loop
async def test_a_command_that_may_restart_by_itself_is_watched_more_closely() -> None:
    played = Played(True)
    await played.pass_(RestartStep(["*.py"], played, played.state, command=played), "main.py")
    assert played.log == ["its processes, too, for 1.5", "watched for 1.5", "answers", "told"]


@in_loop
async def test_what_is_no_code_waits_for_nothing() -> None:
    played = Played()
    await played.pass_(
        RestartStep(["*.py"], played, played.state, restart=["*.rb"], command=played), "site.css"
    )
    await played.pass_(RestartStep(["*.py"], None, played.state), "main.py")
    assert played.log == ["told", "told"]


@in_loop
async def test_our_own_command_is_restarted_rather_than_watched() -> None:
    played = Played()
    await played.pass_(
        RestartStep(["*.py"], played, played.state, restart=["app/*.py"], command=played), "app/main.py"
    )
    assert played.log == ["restarted", "answers", "told"]


@in_loop
async def test_a_command_without_a_backend_is_restarted_all_the_same() -> None:
    played = Played()
    await played.pass_(RestartStep([], None, played.state, restart=["*.py"], command=played), "main.py")
    assert played.log == ["restarted", "told"]


@in_loop
async def test_a_backend_that_stays_away_is_a_problem_until_it_returns() -> None:
    played = Played(True, answers=(False, False, True))
    step = RestartStep(["*.py"], played, played.state, "http://localhost:8000")
    await played.pass_(step, "main.py")
    (problem,) = played.problems
    assert step.problem is None
    assert problem.title == "main.py: http://localhost:8000 does not answer"
    assert (problem.detail, problem.printed) == ("What it printed may say why.", False)
    assert played.log == ["watched for 1.5", "silent", "problem", "silent", "answers", "told"]
