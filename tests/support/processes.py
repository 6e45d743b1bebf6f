"""Processes that are gone after a block."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.waiting import DEADLINE


@contextmanager
def ended(process: subprocess.Popen[Any]) -> Iterator[None]:
    """See to it that ``process`` is gone after the block, and after a deadline within it, so that
    reading its output comes to an end."""
    late = threading.Timer(DEADLINE, process.kill)
    late.start()
    try:
        yield
    finally:
        late.cancel()
        late.join()
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
