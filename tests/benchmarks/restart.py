"""A restart of ``uvicorn --reload`` with pages open, beside the same app without the middleware."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from websockets.sync.client import connect

from tests.benchmarks.folders import scratch
from tests.benchmarks.report import Goal, Section, middle, ms
from tests.support.uvicorn_reload import Reloading, uvicorn_reload

PAGES, ROUNDS = 10, 5


async def measure() -> Section:
    return await asyncio.to_thread(_measure)


def _measure() -> Section:
    with (
        scratch() as parent,
        uvicorn_reload(parent / "with", 'watch=["templates", "static"]') as with_,
        uvicorn_reload(parent / "without", "") as without,
    ):
        took: dict[str, list[float]] = {"with the middleware": [], "without": []}
        for version in range(2, 2 + ROUNDS):
            with ExitStack() as pages:
                for _ in range(PAGES):
                    _open(pages, with_)
                for name, app in zip(took, (with_, without), strict=True):
                    took[name].append(app.restart(version))
    result = Section(
        f"A restart of uvicorn --reload with {PAGES} pages open, {ROUNDS} times",
        ("", "median, ms", "most, ms"),
        [(name, ms(middle(figures)), ms(max(figures))) for name, figures in took.items()],
    )
    ours, bare = map(middle, took.values())
    result.goals.append(Goal("a restart, to one without the middleware", ours / bare, 1.3))
    return result


def _open(stack: ExitStack, app: Reloading) -> None:
    page = stack.enter_context(connect(app.socket_url))
    page.recv()
    page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
