"""Pages through the proxy: how many a second and how late, beside the bare upstream and another proxy."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tests.benchmarks.contestants import COMMAND
from tests.benchmarks.folders import scratch
from tests.benchmarks.injection import SERVERS, named, page
from tests.benchmarks.load import NAVIGATION
from tests.benchmarks.processes import memory, started
from tests.benchmarks.report import Goal, Section, middle, ms
from tests.support.ports import free_port

CONNECTIONS = 16
TURNS, SECONDS = 5, 2
REQUESTS = 100_000
"""So many requests must not make it grow."""

WARM = 5_000
STREAMS = 20
PATIENCE = 30.0

BARE, PROXY = "nginx, bare", "loc-dev proxy"


def command(folder: Path, url: str, port: int) -> list[str]:
    return [str(COMMAND), "proxy", url, "--watch", str(folder), "--port", str(port), "--quiet"]


@dataclass
class Server:
    """Who is asked, at ``port``, and what it said: answers a second, and the 99th percentile in seconds."""

    name: str
    port: int
    script: bytes = b""
    rates: list[float] = field(default_factory=list)
    latest: list[float] = field(default_factory=list)


async def measure() -> Section:
    if not (shutil.which("nginx") and shutil.which("wrk")):
        print("the proxy is left out: it takes nginx and wrk", file=sys.stderr)
        return Section("Requests a second through a proxy", ("",), note="left out: it takes nginx and wrk")
    return await asyncio.to_thread(_measure)


def _measure() -> Section:
    with scratch() as folder, ExitStack() as stack:
        (folder / "page.html").write_bytes(page(10_000))
        origin = free_port()
        stack.enter_context(started(nginx(folder, origin)))
        url = f"http://127.0.0.1:{origin}"
        servers = [Server(BARE, origin)]
        ours = Server(PROXY, free_port(), b"/_loc/reload.js")
        process = stack.enter_context(started(command(folder, url, ours.port)))
        servers.append(ours)
        if other := browser_sync():
            servers.append(Server(other[0], free_port(), b"browser-sync"))
            stack.enter_context(started(other[1](url, servers[-1].port)))
        for server in servers:
            check(server)
        for _ in range(TURNS):
            for server in random.sample(servers, len(servers)):
                answers, late = load(server.port, SECONDS)
                server.rates.append(answers)
                server.latest.append(late)
        grown = growth(process.pid, ours.port)
    return section(servers, grown, delays())


def nginx(folder: Path, port: int) -> list[str]:
    """One worker, which gives files and keeps connections."""
    temporary = " ".join(
        f"{name}_temp_path t;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        "daemon off; master_process off; pid nginx.pid; error_log error.log; events {}\n"
        f"http {{ access_log off; keepalive_requests 10000000; {temporary}\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}; types {{ text/html html; }} }} }}\n"
    )
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


def browser_sync() -> tuple[str, Callable[[str, int], list[str]]] | None:
    """npm's browser-sync as a proxy, put into .cache when it is not there."""
    package = SERVERS / "node_modules/browser-sync"
    install = ["npm", "install", "--prefix", str(SERVERS), "--no-audit", "--no-fund", "--loglevel=error"]
    if not package.exists() and (
        not (shutil.which("npm") and shutil.which("node"))
        or subprocess.run([*install, "browser-sync@3"], stdout=subprocess.DEVNULL, check=False).returncode
    ):
        print("browser-sync is left out: npm could not install it", file=sys.stderr)
        return None
    return f"{named(package)} --proxy", lambda url, port: [
        *("node", str(package / "dist/bin.js"), "start", "--proxy", url, "--port", str(port)),
        *("--no-open", "--no-ui", "--no-notify"),
    ]


def check(server: Server) -> None:
    """Wait until its pages come with its own script in them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = ask(server.port, "/page.html")
            if b" 200 " in answer[:20] and server.script in answer:
                return
            reason = answer[:500]
        except OSError as error:
            reason = str(error).encode()
        if time.monotonic() > deadline:
            raise RuntimeError(f"{server.name}: {reason!r}")
        time.sleep(0.05)


def ask(port: int, path: str) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in NAVIGATION.items())
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n{headers}\r\n".encode()
        )
        return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def load(port: int, seconds: int) -> tuple[float, float]:
    """Answers a second over kept connections, and the seconds within which 99 of 100 came.

    Raises:
        RuntimeError: some answers were no pages.
    """
    headers = [part for name, value in NAVIGATION.items() for part in ("-H", f"{name}: {value}")]
    url = f"http://127.0.0.1:{port}/page.html"
    asking = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout=30s", *headers, url]
    told = subprocess.run(asking, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    if not rate or not late or "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    return float(rate[1]), float(late[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0}[late[2]]


def growth(pid: int, port: int) -> float:
    """By how many MB the proxy grows over many requests, once it is warm."""
    done = 0.0
    while done < WARM:
        done += load(port, 1)[0]
    before, done = memory(pid), 0.0
    while done < REQUESTS:
        done += load(port, 5)[0] * 5
    return memory(pid) - before


def delays() -> dict[str, list[float]]:
    """Seconds from the moment at which a streaming upstream says something to its arrival, by whom it was
    asked through."""
    with streaming() as origin, scratch() as folder, ExitStack() as stack:
        through = free_port()
        stack.enter_context(started(command(folder, f"http://127.0.0.1:{origin}", through)))
        found = {}
        for name, port in ((BARE, origin), (PROXY, through)):
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    found[name] = [delay(port) for _ in range(STREAMS)]
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
        return found


def delay(port: int) -> float:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)) as connection:
        connection.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nSec-Fetch-Dest: empty\r\n\r\n".encode()
        )
        received = b""
        while not (found := re.search(rb"data: (\S+)\n", received)):
            data = connection.recv(65536)
            if not data:
                raise OSError(f"no event came: {received[:200]!r}")
            received += data
        return time.perf_counter() - float(found[1])


@contextmanager
def streaming() -> Iterator[int]:
    """A server whose answers are one event, which says when it was sent, and no end; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        with closing(connection):
            if connection.recv(65536):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
                time.sleep(0.02)
                connection.sendall(b"data: %r\n\n" % time.perf_counter())
                connection.recv(65536)

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            Thread(target=talk, args=(connection,), daemon=True).start()

    thread = Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def section(servers: list[Server], grown: float, streamed: dict[str, list[float]]) -> Section:
    first = middle(streamed[PROXY]) - middle(streamed[BARE])
    result = Section(
        f"10 kB pages a second through a proxy, {CONNECTIONS} connections, medians of {TURNS} turns, wrk",
        ("", "a second", "p99 (ms)"),
        [(each.name, f"{middle(each.rates):.0f}", ms(middle(each.latest))) for each in servers],
        note="Pages bear each tool's script. An event of a stream arrives "
        f"{ms(middle(streamed[BARE]))} ms after it was sent, through the proxy "
        f"{ms(middle(streamed[PROXY]))} ms. "
        f"Over {REQUESTS:,} requests the proxy grew by {grown:.1f} MB.",
    )
    ours, others = servers[1], servers[2:]
    for other in others:
        ratio = middle(ours.rates) / middle(other.rates)
        result.goals.append(Goal(f"{PROXY} to {other.name}", ratio, 2, least=True))
        result.goals.append(
            Goal("p99 to its", middle(ours.latest) * 1000, middle(other.latest) * 1000, "ms"),
        )
    result.goals += [
        Goal("delay of a streamed first byte", first * 1000, 5, "ms"),
        Goal(f"growth over {REQUESTS:,} requests", grown, 3, "MB"),
    ]
    return result
