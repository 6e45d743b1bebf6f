"""The user's programs, as real processes."""

from __future__ import annotations

import asyncio

import pytest

from livereload_loc.events import Event, Info, ProcessOutput
from livereload_loc.process.dev_server import DevServer
from livereload_loc.settings import Settings
from tests.support.harness import DEADLINE


@pytest.mark.parametrize(
    ("line", "patience", "told"),
    [
        ("trap '' TERM; echo ready; sleep 3600", 0.3, [Info("waiting for sh to end")]),
        ("echo ready; exec sleep 3600", 60.0, []),
    ],
)
def test_a_command_that_takes_long_to_end_is_named(
    monkeypatch: pytest.MonkeyPatch, line: str, patience: float, told: list[Event]
) -> None:
    monkeypatch.setattr("livereload_loc.process.command.PATIENCE_SECONDS", patience)
    monkeypatch.setattr("livereload_loc.process.dev_server.SILENCE_SECONDS", patience / 3)
    reports: list[Event] = []
    server = DevServer(Settings(paths=(".",), command=("sh", "-c", line)), reports.append, None)

    async def run() -> None:
        async with asyncio.timeout(DEADLINE):
            running = asyncio.create_task(server.run())
            while ProcessOutput("sh", "ready") not in reports:
                await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running

    asyncio.run(run())
    assert [report for report in reports if not isinstance(report, ProcessOutput)] == told
