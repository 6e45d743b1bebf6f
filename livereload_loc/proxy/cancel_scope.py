"""Work that somebody else may end: the browser that leaves, the app that stops."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class CancelScope:
    """A block of one task that ``interrupt()`` ends wherever it waits, as ``asyncio.timeout`` would."""

    def __init__(self) -> None:
        self.interrupted = False
        self._task: asyncio.Task[object] | None = None

    def interrupt(self) -> None:
        """End the block, unless it has ended."""
        if self._task and not self.interrupted:
            self.interrupted = True
            self._task.cancel()

    async def __aenter__(self) -> Self:
        self._task = asyncio.current_task()
        assert self._task
        self._before = self._task.cancelling()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        task, self._task = self._task, None
        assert task
        # A cancellation from outside that came meanwhile is not ours to swallow (python/cpython#86296).
        return self.interrupted and task.uncancel() <= self._before and kind is asyncio.CancelledError
