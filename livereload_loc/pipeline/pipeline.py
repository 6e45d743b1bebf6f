"""The straight way of a change: watching -> changes -> gates -> hub, and what the pages answer.

Here the parts are joined in time: who waits for whom, and for how long.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Protocol

from livereload_loc.access import Refusal
from livereload_loc.changes import Batch, Decision, FileChange, ServedFolder, decide, merged
from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    Reporter,
    UpdateSummary,
)
from livereload_loc.httputil.tasks import PlainTaskGroup
from livereload_loc.pipeline.accounts import named
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.reload_loops import CALM, LoopDetector, LoopVerdict, cure
from livereload_loc.pipeline.steps.base import PipelineStep
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.pipeline.updates import UpdateTracker
from livereload_loc.protocol import PageAnswer, Problem
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice

REFUSALS_SAID = 50
"""So many different refusals are said, each once: a page that is refused tries again for ever."""


class ChangeSource(Protocol):
    """What the stages need of a watcher."""

    def __aiter__(self) -> AsyncIterator[Batch | IgnoredSave | WatchNotice]:
        """What happens on disk."""

    def attend(self) -> None:
        """Somebody is at work: look often."""


class ReloadPipeline:
    """Carries batches from the watcher through ``gates`` to the hub.

    What does not lie in the ``site`` that is served, but is what its pages are made of, concerns all pages.
    """

    def __init__(
        self,
        hub: Hub,
        watch: ChangeSource,
        report: Reporter,
        *,
        gates: Sequence[PipelineStep] = (),
        site: ServedFolder | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pages: dict[int, str] = {}
        """The URLs of the pages that are connected, by the numbers of their sockets."""
        self._hub, self._watch, self._report = hub, watch, report
        self._site, self._clock = site, clock
        self._way = StepQueue(gates, self._deliver)
        self._rounds = UpdateTracker(hub, self.pages, self._say, start=self._start, clock=clock)
        self._loops = LoopDetector()
        self._waiting: dict[tuple[str, str], asyncio.Task[None]] = {}  # writes that wait for a calm
        self._refused: set[Refusal] = set()
        self._paused = False
        self._kept: Batch | None = None  # what was saved in a pause
        self._tasks: asyncio.TaskGroup | None = None
        self._ended = False

    async def run(self) -> None:
        """Carry on until cancelled; whatever the watcher or a reporter raises comes out here."""
        async with PlainTaskGroup() as tasks:
            self._tasks = tasks
            carrying = tasks.create_task(self._way.run())
            try:
                async for event in self._watch:
                    self._take(event, tasks)
            finally:
                self._ended = True  # the group takes no more tasks
            carrying.cancel()

    def _take(self, event: Batch | IgnoredSave | WatchNotice, tasks: asyncio.TaskGroup) -> None:
        match event:
            case Batch():
                self._judge(self._site.placed(event) if self._site else event, tasks)
            case IgnoredSave():
                self._report(ChangeIgnored(event.path, event.why, event.noise, event.count))
            case WatchNotice():
                self._report(ProblemFound(event.title, event.detail))

    def reload_all(self) -> None:
        """Have every page reload: the user asks for it."""
        if self._tasks and not self._ended:
            self._rounds.begin(Decision("reload", ()), self._clock(), everyone=True, why="all pages")

    def pause(self) -> None:
        """Hold back what is saved from now on, or, the next time, let it go as one."""
        self._paused = not self._paused
        kept, self._kept = self._kept, None
        self._report(PauseChanged(self._paused, len(kept.changes) if kept else 0))
        if kept:
            self._put(replace(kept, seen=self._clock()))  # the pause is nobody's delay

    def came(self, page: int, url: str, browser: str = "") -> None:
        """A page introduced itself."""
        self.pages[page] = url
        self._watch.attend()
        self._report(ClientChanged("joined", url, len(self.pages), page, browser))

    def went(self, page: int, url: str) -> None:
        """A page's socket closed."""
        self.pages.pop(page, None)
        self._rounds.left(page)
        self._report(ClientChanged("left", url, len(self.pages), page))

    def applied(self, page: int, url: str, answer: PageAnswer) -> None:
        """A page says what it did about an update."""
        if answer.did == "reload":
            self._loops.reloaded(self._clock())
        self._rounds.answered(page, url, answer)

    def refused(self, refusal: Refusal) -> None:
        """A page was refused: said once, in a line that names the flag that allows it."""
        if refusal not in self._refused and len(self._refused) < REFUSALS_SAID:
            self._refused.add(refusal)
            cure = f"If it is yours, start loc-dev with {refusal.flag}" if refusal.option else ""
            self._report(ProblemFound(f"Refused a page: {refusal.reason}", cure))

    def _judge(self, batch: Batch, tasks: asyncio.TaskGroup) -> None:
        """Send on what is somebody's save; what pages may write by reloading has to wait for a calm."""
        told: list[FileChange] = []
        for change in batch.changes:
            verdict = self._loops.judge(change.file, self._clock())
            waiting = self._waiting.pop(change.file, None)
            if waiting:
                waiting.cancel()
            if verdict is LoopVerdict.TELL:
                told.append(change)
            elif verdict is LoopVerdict.HOLD:
                self._report(ChangeIgnored(change.path, "pages write it by reloading", noise=True))
            else:
                self._waiting[change.file] = tasks.create_task(self._probe(change, batch.seen))
            if verdict is LoopVerdict.NAME:
                self._report(_loop(change.path, reloads=bool(self.pages)))
        if told:
            self._put(replace(batch, changes=tuple(told)))

    async def _probe(self, change: FileChange, seen: float) -> None:
        await asyncio.sleep(CALM)
        del self._waiting[change.file]
        self._loops.probe(change.file)
        self._put(Batch((change,), seen))

    def _put(self, batch: Batch) -> None:
        if self._paused:
            self._kept = merged(self._kept, batch)
        else:
            self._way.put(batch)

    def _deliver(self, batch: Batch) -> None:
        """Tell what came through the gates, and what has become of their problems, until the end."""
        if self._ended:
            return
        problem = self._way.problem
        if problem is not self._hub.problem:
            self._show(problem)
        if not batch.changes:
            return
        decision, site = decide(batch.changes), self._site
        concerns_all = site is not None and not all(map(site.holds, batch.changes))
        if concerns_all:
            decision = replace(decision, action="reload")
        deleted = all(change.kind == "deleted" for change in batch.changes)
        why = f"{named(decision.paths)} deleted" if deleted else ""
        self._rounds.begin(decision, batch.seen, everyone=concerns_all, why=why)

    def _show(self, problem: Problem | None) -> None:
        if problem:
            self._hub.report(problem)
            self._report(ProblemFound(problem.title, problem.detail, problem.said, shown=True))
        else:
            over = self._hub.problem
            self._hub.solve()
            self._report(ProblemSolved(over.title if over else ""))

    def _say(self, what: Event) -> None:
        self._report(what)
        if isinstance(what, UpdateSummary) and not self.pages:
            self._loops.reloaded(self._clock())  # the line itself may be what is written next

    def _start(self, work: Coroutine[None, None, None]) -> None:
        """Do ``work`` until it ends or the stages do, if they have not yet."""
        if self._tasks and not self._ended:
            self._tasks.create_task(work)
        else:
            work.close()


def _loop(path: str, *, reloads: bool) -> ProblemFound:
    if reloads:
        return ProblemFound(
            f"{path} is written each time a page reloads",
            f"If your server writes it, start loc-dev with {cure(path)}",
        )
    return ProblemFound(
        f"{path} is written after each line of loc-dev's about it",
        f"If those lines go there, start loc-dev with {cure(path)}",
    )
