"""When pages are told of changed code, with the backend played."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from livereload_loc.backend import BackendProbe, BackendState
from livereload_loc.changes import Batch, FileChange
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.steps.queue import PipelineStep, StepQueue
from livereload_loc.pipeline.steps.restart import LATER_SECONDS, NOTICED_SECONDS, RestartStep
from livereload_loc.protocol import Problem
from tests.support.in_loop import in_loop
from tests.support.played_steps import PlayedStep
from tests.support.waiting import DEADLINE, until_async


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

    async def restarts(self, within: float) -> bool:
        self.log.append(f"watched for {within}")
        return self._seen.pop(0)

    async def responds(self, within: float) -> bool:
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


class Server(BackendProbe):
    """A backend and command that goes and comes as the test says, and what is told of it on a real queue."""

    def __init__(
        self, *before: PipelineStep, restart: tuple[str, ...] = (), within: float = DEADLINE
    ) -> None:
        self.up, self.went, self.starts, self.hint = (asyncio.Event() for _ in range(4))
        self.state = BackendState()
        self.up.set()
        self.starts.set()
        self.asking = 0
        self.log: list[str] = []
        self.told: list[tuple[list[str], float] | str] = []
        self._problem: Problem | None = None
        self._within, self._tasks = within, list[asyncio.Task[None]]()
        self.step = RestartStep(["*.py"], self, self.state, restart=restart, command=self)
        self.queue = StepQueue((*before, self.step), self._tell)
        start = self.queue.start
        self.queue.start = lambda work: self._tasks.append(start(work)) or self._tasks[-1]  # type: ignore[method-assign, func-returns-value]

    async def restarts(self, within: float) -> bool:
        self.log.append("watched")
        return not self.hint.is_set() and await self._happens(self.went, within)

    async def responds(self, within: float) -> bool:
        self.log.append("asked")
        self.asking += 1
        try:
            return await self._happens(self.up, within)
        finally:
            self.asking -= 1

    async def restart(self) -> None:
        self.log.append("restarted")
        await self.starts.wait()

    def watch_processes(self, seconds: float) -> None:
        pass

    def printed(self, since: float) -> str:
        return f"SyntaxError, after {since:g}"

    async def _happens(self, event: asyncio.Event, within: float) -> bool:
        """The seconds of the step are long for a test that waits for their end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(within, self._within)):
                return await event.wait()
        return False

    def _tell(self, batch: Batch) -> None:
        problem = self.queue.problem
        if problem is not self._problem:
            self._problem = problem
            self.told.append(problem.title.partition(":")[0] if problem else "solved")
        if batch.changes:
            self.told.append(([change.path for change in batch.changes], batch.seen))

    def save(self, path: str, seen: float) -> None:
        self.queue.put(Batch((FileChange("/site", path, "modified"),), seen))

    async def told_all(self, *told: tuple[list[str], float] | str) -> None:
        """Wait until nothing more can be told; that was all of it."""
        await until_async(lambda: len(self.told) >= len(told) and all(task.done() for task in self._tasks))
        assert self.told == list(told)


@asynccontextmanager
async def running(
    *before: PipelineStep, restart: tuple[str, ...] = (), within: float = DEADLINE
) -> AsyncIterator[Server]:
    """A server whose queue runs."""
    server = Server(*before, restart=restart, within=within)
    async with background(server.queue.run()):
        yield server


@in_loop
async def test_a_mended_save_ends_the_wait_for_the_broken_one_and_tells_of_both() -> None:
    async with running(restart=("*.js",)) as server:
        server.up.clear()
        server.save("broken.js", 1.0)
        await until_async(lambda: "asked" in server.log)
        server.save("mended.js", 5.0)
        await until_async(lambda: server.log.count("asked") == 2)
        assert server.asking == 1
        server.up.set()
        await server.told_all((["broken.js", "mended.js"], 5.0))
        assert server.log == ["restarted", "asked"] * 2


@in_loop
async def test_code_that_is_no_cause_to_restart_the_command_does_not_restart_it_again() -> None:
    async with running(restart=("*.js",), within=0.5) as server:
        server.up.clear()
        server.save("server.js", 1.0)
        await until_async(lambda: "asked" in server.log)
        server.save("tool.py", 2.0)
        await until_async(lambda: server.log.count("asked") == 2)
        server.up.set()
        await server.told_all((["server.js", "tool.py"], 2.0))
        assert server.log.count("restarted") == 1


@in_loop
async def test_a_style_sheet_waits_and_restarts_nothing() -> None:
    async with running(restart=("*.js",)) as server:
        server.up.clear()
        server.save("server.js", 1.0)
        await until_async(lambda: "asked" in server.log)
        server.save("site.css", 2.0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert server.told == []
        server.up.set()
        await server.told_all((["server.js"], 1.0), (["site.css"], 2.0))
        assert server.log == ["restarted", "asked"]


@in_loop
async def test_a_save_while_the_old_command_is_being_ended_is_taken_up() -> None:
    async with running(restart=("*.js",)) as server:
        server.starts.clear()
        server.save("a.js", 1.0)
        await until_async(lambda: server.log)
        server.save("b.js", 2.0)
        await until_async(lambda: server.log == ["restarted", "restarted"])
        server.starts.set()
        await server.told_all((["a.js", "b.js"], 2.0))


@in_loop
async def test_nothing_is_lost_where_a_build_swallows_the_newer_save() -> None:
    @PlayedStep
    async def build(batch: Batch, queue: StepQueue) -> Batch:
        return Batch((), batch.seen) if batch.changes[0].path == "same.js" else batch

    async with running(build, restart=("*.js",)) as server:
        server.up.clear()
        server.save("a.js", 1.0)
        server.save("same.js", 1.0)
        await until_async(lambda: "asked" in server.log)
        server.save("same.js", 2.0)
        server.up.set()
        await server.told_all((["a.js", "same.js"], 1.0))
        assert server.log.count("restarted") == 1


@pytest.mark.parametrize("seen", [True, False])
@in_loop
async def test_a_reloader_that_was_broken_and_mended_is_told_of_once(seen: bool) -> None:
    """Also where its end was not seen itself, and at once: it need not end once more."""
    async with running() as server:
        server.up.clear()
        if seen:
            server.went.set()
        else:
            server.hint.set()
        server.save("main.py", 1.0)
        await until_async(lambda: "asked" in server.log)
        server.went.clear()
        server.hint.clear()
        server.save("main.py", 4.0)
        await until_async(lambda: server.log == ["watched", "asked", "asked"])
        server.up.set()
        await until_async(lambda: server.told)
        server.save("more.py", 5.0)  # while a late restart is watched for
        await until_async(lambda: server.log.count("watched") == 3)
        server.went.set()
        await server.told_all((["main.py"], 4.0), (["main.py", "more.py"], 5.0))


@in_loop
async def test_a_problem_is_over_with_the_save_that_mends_it() -> None:
    async with running(within=0.05) as server:
        server.up.clear()
        server.went.set()
        server.save("broken.py", 1.0)
        await until_async(lambda: server.told == ["broken.py"])
        server.went.clear()
        server.save("mended.py", 12.0)
        server.up.set()
        await server.told_all("broken.py", "solved", (["broken.py", "mended.py"], 12.0))


@in_loop
async def test_a_command_that_crashes_is_not_waited_for() -> None:
    """And what it printed since the save says why."""
    async with running(restart=("*.js",)) as server:
        server.up.clear()
        server.save("server.js", 3.0)
        await until_async(lambda: "asked" in server.log)
        server.state.crashed("node ended with exit code 1")
        await until_async(lambda: server.told == ["server.js"])
        assert server.queue.problem == Problem(
            "server.js: node ended with exit code 1", "SyntaxError, after 3", printed=True
        )
        assert server.state.silence == ""  # it takes no connections
        server.state.started()
        server.save("server.js", 5.0)
        await until_async(lambda: server.log.count("restarted") == 2)
        server.up.set()
        await server.told_all("server.js", "solved", (["server.js"], 5.0))


@in_loop
async def test_a_backend_that_takes_connections_and_answers_none_is_known_as_such() -> None:
    async with running(within=0.05) as server:
        server.up.clear()
        server.went.set()
        server.save("main.py", 1.0)
        assert server.state.silence == ""
        await until_async(lambda: server.told == ["main.py"])
        assert server.state.silence == "it has answered nothing since main.py was saved"
        server.up.set()
        await server.told_all("main.py", "solved", (["main.py"], 1.0))
        assert server.state.silence == ""


@in_loop
async def test_what_is_no_code_is_told_while_a_problem_stays_and_does_not_end_it() -> None:
    async with running(within=0.05) as server:
        server.up.clear()
        server.went.set()
        server.save("broken.py", 1.0)
        await until_async(lambda: server.told == ["broken.py"])
        server.save("site.css", 2.0)
        await until_async(lambda: len(server.told) == 2)
        assert server.queue.problem
        server.up.set()
        await server.told_all("broken.py", (["site.css"], 2.0), "solved", (["broken.py"], 1.0))


@in_loop
async def test_a_newer_save_tells_again_of_an_older_one_only_after_a_restart() -> None:
    async with running(within=0.05) as server:
        server.save("a.py", 1.0)
        await until_async(lambda: server.told == [(["a.py"], 1.0)])
        server.save("b.py", 2.0)
        await server.told_all((["a.py"], 1.0), (["b.py"], 2.0))


@in_loop
async def test_a_late_restart_that_does_not_end_well_is_said() -> None:
    async with running(within=0.05) as server:
        server.save("main.py", 1.0)
        await until_async(lambda: server.told)
        server.up.clear()
        server.went.set()
        await until_async(lambda: len(server.told) == 2)
        server.up.set()
        await server.told_all((["main.py"], 1.0), "main.py", "solved", (["main.py"], 1.0))
