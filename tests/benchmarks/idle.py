"""What a watch costs: processor time and memory with nobody at work, and while somebody works."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.benchmarks.contestants import LOC_DEV, Contestant, everybody, reach, running
from tests.benchmarks.folders import scratch, tree
from tests.benchmarks.processes import cpu_seconds, memory, started
from tests.benchmarks.report import Goal, Section
from tests.support.ports import free_port

SECONDS, CALM = 10, 3


async def measure() -> Section:
    result = Section(
        f"Idle, over {SECONDS} s each, one after the other",
        ("", "10 files: % of a core", "MB PSS", "MB RSS", "20,000 files: % of a core", "MB PSS", "MB RSS"),
        note="No page is open. The last row: a page is open, and a file was saved just before.",
    )
    with scratch() as parent:
        # Text files: of 20,000 pages vite would read each, to look for scripts.
        roots = [tree(parent, "few", 1, 9, "txt"), tree(parent, "many", 2000, 10, "txt")]
        for contestant in everybody():
            cells = [contestant.name]
            for root in roots:
                cpu, pss, rss = await alone(contestant, root)
                cells += [f"{cpu:.2f}", f"{pss:.1f}", f"{rss:.1f}"]
                if contestant is LOC_DEV:
                    result.goals.append(Goal(f"idle, {root.name} files", cpu, 1, "%"))
                    result.goals.append(Goal(f"memory, {root.name} files", pss, 40, "MB"))
            result.rows.append(cells)
        cells = [f"{LOC_DEV.name}, at work"]
        for root in roots:
            cpu, pss, rss = await at_work(root)
            cells += [f"{cpu:.2f}", f"{pss:.1f}", f"{rss:.1f}"]
        result.rows.append(cells)
    return result


async def alone(contestant: Contestant, root: Path) -> tuple[float, float, float]:
    """Percent of a core and MB (PSS, RSS) with no page connected."""
    port = free_port()
    with started(contestant.command(root, port)) as process:
        await (await reach(contestant, port)).close()
        await asyncio.sleep(CALM)
        return await cost(process.pid)


async def at_work(root: Path) -> tuple[float, float, float]:
    async with running(LOC_DEV, root) as listener:
        await asyncio.sleep(1)
        (root / "index.html").write_text("<!doctype html><title>saved</title>")
        await listener.word()
        return await cost(listener.pid)


async def cost(pid: int) -> tuple[float, float, float]:
    before, start = cpu_seconds(pid), time.monotonic()
    await asyncio.sleep(SECONDS)
    percent = 100 * (cpu_seconds(pid) - before) / (time.monotonic() - start)
    return percent, memory(pid), memory(pid, "Rss")
