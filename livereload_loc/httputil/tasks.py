"""Tasks that run together, and end together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any


class PlainTaskGroup(asyncio.TaskGroup):
    """A TaskGroup that raises the first error itself, not a group of errors."""

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await super().__aexit__(kind, error, traceback)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


async def run_together(*works: Coroutine[None, None, None]) -> None:
    """Run all of ``works`` until one of them fails or all have ended."""
    async with PlainTaskGroup() as tasks:
        for work in works:
            tasks.create_task(work)


@asynccontextmanager
async def background(*works: Coroutine[Any, Any, Any]) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """Run ``works`` while the block runs; at its end those that still run are cancelled, and their
    exceptions are dropped."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
