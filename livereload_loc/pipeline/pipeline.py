"""The flow of a change: watcher -> loop detection -> steps -> hub."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from livereload_loc.changes import Batch, Decision, FileChange, ServedFolder, decide, merged
from livereload_loc.events import ChangeIgnored, PauseChanged, ProblemFound, ProblemSolved, Reporter
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.httputil.tasks import PlainTaskGroup
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pages import OpenPages
from livereload_loc.pipeline.reload_loops import CALM, LoopDetector, LoopVerdict, ignore_option
from livereload_loc.pipeline.steps.queue import PipelineStep, StepQueue
from livereload_loc.pipeline.update_result import name_paths
from livereload_loc.pipeline.updates import UpdateTracker
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice

if TYPE_CHECKING:
    from livereload_loc.watcher.watcher import Watcher


class ReloadPipeline:
    """Carries batches from the watcher through ``steps`` to the hub.

    With ``site``, the served folder, a change outside it updates all pages, as their source;
    ``requested`` has what browsers asked the folder for.
    ``clock`` is that of :attr:`.Batch.seen`. A file that seems to loop is tried again after ``calm`` seconds.
    """

    def __init__(
        self,
        hub: Hub,
        watcher: Watcher,
        report: Reporter,
        *,
        steps: Sequence[PipelineStep] = (),
        site: ServedFolder | None = None,
        requested: RequestedFiles | None = None,
        clock: Callable[[], float] = time.monotonic,
        calm: float = CALM,
    ) -> None:
        self._hub, self._watcher, self._report = hub, watcher, report
        self._site, self._clock, self._calm = site, clock, calm
        self._loops = LoopDetector()
        self._updates = UpdateTracker(hub, self._loops, report, requested=requested, clock=clock)
        self._queue = StepQueue(steps, self._deliver)
        self._probes: dict[tuple[str, str], asyncio.Task[None]] = {}  # of the files that seem to loop
        self._paused = False
        self._paused_batch: Batch | None = None
        self.pages = OpenPages(self._updates, report, watcher.attend)

    async def run(self) -> None:
        """Process events until cancelled; raises what the watcher or a reporter raises."""
        async with PlainTaskGroup() as tasks:
            running = [tasks.create_task(each.run()) for each in (self._queue, self._updates)]
            async for event in self._watcher:
                self._take(event)
            for task in running:
                task.cancel()

    def reload_all(self) -> None:
        """Reload every page, as the user asks."""
        self._updates.send(Decision("reload", ()), self._clock(), everyone=True, title="all pages")

    def toggle_pause(self) -> None:
        """Pause updates; when called again, resume and send all saves since as one batch."""
        self._paused = not self._paused
        batch, self._paused_batch = self._paused_batch, None
        self._report(PauseChanged(self._paused, len(batch.changes) if batch else 0))
        if batch:
            self._queue.put(replace(batch, seen=self._clock()))  # the pause is no delay

    def _take(self, event: Batch | IgnoredSave | WatchNotice) -> None:
        match event:
            case Batch():
                if self._site:
                    event = replace(event, changes=tuple(map(self._site.relocate, event.changes)))
                self._check_for_loops(event)
            case IgnoredSave():
                self._report(ChangeIgnored(event.path, event.why, event.noise, event.count))
            case WatchNotice():
                self._report(ProblemFound(event.title, event.detail))

    def _check_for_loops(self, batch: Batch) -> None:
        """Pass on saves; delay or drop changes that a page's reload seems to cause."""
        saved: list[FileChange] = []
        for change in batch.changes:
            if probe := self._probes.pop(change.file, None):
                probe.cancel()
            verdict = self._loops.judge(change.file, self._clock())
            match verdict:
                case LoopVerdict.SEND:
                    saved.append(change)
                case LoopVerdict.IGNORE:
                    self._report(ChangeIgnored(change.path, "pages write it by reloading", noise=True))
                case LoopVerdict.REPORT | LoopVerdict.DELAY:
                    self._probes[change.file] = self._queue.start(self._probe(change, batch.seen))
            if verdict is LoopVerdict.REPORT:
                self._report(_loop_problem(change.path, has_pages=bool(self._updates.open_pages)))
        if saved:
            self._put(replace(batch, changes=tuple(saved)))

    async def _probe(self, change: FileChange, seen: float) -> None:
        await asyncio.sleep(self._calm)
        del self._probes[change.file]
        self._loops.probe(change.file)
        self._put(Batch((change,), seen))

    def _put(self, batch: Batch) -> None:
        if self._paused:
            self._paused_batch = merged(self._paused_batch, batch)
        else:
            self._queue.put(batch)

    def _deliver(self, batch: Batch) -> None:
        """Report a new or solved problem of the steps, and send an update for ``batch``."""
        problem, previous = self._queue.problem, self._hub.problem
        if problem and problem is not previous:
            self._hub.report(problem)
            self._report(ProblemFound(problem.title, problem.detail, problem.printed, shown=True))
        elif previous and not problem:
            self._hub.solve()
            self._report(ProblemSolved(previous.title))
        if not batch.changes:
            return
        decision, site = decide(batch.changes), self._site
        outside = site is not None and not all(map(site.contains, batch.changes))
        if outside:
            decision = replace(decision, action="reload")
        deleted = all(change.kind == "deleted" for change in batch.changes)
        title = f"{name_paths(decision.paths)} deleted" if deleted else ""
        self._updates.send(decision, batch.seen, everyone=outside, title=title)


def _loop_problem(path: str, *, has_pages: bool) -> ProblemFound:
    what = "each time a page reloads" if has_pages else "each time loc-dev prints a line about it"
    who = "your server writes it" if has_pages else "loc-dev's output goes there"
    return ProblemFound(f"{path} is written {what}", f"If {who}, start loc-dev with {ignore_option(path)}")
