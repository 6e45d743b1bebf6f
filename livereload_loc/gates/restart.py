"""Waits for a backend that restarts with the code that was saved: no page is sent into the old one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Protocol

from livereload_loc.changes import Batch
from livereload_loc.gates import Way
from livereload_loc.gates.backend import Backend, Seen
from livereload_loc.messages import Problem

NOTICED_SECONDS = 1.5
"""How long a reloader may take to restart before pages are told all the same."""

LATER_SECONDS = 5.0
"""How long after that a restart is still the one that the change brought about."""

RETURN_SECONDS = 10.0
"""How long a restart may take before pages are told that something is wrong."""


class Restartable(Protocol):
    """A command of ours."""

    async def restart(self) -> None:
        """End it and start it anew; returns once it was started."""


class Restart:
    """Waits after a change of code until the backend at ``url`` has restarted.

    ``code`` and ``restart`` are patterns of files, such as ``*.py``. A file of ``restart`` makes us restart
    ``command``; one of ``code`` is for a reloader of the user's own, whose restart can only be watched for.
    """

    def __init__(
        self,
        code: Sequence[str],
        backend: Backend | None,
        url: str = "",
        *,
        restart: Sequence[str] = (),
        command: Restartable | None = None,
    ) -> None:
        self._code, self._backend, self._url = code, backend, url
        self._restart, self._command = restart, command

    async def __call__(self, batch: Batch, way: Way) -> Batch | Problem:
        """Wait, where ``batch`` holds code."""
        if self._command and _holds(batch, self._restart):
            await self._command.restart()
        elif self._backend and _holds(batch, self._code):
            seen = await self._backend.restarts(NOTICED_SECONDS)
            if seen is not Seen.RESTART:
                way.start(self._later(self._backend, batch, way))
        else:
            return batch
        if self._backend is None or await self._backend.answers(RETURN_SECONDS):
            return batch
        way.start(self._returned(self._backend, batch, way))
        return Problem(
            f"{self._url} does not answer",
            f"{batch.changes[0].path} was saved, and the server has not come back in {RETURN_SECONDS:.0f} s. "
            "What it printed may say why.",
        )

    async def _later(self, backend: Backend, batch: Batch, way: Way) -> None:
        """Tell the pages once more, should the backend only restart now."""
        if await backend.restarts(LATER_SECONDS) is Seen.RESTART and await backend.answers(RETURN_SECONDS):
            way.tell(batch)

    async def _returned(self, backend: Backend, batch: Batch, way: Way) -> None:
        while not await backend.answers(RETURN_SECONDS):
            pass
        way.tell(batch)


def _holds(batch: Batch, patterns: Sequence[str]) -> bool:
    """Whether a file of ``batch`` matches; a pattern without a slash is about its name."""
    return any(PurePosixPath(change.path).match(pattern) for change in batch.changes for pattern in patterns)
