"""The restart step: delays updates until the backend runs the saved code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Protocol

from livereload_loc.backend import BackendState
from livereload_loc.changes import Batch, merged
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.process.backend_probe import BackendProbe
from livereload_loc.protocol import Problem

# How long a reloader may take to restart before the update is sent anyway.
NOTICED_SECONDS = 1.5

# How long after that a restart still counts as the one that the change brought about.
LATER_SECONDS = 5.0

# How long a restart may take before pages show a problem.
RETURN_SECONDS = 10.0


class RestartableCommand(Protocol):
    """The command that runs the backend."""

    async def restart(self) -> None:
        """End it and start it again; return once it was started."""

    def watch_processes(self, seconds: float) -> None:
        """Treat its new processes in the next ``seconds`` as signs of a restart."""

    def printed(self, since: float) -> str:
        """Return the last lines that it wrote after ``since``, of the clock of :attr:`.Batch.seen`."""


class RestartStep:
    """Waits after a change of code until the backend at ``url`` has restarted.

    ``code`` and ``restart`` are patterns of files, such as ``*.py``. A file of ``restart`` makes us restart
    ``command``. One of ``code`` is for a reloader of the user's own, whose restart can only be watched for.
    """

    def __init__(
        self,
        code: Sequence[str],
        probe: BackendProbe | None,
        state: BackendState,
        url: str = "",
        *,
        restart: Sequence[str] = (),
        command: RestartableCommand | None = None,
    ) -> None:
        self._code, self._probe, self._state, self._url = code, probe, state, url
        self._restart, self._command = restart, command
        self._wait: _RestartWait | None = None

    @property
    def problem(self) -> Problem | None:
        """The backend's failure to respond, from when it was reported until it is over."""
        return self._wait.problem if self._wait else None

    async def __call__(self, batch: Batch, queue: StepQueue) -> Batch:
        """Wait for the restart if ``batch`` contains code.

        When newer code arrives, return early: the wait goes on in the background until the wait for the
        newer code takes over."""
        if not self._needs_restart(batch):
            return batch
        wait, due = self._wait, self._restarts_command(batch)
        wait = self._wait = wait.succeed(batch, due=due) if wait else _RestartWait(batch, due=due)
        restarting = queue.start(self._wait_for_restart(wait))
        newer = queue.start(queue.wait_for(self._needs_restart))
        wait.tasks.append(restarting)
        await asyncio.wait((restarting, newer), return_when=asyncio.FIRST_COMPLETED)
        superseded = newer.done()
        newer.cancel()
        outcome = Batch((), batch.seen) if superseded else self._outcome(wait)
        wait.tasks.append(queue.start(self._follow(wait, queue, restarting if superseded else None)))
        return outcome

    def _needs_restart(self, batch: Batch) -> bool:
        return self._restarts_command(batch) or (self._probe is not None and _holds(batch, self._code))

    def _restarts_command(self, batch: Batch) -> bool:
        return self._command is not None and _holds(batch, self._restart)

    async def _wait_for_restart(self, wait: _RestartWait) -> None:
        """Restart the command, or watch the backend restart, and wait until it responds."""
        if self._command and wait.due:
            await self._command.restart()
            wait.due = False
            wait.note_restart()
        elif not self._state.restarting:  # else nothing is left that could end: it only has to come
            await self._watch(wait, NOTICED_SECONDS)
        await self._wait_for_response(wait)

    async def _watch(self, wait: _RestartWait, within: float) -> bool:
        """Watch for a restart, at most ``within`` seconds; return whether there was one."""
        if self._command:
            self._command.watch_processes(within)
        restarts = self._probe is not None and await self._probe.wait_for_restart(within)
        if restarts:
            wait.note_restart()
        return restarts

    async def _wait_for_response(self, wait: _RestartWait) -> None:
        """Wait until the backend responds, is too late, or the command has crashed; note what went wrong."""
        wait.failure = ""
        if self._probe is None:
            return
        self._state.restarting = True
        waits = self._probe.wait_for_response(RETURN_SECONDS), self._state.wait_for_crash()
        async with background(*waits) as (response, crash):
            await asyncio.wait((response, crash), return_when=asyncio.FIRST_COMPLETED)
            if not response.done():
                wait.failure = crash.result()
            elif response.result():
                self._state.responded()
            else:
                wait.failure = f"{self._url} does not answer"
                self._state.silent_since = wait.path

    def _outcome(self, wait: _RestartWait) -> Batch:
        if not wait.failure:
            return wait.take_pending()
        printed = self._command.printed(wait.seen) if self._command else ""
        otherwise = "It printed nothing." if self._command else "What it printed may say why."
        wait.problem = Problem(f"{wait.path}: {wait.failure}", printed or otherwise, printed=bool(printed))
        return Batch((), wait.seen)

    async def _follow(
        self, wait: _RestartWait, queue: StepQueue, restarting: asyncio.Task[None] | None
    ) -> None:
        """Finish in the background: end the wait, wait for a late backend, then watch for a late restart,
        after which the update is sent again."""
        if restarting:
            await restarting
            queue.deliver(self._outcome(wait))
        await self._wait_for_return(wait, queue)
        if not wait.restarted and await self._watch(wait, LATER_SECONDS):
            await self._wait_for_response(wait)
            queue.deliver(self._outcome(wait))
            await self._wait_for_return(wait, queue)

    async def _wait_for_return(self, wait: _RestartWait, queue: StepQueue) -> None:
        """Deliver the pending update once a backend with a reported problem responds."""
        if self._probe and self._state.restarting:
            while not await self._probe.wait_for_response(RETURN_SECONDS):
                pass
            self._state.responded()
            queue.deliver(wait.take_pending())


class _RestartWait:
    """The state of one wait for a restart; ``due``: the command is still to be restarted."""

    def __init__(self, batch: Batch, *, due: bool) -> None:
        self.path, self.seen, self.due = batch.changes[0].path, batch.seen, due
        self.tasks: list[asyncio.Task[None]] = []
        self.restarted = False  # whether a restart was seen since the save
        self.failure = ""  # why the backend did not respond when it was last asked
        self.problem: Problem | None = None  # as pages show it
        self._pending: Batch | None = batch  # what pages do not know yet
        self._sent: Batch | None = None  # what they were sent while the old code may have answered

    def succeed(self, batch: Batch, *, due: bool) -> _RestartWait:
        """Return the wait for ``batch``, which is newer; it takes over what this one has still to do."""
        newer = _RestartWait(batch, due=due)
        newer.problem = self.problem
        cancelled = [task for task in self.tasks if task.cancel()]
        if cancelled:
            newer.due = due or self.due
            newer._pending, newer._sent = merged(self._pending, batch), self._sent
        return newer

    def note_restart(self) -> None:
        """Record a restart: updates sent while the old code may have answered are sent again."""
        self.restarted = True
        self._pending, self._sent = merged(self._sent, self._pending), None

    def take_pending(self) -> Batch:
        """Return the pending update now that the backend is up; its delay counts from the newest save."""
        assert self._pending
        self.problem = None
        pending, self._pending = replace(self._pending, seen=self.seen), None
        self._sent = merged(self._sent, pending)
        return pending


def _holds(batch: Batch, patterns: Sequence[str]) -> bool:
    """Return whether a file of ``batch`` matches; a pattern without a slash is about its name."""
    return any(PurePosixPath(change.path).match(pattern) for change in batch.changes for pattern in patterns)
