"""Waits for a backend that restarts with the code that was saved: no page is sent into the old one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Protocol

from livereload_loc.backend import RestartSign, RestartWatch
from livereload_loc.changes import Batch, merged
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem

NOTICED_SECONDS = 1.5
"""How long a reloader may take to restart before pages are told all the same."""

LATER_SECONDS = 5.0
"""How long after that a restart is still the one that the change brought about."""

RETURN_SECONDS = 10.0
"""How long a restart may take before pages are told that something is wrong."""


class RestartableCommand(Protocol):
    """The command of ours that is the backend, or starts it."""

    async def restart(self) -> None:
        """End it and start it anew; returns once it was started."""

    async def crash(self) -> str:
        """Wait until it has ended with an error, if it has not; how it did."""

    def printed(self, since: float) -> str:
        """The last lines that it wrote after ``since``, of the clock of :attr:`.Batch.seen`."""


class RestartStep:
    """Waits after a change of code until the backend at ``url`` has restarted.

    ``code`` and ``restart`` are patterns of files, such as ``*.py``. A file of ``restart`` makes us restart
    ``command``; one of ``code`` is for a reloader of the user's own, whose restart can only be watched for.
    """

    def __init__(
        self,
        code: Sequence[str],
        backend: RestartWatch | None,
        url: str = "",
        *,
        restart: Sequence[str] = (),
        command: RestartableCommand | None = None,
    ) -> None:
        self._code, self._backend, self._url = code, backend, url
        self._restart, self._command = restart, command
        self._turn: _RestartWait | None = None

    @property
    def problem(self) -> Problem | None:
        """That the backend does not answer, from when pages were told so until it does."""
        return self._turn.problem if self._turn else None

    @property
    def unanswered(self) -> str:
        """The path of the save since which the backend, which may take connections, has answered nobody;
        empty where it may answer."""
        turn = self._turn
        return turn.path if turn and turn.problem and not turn.crash else ""

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Wait, where ``batch`` holds code, unless newer code arrives: then the wait goes on beside the way,
        until the newer code takes over what it owes."""
        if not self._concerned(batch):
            return batch
        turn = self._turn = _RestartWait(batch, self._turn, due=self._is_ours(batch))
        waiting = turn.begin(queue.start(self._wait(turn)))
        newer = queue.start(queue.wait_for(self._concerned))
        await asyncio.wait((waiting, newer), return_when=asyncio.FIRST_COMPLETED)
        superseded = newer.done()
        newer.cancel()
        outcome = turn.nothing if superseded else self._outcome(turn)
        turn.begin(queue.start(self._follow(turn, queue, waiting if superseded else None)))
        return outcome

    def _concerned(self, batch: Batch) -> bool:
        """Whether the backend restarts with ``batch``."""
        return self._is_ours(batch) or (self._backend is not None and _holds(batch, self._code))

    def _is_ours(self, batch: Batch) -> bool:
        """Whether it is for us to restart it."""
        return self._command is not None and _holds(batch, self._restart)

    async def _wait(self, turn: _RestartWait) -> None:
        """Restart the command or see the backend do so itself, and wait until it answers or is too late."""
        if self._command and turn.due:
            await self._command.restart()
            turn.due = False
            turn.restarts()
        elif not turn.silent:  # else nothing is left that could end: it only has to come
            await self._restarts(turn, NOTICED_SECONDS)
        await self._answers(turn)

    async def _restarts(self, turn: _RestartWait, within: float) -> bool:
        seen = await self._backend.restarts(within) if self._backend else RestartSign.NOTHING
        if seen is RestartSign.RESTART:
            turn.restarts()
        return seen is RestartSign.RESTART

    async def _answers(self, turn: _RestartWait) -> None:
        """Wait until the backend does or is too late, or the command has crashed, which is as bad."""
        turn.silent, turn.crash = self._backend is not None, ""
        if self._backend is None:
            return
        answering = asyncio.create_task(self._backend.answers(RETURN_SECONDS))
        crashing = asyncio.create_task(self._command.crash()) if self._command else None
        tasks = [task for task in (answering, crashing) if task]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                turn.silent = not answering.result()
            elif crashing:
                turn.crash = crashing.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _outcome(self, turn: _RestartWait) -> Batch:
        """What pages are to be told at the end of a wait."""
        if not turn.silent:
            return turn.news()
        why = turn.crash or f"{self._url} does not answer"
        said = self._command.printed(turn.seen) if self._command else ""
        unsaid = "It printed nothing." if self._command else "What it printed may say why."
        turn.problem = Problem(f"{turn.path}: {why}", said or unsaid, printed=bool(said))
        return turn.nothing

    async def _follow(self, turn: _RestartWait, queue: StepQueue, waiting: asyncio.Task[None] | None) -> None:
        """What is left to do beside the way: a wait that goes on, one for a backend that is late, and then
        one for a restart that comes late, after which pages are told once more."""
        if waiting:
            await waiting
            queue.deliver(self._outcome(turn))
        await self._returned(turn, queue)
        if not turn.restarted and await self._restarts(turn, LATER_SECONDS):
            await self._answers(turn)
            queue.deliver(self._outcome(turn))
            await self._returned(turn, queue)

    async def _returned(self, turn: _RestartWait, queue: StepQueue) -> None:
        """Tell pages that know of the problem once it is over."""
        if turn.silent and self._backend:
            while not await self._backend.answers(RETURN_SECONDS):
                pass
            turn.silent = False
            queue.deliver(turn.news())


class _RestartWait:
    """One wait. It makes the ``older`` one void and takes over what that had still to tell."""

    def __init__(self, batch: Batch, older: _RestartWait | None, *, due: bool) -> None:
        self._work: list[asyncio.Task[None]] = []
        self.path, self.seen = batch.changes[0].path, batch.seen
        self.crash = ""
        """How the command has crashed, where it has since it was waited for."""
        self.owed: Batch | None = batch
        """What pages do not know yet."""
        self._told: Batch | None = None
        self.problem: Problem | None = older.problem if older else None
        """What pages were told to be wrong."""
        self.due = due
        """Whether we have to restart the command still."""
        self.silent = False
        """Whether the backend was asked and has not answered since."""
        self.restarted = False
        """Whether a restart was seen since the save."""
        if older and older._end():
            self.owed, self._told = merged(older.owed, batch), older._told
            self.due, self.silent = due or older.due, older.silent

    def begin(self, work: asyncio.Task[None]) -> asyncio.Task[None]:
        """``work`` is a part of the wait."""
        self._work.append(work)
        return work

    def _end(self) -> bool:
        """Cancel what is left to do; whether there was something."""
        return sum(work.cancel() for work in self._work) > 0

    def restarts(self) -> None:
        """The backend does: what pages were told before of the old code is owed to them again."""
        self.restarted = True
        self.owed, self._told = merged(self._told, self.owed), None

    @property
    def nothing(self) -> Batch:
        """What is told while nothing may be."""
        return Batch((), self.seen)

    def news(self) -> Batch:
        """What pages are told now that all is well; its delay counts from the newest save, which alone could
        end well."""
        assert self.owed
        self.problem = None
        news, self.owed = replace(self.owed, seen=self.seen), None
        self._told = merged(self._told, news)
        return news


def _holds(batch: Batch, patterns: Sequence[str]) -> bool:
    """Whether a file of ``batch`` matches; a pattern without a slash is about its name."""
    return any(PurePosixPath(change.path).match(pattern) for change in batch.changes for pattern in patterns)
