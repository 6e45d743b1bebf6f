"""Starting what is measured, and reading from /proc what it costs."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.paths import ROOT

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def started(
    command: Sequence[str], quiet: bool = True, *, cwd: Path = ROOT, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` in a session of its own; at the end all of it is gone."""
    output = subprocess.DEVNULL if quiet else None
    env = {**os.environ, **environment}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled; so be this one
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            children.setdefault(int(_stat(int(process.name))[1]), []).append(int(process.name))
        except OSError:
            continue
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of the process and all that descend from it."""
    total = 0
    for each in family(pid):
        with suppress(OSError):  # gone meanwhile
            fields = _stat(each)
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory(pid: int, kind: str = "Pss") -> float:
    """Memory of the process and all that descend from it in MB (a million bytes)."""
    total = 0
    for each in family(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith(f"{kind}:"):
                total += int(line.split()[1])
    return total * 1024 / 1e6


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (proc_pid_stat(5))."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
