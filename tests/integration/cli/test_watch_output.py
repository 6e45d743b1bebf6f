"""What ``loc-dev watch`` prints, and where its output goes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from tests.support.calls import call
from tests.support.loc_dev import LocDev
from tests.support.processes import ended
from tests.support.waiting import DEADLINE, until


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<p>")
    return tmp_path


def test_the_version_and_the_help_are_there() -> None:
    assert "loc-dev" in call("--version").stdout
    assert "PATH..." in call("watch", "--help").stdout


def test_it_speaks_to_people_when_not_asked_for_json(site: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "livereload_loc", "watch", str(site), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if "<script" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 0
    assert str(site) in said
    assert "1 file" in said


@pytest.mark.parametrize("options", [["--json"], []])
def test_a_reader_that_went_ends_it_with_a_line(site: Path, options: list[str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "livereload_loc", "watch", str(site), "--port", "0", *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    numbers = count()

    def ends_after_a_save() -> bool:
        (site / "index.html").write_text(f"<p>{next(numbers)}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        return process.returncode is not None

    until(ends_after_a_save, "it goes on")
    assert process.stderr
    errors = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(DEADLINE) == 1
    assert len(errors.splitlines()) == 1
    assert "Broken pipe" in errors


def test_a_full_disk_is_said_in_a_line(site: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "livereload_loc", "watch", str(site), "--port", "0", "--json"]
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=DEADLINE, check=False
        )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
    assert "No space left" in ended.stderr


def test_a_name_that_the_output_cannot_encode_is_escaped(site: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "livereload_loc", "watch", str(site), "--port", "0"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert process.stdout
    while "Ctrl+C" not in (line := process.stdout.readline()):
        assert line, "it ended"
    (site / "ü.html").write_text("x")
    assert process.stdout.readline() == "\n"
    assert "\\xfc.html: no page is open" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=DEADLINE)
    assert process.returncode == 0


def test_a_log_of_its_own_in_the_watched_folder_makes_no_loop(site: Path) -> None:
    log = site / "loc.log"
    command = [sys.executable, "-m", "livereload_loc", "watch", str(site), "--port", "0"]
    with (
        log.open("w") as output,
        ended(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)),
    ):
        until(lambda: "our own output goes there" in log.read_text())
        for name in ("one", "two"):
            (site / f"{name}.html").write_text(name)
            until(lambda name=name: f"{name}.html: no page is open" in log.read_text())
        time.sleep(0.5)  # a silence
        assert log.read_text().count("loc.log") == 1


def test_a_log_that_another_program_writes_for_it_is_named_and_left_alone(site: Path) -> None:
    log = site / "loc.log"
    command = f"{sys.executable} -m livereload_loc watch . --port 0 2>&1 | tee loc.log"
    shell = subprocess.Popen(
        ["sh", "-c", command],
        cwd=site,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    with ended(shell):
        try:
            until(lambda: log.exists() and "--ignore '/loc.log'" in log.read_text())
            until(lambda: time.time() - log.stat().st_mtime > 1.5)  # nothing goes round any more
            (site / "page.html").write_text("x")
            until(lambda: "page.html: no page is open" in log.read_text())
        finally:
            os.killpg(shell.pid, signal.SIGTERM)


def test_it_opens_the_browser_once_it_is_there(tmp_path: Path) -> None:
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" >"{tmp_path}/.asked"\n')
    script.chmod(0o755)
    with LocDev("serve", tmp_path, "--port", "0", "--open", env={"BROWSER": str(script)}) as dev:
        until(lambda: (tmp_path / ".asked").exists() and (tmp_path / ".asked").read_text())
        assert (tmp_path / ".asked").read_text() == f"{dev.url}\n"


def test_without_a_browser_it_says_where_to_look(tmp_path: Path) -> None:
    nowhere = {"BROWSER": "/nowhere", "PATH": "/nowhere", "DISPLAY": ""}
    with LocDev("serve", tmp_path, "--port", "0", "--open", env=nowhere) as dev:
        trouble = dev.wait_for("problem")
        assert dev.url in trouble["detail"]
