"""The question whether a file is being written, put to the real system."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from livereload_loc.watcher.write_detection import has_writer


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
import sys, threading
from livereload_loc.watcher.write_detection import has_writer
seen = set()
for _ in range(20_000):
    seen.add(has_writer(sys.argv[1]))
print(sorted(seen, key=str))
"""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(page)], stdout=subprocess.PIPE, text=True
    ) as asker:
        while asker.poll() is None:
            with page.open("w") as file:
                file.write("content")
            time.sleep(0.0005)  # on a busy machine nobody might ever find it closed
        assert asker.stdout is not None
        said = asker.stdout.read()
    assert asker.returncode == 0
    assert "True" in said
    assert "False" in said
