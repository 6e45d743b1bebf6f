"""Calls of ``loc-dev`` that end by themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import DEADLINE


def call(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``loc-dev`` to its end, with nobody at the keyboard."""
    return subprocess.run(
        [sys.executable, "-m", "livereload_loc", *map(str, arguments)],
        cwd=cwd, env={**os.environ, **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, check=False,
    )  # fmt: skip
