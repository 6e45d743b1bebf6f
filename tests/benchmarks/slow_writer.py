"""Half pages: a writer that truncates, waits, writes half, waits, and writes the rest."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.benchmarks.contestants import LOC_DEV, Listener, all_running
from tests.benchmarks.folders import whole
from tests.benchmarks.report import Goal, Section, middle, ms

SAVES, PAUSE = 20, 0.03


async def measure() -> Section:
    result = Section(
        f"{SAVES} slow saves: truncate, wait {PAUSE * 1000:.0f} ms, one half, wait, the other half",
        ("", "half pages", "never whole", "messages", "ms after the close"),
        note="half pages: saves of which some message came while the page was not whole on the disk. "
        "never whole: no message came once it was.",
    )
    async with all_running() as listeners:
        await asyncio.sleep(1)
        for listener in listeners:
            saves = [await one(listener, number) for number in range(SAVES)]
            half = sum(not all(whole for _, whole in words) for words, _ in saves)
            never = sum(not any(whole for _, whole in words) for words, _ in saves)
            delays = [
                next(at for at, whole in words if whole) - end
                for words, end in saves
                if any(w for _, w in words)
            ]
            told = sum(len(words) for words, _ in saves)
            result.rows.append((listener.name, str(half), str(never), str(told), ms(middle(delays))))
            if listener.name == LOC_DEV.name:
                result.goals += [
                    Goal(f"half pages in {SAVES} slow saves", half, 0),
                    Goal(f"messages for {SAVES} slow saves", told, SAVES),
                    Goal("slow saves that were never told whole", never, 0),
                ]
    return result


async def one(listener: Listener, number: int) -> tuple[list[tuple[float, bool]], float]:
    """Each message's moment with whether the page was whole then, and the moment of the close."""
    page = listener.folder / "index.html"
    text = whole(number)
    await asyncio.sleep(0.1)
    listener.forget()
    seen: list[bool] = []
    listener.on_word = lambda: seen.append(_read(page) == text)
    end = await write_slowly(page, text)
    moments = await listener.words(0.4)
    listener.on_word = lambda: None
    return list(zip(moments, seen, strict=True)), end


async def write_slowly(page: Path, text: str) -> float:
    with page.open("w") as file:
        await asyncio.sleep(PAUSE)
        file.write(text[: len(text) // 2])
        file.flush()
        await asyncio.sleep(PAUSE)
        file.write(text[len(text) // 2 :])
    return time.perf_counter()


def _read(page: Path) -> str:
    try:
        return page.read_text()
    except OSError:
        return ""
