"""Ctrl+C with 50 tabs connected."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter

from tests.benchmarks.contestants import LOC_DEV, reach
from tests.benchmarks.folders import scratch, site
from tests.benchmarks.processes import started
from tests.benchmarks.report import Goal, Section, middle, ms
from tests.support.ports import free_port

TABS, ROUNDS = 50, 5


async def measure() -> Section:
    took: list[float] = []
    codes: Counter[int | None] = Counter()
    exits: Counter[int] = Counter()
    with scratch() as parent:
        folder = site(parent, "site")
        for _ in range(ROUNDS):
            port = free_port()
            with started(LOC_DEV.command(folder, port)) as process:
                tabs = [await reach(LOC_DEV, port) for _ in range(TABS)]
                await asyncio.sleep(0.5)
                start = time.perf_counter()
                os.kill(process.pid, signal.SIGINT)
                exits[await asyncio.to_thread(process.wait, 20)] += 1
                took.append(time.perf_counter() - start)
                await asyncio.gather(*(tab.wait_closed() for tab in tabs))
                codes.update(tab.close_code for tab in tabs)
    result = Section(
        f"Ctrl+C with {TABS} tabs, {ROUNDS} times",
        ("", "median, ms", "most, ms", "close codes", "exit codes"),
    )
    told, ended = (", ".join(f"{code} x {n}" for code, n in found.items()) for found in (codes, exits))
    result.rows.append((LOC_DEV.name, ms(middle(took)), ms(max(took)), told, ended))
    result.goals.append(Goal(f"an end with {TABS} tabs", max(took) * 1000, 1000, "ms"))
    return result
