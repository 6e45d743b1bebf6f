"""COMMAND runs as if a person had started it, and nothing of it is ever left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from livereload_loc.errors import NoSuchCommand
from livereload_loc.httputil.tasks import background
from livereload_loc.process.command import PATIENCE_SECONDS, Command
from tests.support.in_loop import in_loop
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE, until, until_async

MARK = "LOC_DEV_TEST_MARK"

STUBBORN = """
import os, signal, subprocess, sys, time
from tests.support.in_loop import in_loop
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) < 2:
    subprocess.Popen([sys.executable, __file__, "child"], start_new_session=True)
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.kill(os.getpid(), signal.SIGSTOP)
    print("ready", flush=True)
time.sleep(3600)
"""


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What every process of a test bears in its environment."""
    monkeypatch.setenv(MARK, str(tmp_path))
    return f"{MARK}={tmp_path}"


def marked(mark: str) -> set[int]:
    """The processes that bear the mark, but for zombies."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                found.add(int(process.name))
    return found


class Heard:
    """A run of a command: what it wrote, and how it ended."""

    def __init__(self, *argv: str, patience: float = PATIENCE_SECONDS) -> None:
        self.lines: list[str] = []
        self._argv, self._patience = argv, patience

    async def run(self) -> int:
        return await Command(self._argv, self.lines.append, patience=self._patience).run()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with background(self.run()):
            yield


def python(code: str) -> tuple[str, str, str]:
    return sys.executable, "-c", code


@in_loop
async def test_it_runs_on_a_terminal_and_keeps_its_colours() -> None:
    heard = Heard(
        *python("import sys; print(sys.stdout.isatty()); print('\\033[31mred\\033[0m\\033]0;t\\007')")
    )
    assert await heard.run() == 0
    assert heard.lines[0] == "True"
    assert "\x1b[31mred" in heard.lines[1]
    assert "\x1b]" not in heard.lines[1]


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("raise SystemExit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
@in_loop
async def test_how_it_ended_is_returned(code: str, ended: int) -> None:
    assert await Heard(*python(code)).run() == ended


@in_loop
async def test_everything_it_said_is_shown_before_its_end() -> None:
    heard = Heard(*python("for n in range(20000): print(n)"))
    await heard.run()
    assert heard.lines == [str(number) for number in range(20_000)]


@in_loop
async def test_what_does_not_exist_is_named(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no program")
    for name in ("no-such-command-here", str(tmp_path / "text")):
        with pytest.raises(NoSuchCommand, match=os.path.basename(name)):
            await Heard(name).run()


@in_loop
async def test_its_keyboard_is_silent() -> None:
    heard = Heard(*python("import sys; print('asks', flush=True); sys.stdin.readline(); print('got')"))
    async with heard.running():
        await until_async(lambda: heard.lines)
        await asyncio.sleep(0.2)
    assert heard.lines == ["asks"]


@in_loop
async def test_whatever_it_started_ends_with_it(tmp_path: Path, mark: str) -> None:
    script = tmp_path / "stubborn.py"
    script.write_text(STUBBORN)
    heard = Heard(sys.executable, str(script), patience=0.3)
    before = set(os.listdir("/proc/self/fd"))
    async with heard.running():
        await until_async(lambda: heard.lines == ["ready"])
        await until_async(lambda: len(marked(mark)) >= 4)  # the last of them is forked a moment later
    assert not marked(mark)
    assert set(os.listdir("/proc/self/fd")) <= before


@pytest.fixture
def beside(tmp_path: Path, mark: str) -> Iterator[tuple[LocDev, set[int]]]:
    """The tool with a command, and the processes of the latter."""
    folder = tmp_path / "site"
    folder.mkdir()
    command = ["sh", "-c", "sleep 3601 & setsid sleep 3602 & echo ready >&2; wait"]
    with LocDev("watch", folder, "--port", "0", "--", *command, cwd=tmp_path) as dev:
        until(lambda: "sh | ready" in dev.errors, f"it never began: {dev.errors}")
        until(lambda: len(marked(mark)) >= 4, "its children are missing")
        yield dev, marked(mark) - {dev.process.pid, os.getpid()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all(beside: tuple[LocDev, set[int]], mark: str, number: signal.Signals) -> None:
    dev, _ = beside
    assert dev.stop(number) == 0
    assert not marked(mark) - {os.getpid()}


def test_nothing_is_left_when_the_tool_is_killed(beside: tuple[LocDev, set[int]], mark: str) -> None:
    dev, _ = beside
    dev.process.kill()
    dev.process.wait(DEADLINE)
    until(lambda: not marked(mark) - {os.getpid()}, f"left: {marked(mark)}")


def test_nothing_is_left_when_the_supervisor_is_killed(beside: tuple[LocDev, set[int]], mark: str) -> None:
    dev, processes = beside
    for pid in processes:
        with contextlib.suppress(OSError):
            if b"supervisor" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
                break
    left = {os.getpid(), dev.process.pid}
    until(lambda: not marked(mark) - left, f"left: {marked(mark) - left}")
    assert dev.process.poll() is None


def test_a_command_that_is_missing_ends_the_tool_with_a_line(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "livereload_loc", "watch", tmp_path, "--port", "0", "--", "no-such-command"],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.splitlines() == [
        "loc-dev: Cannot run 'no-such-command': there is no such command, or it may not be executed."
    ]


@pytest.mark.parametrize(("keys", "arrives"), [("off", True), ("on", False)])
def test_who_has_the_keyboard(tmp_path: Path, keys: str, arrives: bool) -> None:
    ours, terminal = pty.openpty()
    code = "import sys; print('asks', flush=True); print('heard', sys.stdin.readline().upper())"
    command = [sys.executable, "-m", "livereload_loc", "watch", tmp_path, "--port", "0", "--keys", keys]
    process = subprocess.Popen(
        [*command, "--", *python(code)],
        stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    assert process.stdout
    os.set_blocking(process.stdout.fileno(), False)
    said = b""

    def hear(word: bytes) -> bool:
        nonlocal said
        assert process.stdout
        said += process.stdout.read() or b""
        return word in said

    try:
        until(lambda: hear(b"asks"), "it never began")
        os.write(ours, b"word\n")
        if arrives:
            until(lambda: hear(b"heard WORD"), f"it never came: {said!r}")
        else:
            time.sleep(0.3)
            assert not hear(b"heard")
    finally:
        process.terminate()
        process.wait(DEADLINE)
        process.stdout.close()
        os.close(ours)
