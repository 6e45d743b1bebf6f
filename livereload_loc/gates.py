"""What stands between a change on disk and the pages: a build step, a backend that restarts.

A gate takes a batch and gives it back when the pages may be told, or the problem that forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .changes import Batch
from .messages import Problem


class Gate(Protocol):
    """One reason to wait. It may give back another batch than it took, with the build's output in it, say."""

    async def __call__(self, batch: Batch) -> Batch | Problem:
        """Wait until the pages may be told of ``batch``; never raises for what the user's code does."""


async def passed(gates: Sequence[Gate], batch: Batch) -> Batch | Problem:
    """Send ``batch`` through all ``gates`` in order; the first problem ends the way."""
    for gate in gates:
        outcome = await gate(batch)
        if isinstance(outcome, Problem):
            return outcome
        batch = outcome
    return batch
