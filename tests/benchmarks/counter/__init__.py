"""The visitor counter under a crowd, beside the recipe's own server and one that is tuned by hand."""

from __future__ import annotations

import json
import random
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.contestants import COMMAND
from tests.benchmarks.counter.crowd import Crowd, Dialect
from tests.benchmarks.processes import ROOT, cpu_seconds, memory, started
from tests.benchmarks.report import Goal, Section

NODE = ROOT / ".cache/counter"
FULL = 5000
RECIPE = 1000
"""Socket.IO tells everybody of everybody: 5,000 would take minutes."""
CHURNING = 1000
CHURN_RATE = 50
CHURN_SECONDS = 10.0
MOST = 15_000
ROUNDS = 3


@dataclass(frozen=True)
class Counting:
    """A server that counts, and how many visitors it is measured with."""

    name: str
    command: Callable[[int], list[str]]
    dialect: Dialect
    visitors: int = FULL


@dataclass(frozen=True)
class Figures:
    """``join``, ``more``, ``half``: seconds; ``cpu``, ``churn``: CPU seconds; ``memory``: bytes a visitor."""

    join: float
    cpu: float
    messages: int
    memory: float
    more: float
    half: float
    churn: float


LOC_DEV = Counting(
    "loc-dev count",
    lambda port: [str(COMMAND), "count", "--port", str(port), "--quiet"],
    Dialect("/_loc/ws/counter"),
)


def others() -> list[Counting]:
    """The servers on Node; none, said on stderr, where npm cannot install what they need."""
    node, npm = shutil.which("node"), shutil.which("npm")
    here = Path(__file__).parent
    if not (NODE / "node_modules/socket.io").exists():
        install = ["install", "--prefix", str(NODE), "--no-audit", "--no-fund", "--loglevel=error"]
        command = [npm or "npm", *install, "socket.io@4", "ws@8"]
        if not npm or not node or subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
            print("the servers on Node are left out: npm could not install them", file=sys.stderr)
            return []

    def running(script: str) -> Callable[[int], list[str]]:
        packages = f"NODE_PATH={NODE / 'node_modules'}"
        return lambda port: ["env", packages, str(node), str(here / script), str(port)]

    return [
        Counting(f"tuned ws {_version('ws')}", running("tuned.cjs"), Dialect("/")),
        Counting(
            f"recipe, Socket.IO {_version('socket.io')}",
            running("recipe.cjs"),
            Dialect("/socket.io/?EIO=4&transport=websocket", b"40", {b"\x81\x012": b"3"}),
            RECIPE,
        ),
    ]


async def measure() -> Section:
    """Five thousand come, one more comes, half go, and a thousand come and go."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    contestants = [LOC_DEV, *others()]
    runs: dict[str, list[Figures]] = {contestant.name: [] for contestant in contestants}
    for _ in range(ROUNDS):
        for contestant in contestants:  # in turns, so that a noisy minute strikes all
            runs[contestant.name].append(_figures(contestant))
    section = Section(
        f"Counter: {FULL:,} visitors of one site, the median of {ROUNDS} runs",
        ("", "visitors", "join s", "CPU s", "messages", "kB each", "one more s", "half go s", "churn CPU s"),
    )
    best = {name: _median(figures) for name, figures in runs.items()}
    for contestant in contestants:
        found = best[contestant.name]
        section.rows.append(
            (
                contestant.name,
                f"{contestant.visitors:,}",
                *(f"{figure:.2f}" for figure in (found.join, found.cpu)),
                f"{found.messages:,}",
                f"{found.memory / 1000:.1f}",
                *(f"{figure:.3f}" for figure in (found.more, found.half, found.churn)),
            )
        )
    own, held = best[LOC_DEV.name], _hold(LOC_DEV)
    section.note = (
        f"Churn: {CHURN_RATE} a second go and as many come, of {CHURNING:,}, for {CHURN_SECONDS:.0f} s. "
        f"{MOST:,} visitors in one process: all knew of all after {held[0]:.1f} s, "
        f"{held[1] / 1000:.1f} kB each."
    )
    section.goals.append(Goal("counter: memory of a visitor", own.memory / 1000, 24, "kB"))
    if len(contestants) > 1:
        tuned = best[contestants[1].name]
        section.goals += [
            Goal("counter: 5,000 join, against tuned ws", own.join / tuned.join, 3, "x"),
            Goal("counter: one more, against tuned ws", own.more / tuned.more, 4, "x"),
            Goal("counter: CPU of churn, against tuned ws", own.churn / tuned.churn, 1.2, "x"),
        ]
    return section


@contextmanager
def _serving(contestant: Counting) -> Iterator[tuple[int, int]]:
    """Process and port of the server, once it answers."""
    port = _port()
    with started(contestant.command(port)) as process:
        deadline = time.monotonic() + 20
        while True:
            crowd = Crowd(port, contestant.dialect, "probe.example")
            try:
                crowd.join(1, total=1)
                crowd.close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        time.sleep(0.5)  # its probe is forgotten
        yield process.pid, port


def _port() -> int:
    """A free port below those that the visitors' own sockets take."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def _figures(contestant: Counting) -> Figures:
    with _serving(contestant) as (pid, port):
        crowd = Crowd(port, contestant.dialect)
        before, spent = memory(pid), cpu_seconds(pid)
        join = crowd.join(contestant.visitors)
        cpu = cpu_seconds(pid) - spent
        messages, each = crowd.messages, (memory(pid) - before) * 1e6 / contestant.visitors
        time.sleep(0.5)
        more = median(crowd.join(1) for _ in range(5))
        half = crowd.leave(len(crowd) // 2)
        crowd.leave(max(0, len(crowd) - CHURNING))
        if len(crowd) < CHURNING:
            crowd.join(CHURNING - len(crowd))
        time.sleep(0.5)
        spent = cpu_seconds(pid)
        crowd.churn(CHURN_RATE, CHURN_SECONDS)
        churn = cpu_seconds(pid) - spent
        crowd.close()
    return Figures(join, cpu, messages, each, more, half, churn)


def _hold(contestant: Counting) -> tuple[float, float]:
    with _serving(contestant) as (pid, port):
        crowd = Crowd(port, contestant.dialect)
        before = memory(pid)
        seconds = crowd.join(MOST)
        each = (memory(pid) - before) * 1e6 / MOST
        crowd.close()
    return seconds, each


def _median(runs: list[Figures]) -> Figures:
    names = Figures.__dataclass_fields__
    return Figures(**{name: median(getattr(run, name) for run in runs) for name in names})


def _version(package: str) -> str:
    text = (NODE / "node_modules" / package / "package.json").read_text("utf-8")
    return str(json.loads(text)["version"])
