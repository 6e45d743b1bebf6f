"""A backend, a command and a real queue behind a restart step, which a test lets go and come."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livereload_loc.backend import BackendState
from livereload_loc.changes import Batch, FileChange
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.steps.queue import PipelineStep, StepQueue
from livereload_loc.pipeline.steps.restart import RestartStep
from livereload_loc.process.backend_probe import BackendProbe
from livereload_loc.protocol import Problem
from tests.support.waiting import DEADLINE, until_async


class PlayedServer(BackendProbe):
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
        self.within, self._tasks = within, list[asyncio.Task[None]]()
        self.step = RestartStep(["*.py"], self, self.state, restart=restart, command=self)
        self.queue = StepQueue((*before, self.step), self._tell)
        start = self.queue.start
        self.queue.start = lambda work: self._tasks.append(start(work)) or self._tasks[-1]  # type: ignore[method-assign, func-returns-value]

    async def wait_for_restart(self, within: float) -> bool:
        self.log.append("watched")
        return not self.hint.is_set() and await self._happens(self.went, within)

    async def wait_for_response(self, within: float) -> bool:
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
            async with asyncio.timeout(min(within, self.within)):
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

    async def begin_restart(self, path: str, seen: float) -> None:
        """Save code whose restart ends once ``up`` is set, and wait until the step waits for that."""
        self.up.clear()
        self.save(path, seen)
        await until_async(lambda: "asked" in self.log)

    async def fail_restart(self, path: str, seen: float) -> None:
        """Save code with which the backend ends and does not come back, and wait for the problem."""
        self.up.clear()
        self.went.set()
        self.save(path, seen)
        await until_async(lambda: self.told == [path])

    async def told_all(self, *told: tuple[list[str], float] | str) -> None:
        """Wait until nothing more can be told; that was all of it."""
        await until_async(lambda: len(self.told) >= len(told) and all(task.done() for task in self._tasks))
        assert self.told == list(told)


@asynccontextmanager
async def server_running(
    *before: PipelineStep, restart: tuple[str, ...] = (), within: float = DEADLINE
) -> AsyncIterator[PlayedServer]:
    """Have a server whose queue runs."""
    server = PlayedServer(*before, restart=restart, within=within)
    async with background(server.queue.run()):
        yield server
