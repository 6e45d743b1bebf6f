"""From the start of the process to its first answer, beside the least that answers."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

from tests.benchmarks.contestants import LOC_DEV
from tests.benchmarks.folders import scratch, site
from tests.benchmarks.processes import started
from tests.benchmarks.report import Goal, Section, middle, ms, p95
from tests.support.ports import free_port

RUNS = 12


async def measure() -> Section:
    names = ("a Starlette and uvicorn hello", LOC_DEV.name)
    took: dict[str, list[float]] = {name: [] for name in names}
    with scratch() as parent:
        folder = site(parent, "site")
        for number in range(-1, RUNS):  # the first of each warms the disk's cache
            for name in names:
                port = free_port()
                hello = [sys.executable, str(Path(__file__).with_name("hello.py")), str(port)]
                seconds = first_answer(LOC_DEV.command(folder, port) if name == LOC_DEV.name else hello, port)
                if number >= 0:
                    took[name].append(seconds)
    bare = middle(took[names[0]])
    result = Section(f"Start to first answer, {RUNS} runs each in turn, ms", ("", "median", "p95", "ratio"))
    for name in names:
        result.rows.append(
            (name, ms(middle(took[name])), ms(p95(took[name])), f"{middle(took[name]) / bare:.2f}")
        )
    result.goals.append(Goal("start, to the bare hello's", middle(took[LOC_DEV.name]) / bare, 1.3))
    return result


def first_answer(command: list[str], port: int) -> float:
    """Seconds until the first bytes of an answer to ``GET /``."""
    start = time.perf_counter()
    with started(command):
        while time.perf_counter() - start < 30:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                    connection.sendall(
                        f"GET / HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: */*\r\n\r\n".encode()
                    )
                    if connection.recv(16).startswith(b"HTTP/1.1 200"):
                        return time.perf_counter() - start
            except OSError:
                pass
            time.sleep(0.001)
    raise TimeoutError(f"no answer from {command}")
