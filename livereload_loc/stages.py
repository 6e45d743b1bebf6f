"""The straight way of a change: watching -> changes -> gates -> hub, and what the pages answer.

Here the parts are joined in time: who waits for whom, and for how long.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from .accounts import Account, Accounts
from .changes import Batch, Decision, FileChange, Site, decide, merged
from .gates import Gate
from .gates.way import Gated
from .guard import Refusal
from .hub import Hub
from .messages import Applied, Problem
from .reports import Accounted, AppliedBy, Changed, Client, Mended, NotTold, Paused, Reporter, Trouble
from .watching import Ignored, LoopDetector, Notice, Verdict, cure
from .watching.loops import CALM

FOLLOW_UP_SECONDS = 0.3
"""How long pages may take to say that they do not use a changed asset before the matter rests."""

REFUSALS_SAID = 50
"""So many different refusals are said, each once: a page that is refused tries again for ever."""

ACCOUNT_SECONDS = 3.0
"""How long an update waits for its tabs before its line is printed all the same."""


class Watch(Protocol):
    """What the stages need of a watcher."""

    def __aiter__(self) -> AsyncIterator[Batch | Ignored | Notice]:
        """What happens on disk."""

    def attend(self) -> None:
        """Somebody is at work: look often."""


class Stages:
    """Carries batches from the watcher to the hub, and keeps account of what becomes of them.

    Where paths are URL paths (``hub.exact``), a page that does not use one is right about it. Elsewhere an
    asset may also be read on the server, so that an update which nobody uses is followed by one that every
    page obeys. So it is with what does not lie in the ``site`` that is served, but is what its pages are
    made of.
    """

    def __init__(
        self,
        hub: Hub,
        watch: Watch,
        report: Reporter,
        *,
        gates: Sequence[Gate] = (),
        site: Site | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pages: dict[int, str] = {}
        """The URLs of the pages that are connected, by the numbers of their sockets."""
        self._hub, self._watch, self._report = hub, watch, report
        self._gates, self._site, self._clock = gates, site, clock
        self._accounts = Accounts()
        self._complete: dict[int, asyncio.Event] = {}
        self._loops = LoopDetector()
        self._waiting: dict[tuple[str, str], asyncio.Task[None]] = {}  # writes that wait for a calm
        self._refused: set[Refusal] = set()
        self._paused = False
        self._kept: Batch | None = None  # what was saved in a pause
        self._tasks: asyncio.TaskGroup | None = None
        self._ended = False

    async def run(self) -> None:
        """Carry on until cancelled; whatever the watcher or a reporter raises comes out here."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._way = Gated(self._gates, partial(self._deliver, tasks=tasks))
                carrying = tasks.create_task(self._way.run())
                try:
                    async for event in self._watch:
                        self._take(event, tasks)
                finally:
                    self._ended = True  # the group takes no more tasks
                carrying.cancel()
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    def _take(self, event: Batch | Ignored | Notice, tasks: asyncio.TaskGroup) -> None:
        match event:
            case Batch():
                self._judge(self._site.placed(event) if self._site else event, tasks)
            case Ignored():
                self._report(NotTold(event.path, event.why, event.noise, event.count))
            case Notice():
                self._report(Trouble(event.title, event.detail))

    def reload_all(self) -> None:
        """Have every page reload: the user asks for it."""
        if self._tasks and not self._ended:
            self._tell(Decision("reload", ()), self._clock(), self._tasks, everyone=True, why="all pages")

    def pause(self) -> None:
        """Hold back what is saved from now on, or, the next time, let it go as one."""
        self._paused = not self._paused
        kept, self._kept = self._kept, None
        self._report(Paused(self._paused, len(kept.changes) if kept else 0))
        if kept:
            self._put(replace(kept, seen=self._clock()))  # the pause is nobody's delay

    def came(self, page: int, url: str, browser: str = "") -> None:
        """A page introduced itself."""
        self.pages[page] = url
        self._watch.attend()
        self._report(Client("joined", url, len(self.pages), page, browser))

    def went(self, page: int, url: str) -> None:
        """A page's socket closed."""
        self.pages.pop(page, None)
        self._accounts.leave(page)
        self._check_complete()
        self._report(Client("left", url, len(self.pages), page))

    def applied(self, page: int, url: str, answer: Applied) -> None:
        """A page says what it did about an update."""
        now = self._clock()
        if answer.did == "reload":
            self._loops.reloaded(now)
        account = self._accounts.find(answer.seq)
        ms = account.answer(page, answer.did, now) if account else None
        if account and ms is not None:
            self._report(AppliedBy(account.update.paths, url, answer.did, round(ms, 1), answer.seq, page))
            self._check_complete()

    def refused(self, refusal: Refusal) -> None:
        """A page was refused: said once, in a line that names the flag that allows it."""
        if refusal not in self._refused and len(self._refused) < REFUSALS_SAID:
            self._refused.add(refusal)
            cure = f"If it is yours, start loc-dev with {refusal.cure}" if refusal.cure else ""
            self._report(Trouble(f"Refused a page: {refusal.reason}", cure))

    def _judge(self, batch: Batch, tasks: asyncio.TaskGroup) -> None:
        """Send on what is somebody's save; what pages may write by reloading has to wait for a calm."""
        told: list[FileChange] = []
        for change in batch.changes:
            verdict = self._loops.judge(change.file, self._clock())
            waiting = self._waiting.pop(change.file, None)
            if waiting:
                waiting.cancel()
            if verdict is Verdict.TELL:
                told.append(change)
            elif verdict is Verdict.HOLD:
                self._report(NotTold(change.path, "pages write it by reloading", noise=True))
            else:
                self._waiting[change.file] = tasks.create_task(self._probe(change, batch.seen))
            if verdict is Verdict.NAME:
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

    def _deliver(self, outcome: Batch | Problem, tasks: asyncio.TaskGroup) -> None:
        """Tell what came through the gates, until the end."""
        if self._ended:
            return
        if isinstance(outcome, Problem):
            self._hub.report(outcome)
            self._report(Trouble(outcome.title, outcome.detail, outcome.said, shown=True))
            return
        if not outcome.changes:
            return
        if self._hub.problem:
            self._hub.solve()
            self._report(Mended())
        decision, site = decide(outcome.changes), self._site
        concerns_all = site is not None and not all(map(site.holds, outcome.changes))
        if concerns_all:
            decision = replace(decision, action="reload")
        self._tell(decision, outcome.seen, tasks, everyone=concerns_all)

    def _tell(
        self,
        decision: Decision,
        seen: float,
        tasks: asyncio.TaskGroup,
        *,
        everyone: bool = False,
        follows: int = 0,
        why: str = "",
    ) -> None:
        """Tell the pages, with ``everyone`` those too that do not use what changed; ``follows`` is the number
        of an update that none of them used, ``why`` says what led to it where it was no save."""
        update = self._hub.update(decision, everyone=everyone or follows > 0)
        account = self._accounts.open(update, seen, self.pages, why)
        self._report(Changed(update.paths, update.action, len(self.pages), update.seq, follows, why))
        tasks.create_task(self._settle(account, tasks))

    async def _settle(self, account: Account, tasks: asyncio.TaskGroup) -> None:
        """Wait for the tabs to answer; then say so in one line, or tell again what nobody uses.

        Pages that are busy are waited for a second time: they may be the ones that show it.
        """
        update = account.update
        complete = self._complete[update.seq] = asyncio.Event()
        self._check_complete()
        try:
            for seconds in (FOLLOW_UP_SECONDS, ACCOUNT_SECONDS - FOLLOW_UP_SECONDS):
                await _within(seconds, complete)
                if account.unused and not update.all and not self._hub.exact:
                    self._tell(Decision("reload", update.paths), account.seen, tasks, follows=update.seq)
                    return
            self._report(Accounted(account.line(), round(account.slowest_ms, 1), update.seq))
            if not self.pages:
                self._loops.reloaded(self._clock())  # the line itself may be what is written next
        finally:
            del self._complete[update.seq]

    def _check_complete(self) -> None:
        for seq, event in self._complete.items():
            account = self._accounts.find(seq)
            if account is None or account.complete:
                event.set()


def _loop(path: str, *, reloads: bool) -> Trouble:
    if reloads:
        return Trouble(
            f"{path} is written each time a page reloads",
            f"If your server writes it, start loc-dev with {cure(path)}",
        )
    return Trouble(
        f"{path} is written after each line of loc-dev's about it",
        f"If those lines go there, start loc-dev with {cure(path)}",
    )


async def _within(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
