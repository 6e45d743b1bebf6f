"""Waiting for conditions, with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

DEADLINE = 20.0
"""Seconds after which what has not happened will not happen; generous, since machines are slow at times."""

_PAUSE = 0.005


def until(
    is_so: Callable[[], object], what: str = "it did not come about", within: float = DEADLINE
) -> float:
    """Wait for a condition; return the seconds that it took. ``what`` says what is missing after that."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < within, what
        time.sleep(_PAUSE)
    return time.monotonic() - began


async def until_async(is_so: Callable[[], object], what: str = "it did not come about") -> None:
    """Wait for a condition while the event loop runs on."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < DEADLINE, what
        await asyncio.sleep(_PAUSE)
