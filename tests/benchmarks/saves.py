"""From a save to the message on the socket, everybody in turn in one run."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.contestants import LOC_DEV, Listener, all_running
from tests.benchmarks.folders import whole
from tests.benchmarks.report import Goal, Section, middle, ms, p95

IN_PLACE, BY_RENAME, WARM_UP = 40, 20, 3


def in_place(page: Path, number: int) -> None:
    page.write_text(whole(number))


def by_rename(page: Path, number: int) -> None:
    aside = page.with_name("index.html~")
    aside.write_text(whole(number))
    aside.rename(page)


WAYS = {"in place": (in_place, IN_PLACE), "by rename": (by_rename, BY_RENAME)}


async def measure() -> Section:
    took: dict[tuple[str, str], list[float]] = {}
    lost: dict[tuple[str, str], int] = {}
    extra: dict[tuple[str, str], int] = {}
    async with all_running() as listeners:
        await asyncio.sleep(1)
        for way, (save, times) in WAYS.items():
            for number in range(-WARM_UP, times):
                for listener in random.sample(listeners, len(listeners)):
                    seconds, more = await one(listener, save, number)
                    if number < 0:
                        continue
                    key = (listener.name, way)
                    took.setdefault(key, []).extend([] if seconds is None else [seconds])
                    lost[key] = lost.get(key, 0) + (seconds is None)
                    extra[key] = extra.get(key, 0) + more
    return section([listener.name for listener in listeners], took, lost, extra)


async def one(listener: Listener, save: Callable[[Path, int], None], number: int) -> tuple[float | None, int]:
    """Seconds from before the file is opened to the message, and how many more messages came after it."""
    await asyncio.sleep(random.uniform(0.02, 0.08))  # steps and timers of others must not beat with ours
    listener.forget()
    start = time.perf_counter()
    save(listener.folder / "index.html", number)
    moment = await listener.word(3)
    more = len(await listener.words(0.1))
    return (None if moment is None else moment - start), more


def section(
    names: list[str],
    took: dict[tuple[str, str], list[float]],
    lost: dict[tuple[str, str], int],
    extra: dict[tuple[str, str], int],
) -> Section:
    ours = {way: middle(took[LOC_DEV.name, way]) for way in WAYS}
    result = Section(
        f"A save ({IN_PLACE} in place, {BY_RENAME} by rename), until the socket tells it, ms",
        ("", *(name for way in WAYS for name in (f"{way}: median", "p95", "ratio")), "lost", "twice"),
        note="ratio: our median to theirs. lost: not told in 3 s. twice: more messages for a save.",
    )
    for name in names:
        cells = [name]
        for way in WAYS:
            figures = took[name, way]
            cells += [ms(middle(figures)), ms(p95(figures)) if figures else "-"]
            cells.append(f"{ours[way] / middle(figures):.2f}")
            if name.startswith("vite"):
                limit = middle(figures) * 1000
                result.goals.append(Goal(f"median {way}, beside {name}", ours[way] * 1000, limit, "ms"))
        cells += [str(sum(counts[name, way] for way in WAYS)) for counts in (lost, extra)]
        result.rows.append(cells)
    return result
