"""Async tests, each in an event loop of its own."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec

from tests.support.waiting import DEADLINE

P = ParamSpec("P")

# A test may wait several times; each time the deadline is shorter.
LIMIT = 3 * DEADLINE


def in_loop(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Make an async test one that pytest can run; it fails after ``LIMIT`` seconds."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def limited() -> None:
            async with asyncio.timeout(LIMIT):
                await test(*args, **kwargs)

        asyncio.run(limited())

    return run
