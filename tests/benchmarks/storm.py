"""A storm: 500 files written as fast as they go."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.benchmarks.contestants import LOC_DEV, everybody, running
from tests.benchmarks.folders import scratch, tree
from tests.benchmarks.report import Goal, Section, middle, ms

FILES, ROUNDS = 500, 5


async def measure() -> Section:
    result = Section(
        f"A storm of {FILES} files, {ROUNDS} times",
        ("", "updates (median)", "most", "last told, ms after the last write (median)", "most"),
    )
    with scratch() as parent:
        for number, contestant in enumerate(everybody()):
            root = tree(parent, f"tree{number}", folders=10, files=FILES // 10)
            pages = sorted(root.rglob("page*.html"))
            async with running(contestant, root) as listener:
                await asyncio.sleep(1)
                counts, delays = [], []
                for turn in range(ROUNDS):
                    await asyncio.sleep(0.5)
                    listener.forget()
                    end = blow(pages, turn)
                    words = await listener.words(1.5)
                    counts.append(len(words))
                    delays.append(max(words, default=float("nan")) - end)
            cells = (str(middle(counts)), str(max(counts)), ms(middle(delays)), ms(max(delays)))
            result.rows.append((contestant.name, *cells))
            if contestant is LOC_DEV:
                result.goals += [
                    Goal("updates for a storm, at most", max(counts), 1),
                    Goal("a storm is told after its last write", middle(delays) * 1000, 100, "ms"),
                ]
    return result


def blow(pages: list[Path], turn: int) -> float:
    """Write all of them; the moment of the last close."""
    for page in pages:
        page.write_text(f"<!doctype html><title>storm {turn}</title>")
    return time.perf_counter()
