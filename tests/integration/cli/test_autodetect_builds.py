"""``loc-dev`` without a command where a site has to be built first, or where nothing tells what to run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.support.bare_command import announced, bare, fetch, save, updated
from tests.support.calls import call
from tests.support.processes import ended
from tests.support.pseudo_terminals import Terminal
from tests.support.waiting import DEADLINE, until

Popen = subprocess.Popen[bytes]


MKDOCS = """
import pathlib, sys

assert sys.argv[1:] == ["build", "-q", "--site-dir", "site"]
text = pathlib.Path("docs/index.md").read_text()
if "oops" in text:
    sys.exit("oops")
pathlib.Path("site").mkdir(exist_ok=True)
pathlib.Path("site/index.html").write_text(f"<!doctype html><h1>{text}</h1>")
"""


def is_running(pid: int) -> bool:
    """Return whether a process exists that has not ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_generator_builds_before_the_first_page_and_at_each_save(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: x")
    (tmp_path / "mkdocs.py").write_text(MKDOCS)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("one")
    with bare(tmp_path) as dev, connect(dev.socket_url) as page:
        assert " -m mkdocs build -q --site-dir site && loc-dev serve site --watch docs" in announced(dev)
        assert "one" in fetch(dev.url)
        save(tmp_path / "docs/index.md", "one", "two")
        assert updated(page) == ["index.html"]
        assert "two" in fetch(dev.url)
    (tmp_path / "docs/index.md").write_text("oops")
    failed = call(cwd=tmp_path)
    assert failed.returncode == 1
    assert "oops" in failed.stderr
    assert failed.stderr.splitlines()[-1].endswith("failed with exit code 1, so there is nothing to serve.")


@contextmanager
def building(folder: Path, *before: str, stubborn: bool = False) -> Iterator[tuple[Popen, list[int]]]:
    """``loc-dev`` in the midst of a first build, started by way of ``before``, and the two processes of that.

    One of them started the other. Neither ends by itself, nor, if ``stubborn``, when it is asked to.
    """
    (folder / "mkdocs.yml").write_text("")
    (folder / "mkdocs.py").write_text(
        "import os, pathlib, signal, subprocess, sys, time\n"
        f"if {stubborn}: signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "sleeper = subprocess.Popen(['sleep', '3600'])\n"  # an ignored signal stays so in it
        "pathlib.Path('new').write_text(f'{os.getpid()} {sleeper.pid}')\n"
        "os.rename('new', 'pids')\n"
        "time.sleep(3600)\n"
    )
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "livereload_loc"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    pids: list[int] = []
    with ended(process):
        try:
            until((folder / "pids").exists)
            pids += map(int, (folder / "pids").read_text().split())
            yield process, pids
        finally:
            for pid in filter(is_running, pids):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_first_build_ends_with_the_tool(tmp_path: Path, number: signal.Signals) -> None:
    with building(tmp_path) as (process, pids):
        process.send_signal(number)
        assert process.wait(DEADLINE) == 0
        until(lambda: not any(map(is_running, pids)))


def test_a_first_build_that_will_not_end_is_killed(tmp_path: Path) -> None:
    with building(tmp_path, stubborn=True) as (process, pids):
        process.terminate()
        assert process.wait(DEADLINE) == 0
        until(lambda: not any(map(is_running, pids)))


def test_under_nohup_a_first_build_goes_on(tmp_path: Path) -> None:
    with building(tmp_path, "nohup") as (process, pids):
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        assert all(map(is_running, pids))
        process.terminate()
        assert process.wait(DEADLINE) == 0


def test_a_generator_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "hugo.toml").write_text("")
    found = call(cwd=tmp_path, PATH=str(tmp_path))
    assert found.returncode == 1
    assert found.stderr.splitlines()[-1].startswith("loc-dev: Cannot run 'hugo'")


def test_nothing_is_there(tmp_path: Path) -> None:
    found = call(cwd=tmp_path)
    assert (found.returncode, found.stdout) == (2, "")
    assert "loc-dev serve DIR" in found.stderr
    assert len(found.stderr.splitlines()) == 2


@pytest.fixture
def two_sites(tmp_path: Path) -> Path:
    """Make a folder with two sites, which are as likely."""
    for name in ("public", "dist"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(f"<!doctype html><h1>{name}</h1>")
    return tmp_path


def test_nobody_is_there_to_be_asked(two_sites: Path) -> None:
    found = call("--port=0", cwd=two_sites)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.splitlines() == [
        "loc-dev: There is more than one thing to run here. Choose one:",
        "  loc-dev serve public --port=0",
        "  loc-dev serve dist --port=0",
    ]


@contextmanager
def asking(folder: Path) -> Iterator[Terminal]:
    """Run bare ``loc-dev`` on a terminal up to its question."""
    command = (sys.executable, "-m", "livereload_loc", "--port=0")
    with Terminal(*command, cwd=folder, size=(110, 24)) as terminal:
        terminal.shows(r"^Which.*\[1\]:")
        yield terminal
    assert terminal.process.returncode == 0


@pytest.mark.parametrize(("answer", "name"), [("\n", "public"), ("2\n", "dist"), ("7\n2\n", "dist")])
def test_a_person_is_asked(two_sites: Path, answer: str, name: str) -> None:
    with asking(two_sites) as terminal:
        terminal.shows("1  found public/index.html: loc-dev serve public --port=0$")
        terminal.type(answer)
        terminal.shows(f"found {name}/index.html, running: loc-dev serve {name} --port=0$")
        assert f"<h1>{name}</h1>" in fetch(terminal.url)


def test_ctrl_c_at_the_question_ends_it(two_sites: Path) -> None:
    with asking(two_sites) as terminal:

        def ends() -> bool:
            if terminal.process.poll() is None:
                terminal.type("\x03")  # one that comes just before the read goes unseen in Python
            return terminal.process.poll() is not None

        until(ends)


def test_files_and_environment_have_their_say(tmp_path: Path) -> None:
    (tmp_path / "index.php").write_text("")
    (tmp_path / "loc-dev.toml").write_text("command = 'sleep 8123'\nallow-host = 'a.test'\n")
    with bare(tmp_path) as dev:
        assert announced(dev).endswith(", running: loc-dev proxy http://localhost:8123 --port=0 --json")
        assert "loc-dev.toml starts: sleep 8123" in dev.errors
    (tmp_path / "loc-dev.toml").unlink()
    (tmp_path / "index.php").unlink()
    (tmp_path / "mkdocs.yml").write_text("")
    (tmp_path / "mkdocs.py").write_text(MKDOCS)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("one")
    with bare(tmp_path, LOC_DEV_EXEC="true", LOC_DEV_WATCH="docs") as dev:
        assert announced(dev).endswith("&& loc-dev serve site --port=0 --json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--prot", "1"], "No such option '--prot'"),
        (["--port"], "requires an argument"),
        (["--port", "abc"], "is not a number from 0 to 65535"),
        (["--spa"], "No such option '--spa'"),
        (["--port", "1", "watch", "."], "Options go after the command: loc-dev watch"),
        (["--port", "1", "wach"], "There is no command 'wach'"),
        (["."], "To serve a folder: loc-dev serve ."),
        (["http://localhost:1"], "To proxy a server: loc-dev proxy http://localhost:1"),
        (["--", "php"], "Name what to do before --"),
    ],
)
def test_wrong_use(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "index.php").write_text("")
    found = call(*arguments, cwd=tmp_path)
    assert found.returncode == 2
    assert message in found.stderr
    assert "Traceback" not in found.stderr


def test_help_and_version_are_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("")
    assert "Without a command, loc-dev looks at the folder" in call("--help", cwd=tmp_path).stdout
    assert "Usage" in call("--open", "-h", cwd=tmp_path).stdout
    assert call("--version", cwd=tmp_path).stdout.startswith("loc-dev, version")
