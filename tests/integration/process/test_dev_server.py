"""The user's programs, as real processes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livereload_loc.backend import BackendState
from livereload_loc.events import Event, Info, ProblemFound, ProcessOutput
from livereload_loc.process.command import Command
from livereload_loc.process.dev_server import TRIES, DevServer
from livereload_loc.settings import Settings
from tests.support.in_loop import in_loop
from tests.support.waiting import until_async


class Heard:
    """A dev server, what it wrote, and how it ended."""

    def __init__(self, *argv: str, restart: tuple[str, ...] = (), **seconds: float) -> None:
        self.events: list[Event] = []
        self.state = BackendState()
        settings = Settings(paths=(".",), command=argv, restart=restart)
        self.server = DevServer(settings, self.events.append, self.state, **seconds)

    @property
    def lines(self) -> list[str]:
        return [event.line for event in self.events if isinstance(event, ProcessOutput)]

    @property
    def ends(self) -> list[tuple[str, str]]:
        """How it ended, and what happens next."""
        return [(event.title, event.detail) for event in self.events if isinstance(event, ProblemFound)]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.server.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def shell(line: str) -> tuple[str, str, str]:
    return "sh", "-c", line


@pytest.mark.parametrize(
    ("line", "patience", "told"),
    [
        ("trap '' TERM; echo ready; sleep 3600", 0.3, [Info("waiting for sh to end")]),
        ("echo ready; exec sleep 3600", 60.0, []),
    ],
)
@in_loop
async def test_a_command_that_takes_long_to_end_is_named(
    line: str, patience: float, told: list[Event]
) -> None:
    heard = Heard("sh", "-c", line, patience=patience, silence=patience / 3)
    async with heard.running() as running:
        await until_async(lambda: heard.lines)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert [event for event in heard.events if not isinstance(event, ProcessOutput)] == told


@pytest.mark.parametrize(
    ("code", "restart", "absence"),
    [
        (3, (), "sh ended with exit code 3"),
        (0, (), ""),
        (3, ("*.py",), "sh ended with exit code 3"),
    ],
)
@in_loop
async def test_its_crash_is_known_until_it_is_started_again(
    code: int, restart: tuple[str, ...], absence: str
) -> None:
    heard = Heard(*shell(f"exit {code}"), restart=restart)
    async with heard.running():
        assert heard.state.down_reason == ""
        await until_async(lambda: heard.ends)
        assert heard.state.down_reason == absence
        await heard.server.restart()
        assert heard.state.down_reason == ""


@in_loop
async def test_crashes_are_followed_by_longer_and_longer_pauses_and_the_last_by_a_save() -> None:
    heard = Heard(*shell("exit 1"), restart=("*.py",), first_backoff=0.02)
    async with heard.running():
        await until_async(lambda: len(heard.ends) == TRIES + 1)
        assert {how for how, _ in heard.ends} == {"sh ended with exit code 1"}
        assert [further for _, further in heard.ends] == [
            *(f"It starts again in {pause} s." for pause in (0.02, 0.04, 0.08, 0.16)),
            "loc-dev goes on without it. It starts again when you save a --restart file.",
        ]
        await heard.server.restart()
        await until_async(lambda: len(heard.ends) == TRIES + 2)
        assert heard.ends[-1][1] == "It starts again in 0.02 s."


@in_loop
async def test_after_a_save_the_pauses_begin_anew(tmp_path: Path) -> None:
    """Also where the code ran well until that save, but for less long than counts as healthy."""
    script = tmp_path / "server.py"
    script.write_text("raise SystemExit(1)")
    heard = Heard(sys.executable, str(script), restart=("*.py",), first_backoff=0.02)

    async def save(code: str) -> int:
        script.write_text(code)
        await heard.server.restart()
        return len(heard.ends)

    def end(code: int, pause: float) -> tuple[str, str]:
        return f"server.py ended with exit code {code}", f"It starts again in {pause} s."

    async with heard.running():
        await until_async(lambda: len(heard.ends) >= 3)
        before = await save("raise SystemExit(2)")
        await until_async(lambda: len(heard.ends) >= before + 3)
        assert heard.ends[before : before + 3] == [end(2, 0.02), end(2, 0.04), end(2, 0.08)]
        await save("import time; print('runs', flush=True); time.sleep(3600)")
        await until_async(lambda: heard.lines)
        before = await save("raise SystemExit(3)")
        await until_async(lambda: len(heard.ends) > before)
        assert heard.ends[before] == end(3, 0.02)


@in_loop
async def test_a_restart_ends_the_old_one_first() -> None:
    heard = Heard(*shell("echo $$; exec sleep 3600"))
    async with heard.running():
        await until_async(lambda: len(heard.lines) == 1)
        await asyncio.gather(heard.server.restart(), heard.server.restart())
        assert not Path("/proc", heard.lines[0]).exists()
        await until_async(lambda: len(heard.lines) == 2)
        assert Path("/proc", heard.lines[1]).exists()
    assert heard.ends == []


@in_loop
async def test_two_restarts_in_a_row_wait_for_the_start_of_the_last() -> None:
    """The one between them says that it was started, too, and is about to end."""
    heard = Heard(*shell("echo ready; exec sleep 3600"))

    def running() -> Command | None:
        return heard.server._command

    async with heard.running():
        await until_async(lambda: heard.lines)
        old = running()
        first = asyncio.create_task(heard.server.restart())
        while running() in (None, old):  # looked at each turn: a moment later it was started
            await asyncio.sleep(0)
        between = running()
        await heard.server.restart()
        assert running() not in (None, old, between)
        await first


@in_loop
async def test_new_processes_are_signs_while_somebody_watches() -> None:
    heard = Heard(*shell("echo ready; sleep 0.3; sleep 3600 & wait"))
    async with heard.running():
        await until_async(lambda: heard.lines)
        sign = asyncio.create_task(heard.state.wait_for_sign())
        heard.server.watch_processes(10)
        await sign
