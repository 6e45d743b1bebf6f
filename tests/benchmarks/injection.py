"""Pages with the tag in them: how many a second, beside a server without it and beside other tools."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from tests.benchmarks.contestants import COMMAND
from tests.benchmarks.folders import scratch
from tests.benchmarks.load import NAVIGATION, client, rate
from tests.benchmarks.pages import PAUSE_SECONDS
from tests.benchmarks.processes import ROOT, started
from tests.benchmarks.report import Goal, Section, middle, ms
from tests.support.ports import free_port

SIZES = {"10 kB": 10_000, "5 MB": 5_000_000}
CONNECTIONS = (1, 16)
TURNS = {"10 kB": (11, 1), "5 MB": (5, 2)}
"""How many, and of how many seconds."""
STREAMS = 10
SERVERS = ROOT / ".cache/servers"

SERVE, BARE, APP, MIDDLEWARE = (
    "loc-dev serve",
    "a bare ASGI app, no tag",
    "a Starlette app, no tag",
    "the same with the middleware",
)

Case = tuple[str, int]


@dataclass
class Server:
    """``command`` makes its command line of a folder and a port; ``script`` is what its pages hold."""

    name: str
    command: Callable[[Path, int], list[str]]
    script: bytes = b""
    port: int = 0
    rates: dict[Case, list[float]] = field(default_factory=dict)

    def rate(self, case: Case) -> float:
        return middle(self.rates[case])


async def measure() -> Section:
    servers = [
        Server(SERVE, serve, b"/_loc/reload.js"),
        app(BARE, "bare"),
        app(APP, "framework"),
        app(MIDDLEWARE, "middleware", b"/_loc/reload.js"),
        *others(),
    ]
    with scratch() as folder, ExitStack() as stack:
        for name, size in SIZES.items():
            (folder / file(name)).write_bytes(page(size))
        for server in servers:
            server.port = free_port()
            stack.enter_context(started(server.command(folder, server.port)))
        for server in servers:
            check(server)
        for size in SIZES:
            for connections in CONNECTIONS:
                compare(servers, (size, connections))
        named = {server.name: server for server in servers}
        first = {name: first_bytes(named[name].port) for name in (APP, MIDDLEWARE)}
    return section(servers, named, first)


def page(size: int) -> bytes:
    head = b"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>page</title></head><body>\n"
    line = b"<p>so many words, and as many more of them to fill the page</p>\n"
    return (head + line * (size // len(line) + 1))[:size]


def file(size: str) -> str:
    return f"{size.replace(' ', '')}.html"


def serve(folder: Path, port: int) -> list[str]:
    return [str(COMMAND), "serve", str(folder), "--port", str(port), "--quiet"]


def app(name: str, kind: str, script: bytes = b"") -> Server:
    return Server(
        name,
        lambda folder, port: [sys.executable, "-m", "tests.benchmarks.pages", kind, str(folder), str(port)],
        script,
    )


def others() -> list[Server]:
    """npm's browser-sync and live-server, put into .cache when they are not there."""
    modules = SERVERS / "node_modules"
    install = ["npm", "install", "--prefix", str(SERVERS), "--no-audit", "--no-fund", "--loglevel=error"]
    wanted = ("browser-sync@3", "live-server@1")
    if not all((modules / name.partition("@")[0]).exists() for name in wanted) and (
        not (shutil.which("npm") and shutil.which("node"))
        or subprocess.run([*install, *wanted], stdout=subprocess.DEVNULL, check=False).returncode
    ):
        print("browser-sync and live-server are left out: npm could not install them", file=sys.stderr)
        return []
    sync, live = modules / "browser-sync", modules / "live-server"
    return [
        Server(
            named(sync),
            lambda folder, port: [
                *("node", str(sync / "dist/bin.js"), "start", "--server", str(folder), "--port", str(port)),
                *("--no-open", "--no-ui", "--no-notify", "--files", f"{folder}/*"),
            ],
            b"browser-sync",
        ),
        Server(
            named(live),
            lambda folder, port: [
                *("node", str(live / "live-server.js"), str(folder), f"--port={port}", "--no-browser"),
                "--quiet",
            ],
            b"WebSocket",
        ),
    ]


def named(package: Path) -> str:
    about = json.loads((package / "package.json").read_text())
    return f"{about['name']} {about['version']}"


def check(server: Server) -> None:
    """Wait until its pages come, whole and with its own script in them."""
    for size, length in SIZES.items():
        deadline = time.monotonic() + 30
        while True:
            try:
                body = fetch(server.port, f"/{file(size)}").partition(b"\r\n\r\n")[2]
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        if len(body) < length or server.script not in body:
            raise RuntimeError(f"{server.name} gave {len(body)} bytes: {body[:500]!r}")


def fetch(port: int, path: str, enough: bytes | None = None) -> bytes:
    """The answer as it came, or the start of it up to ``enough``."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in NAVIGATION.items()]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = bytearray()
        while data := connection.recv(1 << 20):
            answer += data
            if enough and enough in answer:
                break
        return bytes(answer)


def compare(servers: list[Server], case: Case) -> None:
    size, connections = case
    turns, seconds = TURNS[size]
    # What is compared turn by turn is measured side by side, for the machine is not the same all the time.
    pair = [server for server in servers if server.name in (APP, MIDDLEWARE)]
    others = [[server] for server in servers if server not in pair]
    for _ in range(turns):
        groups = random.sample([random.sample(pair, 2), *others], len(others) + 1)
        for server in chain.from_iterable(groups):
            answers = rate(server.port, f"/{file(size)}", connections, seconds)
            server.rates.setdefault(case, []).append(answers)


def cost(without: list[float], with_: list[float]) -> float:
    """The part of the rate that is lost, turn by turn."""
    return middle([1 - after / before for before, after in zip(without, with_, strict=True)])


def first_bytes(port: int) -> list[float]:
    """Seconds to the first byte of a page that comes in pieces."""
    took = []
    for _ in range(STREAMS):
        start = time.perf_counter()
        fetch(port, "/stream", b"<!doctype")
        took.append(time.perf_counter() - start)
    return took


def section(servers: list[Server], named: dict[str, Server], first: dict[str, list[float]]) -> Section:
    cases = [(size, connections) for size in SIZES for connections in CONNECTIONS]
    heads = [f"{size}, {connections} conn." for size, connections in cases]
    delay = middle(first[MIDDLEWARE]) - middle(first[APP])
    result = Section(
        f"Pages a second, medians of turns of some seconds each, {client()}",
        ("", *(cell for head in heads for cell in (head, "ratio"))),
        note="ratio: theirs to loc-dev serve's. The first byte of a page whose head begins "
        f"{PAUSE_SECONDS * 1000:.0f} ms after its doctype, its body as long after that: "
        f"{ms(middle(first[APP]))} ms, with the middleware {ms(middle(first[MIDDLEWARE]))} ms.",
    )
    serve = named[SERVE]
    for server in servers:
        cells = [server.name]
        for case in cases:
            cells += [f"{server.rate(case):.0f}", f"{server.rate(case) / serve.rate(case):.2f}"]
        result.rows.append(cells)
    small = next(iter(SIZES))
    result.goals = [
        Goal("10 kB pages a second, 16 connections", serve.rate((small, 16)), 5000, least=True),
        Goal(
            "to a bare app's, 1 connection",
            serve.rate((small, 1)) / named[BARE].rate((small, 1)),
            0.6,
            least=True,
        ),
        *(
            Goal(
                f"cost of the middleware, {size}, {connections} conn.",
                100 * cost(named[APP].rates[size, connections], named[MIDDLEWARE].rates[size, connections]),
                15,
                "%",
            )
            for size, connections in cases
        ),
        Goal("delay of a streamed page's first byte", delay * 1000, (PAUSE_SECONDS + 0.01) * 1000, "ms"),
    ]
    return result
