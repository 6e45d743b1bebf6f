"""The build step, with the watcher and the build itself played."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path

from livereload_loc.changes import Batch, FileChange, Kind, ServedFolder
from livereload_loc.pipeline.steps.build.step import BuildDelays, BuildStep
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem

QUICK = BuildDelays(calm=0.0, expected=0.0, pause=0.02, load=0.0)


class PlayedBuild(StepQueue):
    """A folder, a build that does what the test says, and the queue into which the watcher puts changes."""

    def __init__(
        self,
        folder: Path,
        *,
        served: bool = False,
        poll: float = 0.0,
        delays: BuildDelays = QUICK,
        sleep: Callable[[float], Coroutine[None, None, None]] = asyncio.sleep,
    ) -> None:
        self.folder = folder
        self.now = 100.0
        self.runs = 0
        self.inside = False  # the step
        self.writes: Callable[[], None] = lambda: None
        self.works: Callable[[], Coroutine[None, None, None]] | None = None
        self.pauses: Callable[[], None] = lambda: None  # what happens before a test that waits
        self.told: Callable[[], None] = lambda: None  # what pages do
        self.seen = 0.0  # from when the delay of what was told last counts
        self.seconds = 0.5  # that a run takes
        self.tick = 0.0  # what passes between two looks at the clock
        self.ended = 0.0
        self.tasks: list[asyncio.Task[None]] = []
        self.fails: Problem | None = None
        site = ServedFolder(str(folder), str(folder)) if served else None
        self.step = BuildStep(self._run, site=site, poll=poll, clock=self._clock, sleep=sleep, delays=delays)
        super().__init__((self.step,), self.told_at_once)

    def save(self, path: str, content: str, kind: Kind = "modified") -> None:
        (self.folder / path).write_text(content)
        self.see(path, kind)

    def told_at_once(self, batch: Batch) -> None:
        raise AssertionError

    def see(self, path: str, kind: Kind) -> None:
        """Notice a change; a page written in Markdown is not in the folder that is served."""
        root = f"{self.folder}/." if path.endswith(".md") else str(self.folder)
        self.put(Batch((FileChange(root, path, kind),), self.now))

    def save_soon(self, path: str, content: str, kind: Kind = "modified") -> None:
        """Save so soon after the last run that it may be the run's work."""
        self.now -= 0.9  # after a run it went on by a second
        self.save(path, content, kind)

    def delete(self, path: str) -> None:
        (self.folder / path).unlink()
        self.see(path, "deleted")

    def read(self, path: str) -> str:
        file = self.folder / path
        return file.read_text() if file.exists() else ""

    async def settle(self) -> list[list[str] | Problem]:
        """Send on what waits until nothing does; return what pages were told."""
        told: list[list[str] | Problem] = []
        problem = self.step.problem
        for _ in range(40):
            batch = self.take()
            if batch is None and self.tasks:
                await asyncio.gather(*self.tasks)
                self.tasks.clear()
                batch = self.take()
            if batch is None:
                return told
            self.inside = True
            batch = await self.step(batch, self)
            self.inside = False
            self.now += 1
            if self.step.problem and self.step.problem is not problem:
                told.append(self.step.problem)
            problem = self.step.problem
            if batch.changes:
                told.append(sorted(change.path for change in batch.changes))
                self.seen = batch.seen
                self.told()
        raise AssertionError("it builds for ever")

    def _clock(self) -> float:
        self.now += self.tick
        return self.now

    async def _run(self) -> Problem | None:
        self.runs += 1
        self.now += self.seconds
        if self.works:
            await self.works()
        self.writes()
        self.ended = self.now
        return self.fails and replace(self.fails)  # as a run gives another one each time

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self.pauses()
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.append(task)
        return task


def whole_site(played: PlayedBuild) -> Callable[[], None]:
    """A build that writes all pages in each run."""

    def whole() -> None:
        for name in "abc":
            played.save(f"{name}.html", "page " + played.read(f"{name}.ts"))

    return whole
