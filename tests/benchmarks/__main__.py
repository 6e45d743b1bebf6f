"""Measures everything, or what is named, and prints one page."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import time
from collections.abc import Iterator
from importlib.metadata import version

from tests.benchmarks import (
    counter,
    idle,
    injection,
    proxy,
    restart,
    saved_code,
    saves,
    seen,
    slow_writer,
    soak,
    start,
    stop,
    storm,
)
from tests.benchmarks.report import Goal, table

MEASURES = {
    "saves": saves.measure,
    "seen": seen.measure,
    "code": saved_code.measure,
    "writer": slow_writer.measure,
    "storm": storm.measure,
    "idle": idle.measure,
    "start": start.measure,
    "stop": stop.measure,
    "restart": restart.measure,
    "injection": injection.measure,
    "proxy": proxy.measure,
    "counter": counter.measure,
    "soak": soak.measure,
}


def main() -> int:
    """Exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MEASURES))
    names = parser.parse_args().names or list(MEASURES)
    if unknown := set(names) - set(MEASURES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    print(f"# livereload-loc {version('livereload-loc')}, {time.strftime('%Y-%m-%d %H:%M')}\n")
    print(", ".join(machine()))
    print("Compare the figures of one run with one another only.\n")
    goals: list[Goal] = []
    for name in names:
        section = asyncio.run(MEASURES[name]())
        goals += section.goals
        print(section, flush=True)
    print(f"## Goals\n\n{table(('', 'figure', 'goal', 'met'), [goal.row() for goal in goals])}")
    return int(not all(goal.met for goal in goals))


def machine() -> Iterator[str]:
    yield f"{platform.system()} {platform.machine()}"
    yield f"{os.cpu_count()} cores"
    yield f"load {os.getloadavg()[0]:.1f} at the start"
    yield f"Python {platform.python_version()}"
    for name in ("watchfiles", "uvicorn", "starlette"):
        yield f"{name} {version(name)}"


raise SystemExit(main())
