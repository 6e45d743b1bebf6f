"""The question whether a file is being written, put to the real system."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livereload_loc.watcher.write_detection import has_writer
from tests.support.waiting import DEADLINE, until


@contextmanager
def another_process(code: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that says that it has done ``code``, and ends when it is let go."""
    code = f"import mmap, os, sys\npath = sys.argv[1]\n{code}\nprint(flush=True)\nsys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.communicate()


@pytest.mark.parametrize(
    ("code", "writing"),
    [
        ("file = open(path, 'w')", True),
        ("file = open(path, 'a')", True),
        ("file = open(path, 'r+')", True),
        ("file = open(path)", False),
        ("file = open(path, 'r+'); m = mmap.mmap(file.fileno(), 0); file.close()", True),
        ("os.close(os.open(path, os.O_WRONLY))", False),
    ],
)
def test_writers_in_other_processes(tmp_path: Path, code: str, writing: bool) -> None:
    page = tmp_path / "page.html"
    page.write_text("content")
    with another_process(code, page):
        assert has_writer(str(page)) is writing
    assert has_writer(str(page)) is False


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert has_writer(str(tmp_path / "fifo")) is None
    assert has_writer(str(tmp_path)) is None
    assert has_writer(str(tmp_path / "missing")) is None
    assert has_writer("/dev/null") is None


def test_the_test_kills_nobody_when_a_writer_comes_in_between(tmp_path: Path) -> None:
    """The kernel signals the holder of a lease; the default signal for that, SIGIO, would end us."""
    page = tmp_path / "page.html"
    page.write_text("content")
    code = """
import itertools, sys
from livereload_loc.watcher.write_detection import has_writer
seen = set()
for times in itertools.count():
    seen.add(has_writer(sys.argv[1]))
    if times > 20_000 and seen >= {True, False}:
        break
"""
    with subprocess.Popen([sys.executable, "-c", code, str(page)]) as asker:

        def has_ended() -> bool:
            with page.open("w") as file:
                file.write("content")
            return asker.poll() is not None

        try:
            until(has_ended, "it does not find the file both open and closed", within=3 * DEADLINE)
        finally:
            asker.kill()
    assert asker.returncode == 0
