"""Eight hours of work in fast motion: saves, page loads and connections, and what stays of them."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.benchmarks.contestants import COMMAND
from tests.benchmarks.processes import memory, started
from tests.benchmarks.report import Goal, Section
from tests.support.ports import free_port

SAVES = 100_000
LOADS = 20_000
PARTS = 10
FILES = 200
PAGES = 5
"""Pages that stay open all the time, and reload."""

_PAGE = "<!doctype html><html><head><link rel=stylesheet href=0.css></head><body>{0}</body></html>"


async def measure() -> Section:
    """Memory and descriptors after each tenth; both have to be flat from the second on."""
    section = Section(
        f"Soak: {SAVES:,} saves and {LOADS:,} page loads with their sockets, beside {PAGES} open pages",
        ("saves", "loads", "seconds", "MB", "descriptors", "threads", "updates"),
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "site")
        folder.mkdir()
        for number in range(FILES):
            _save(folder, number, 0)
        port = free_port()
        command = [str(COMMAND), "serve", str(folder), "--port", str(port), "--quiet"]
        command += ["--counter", "--join-rate", "1000"]
        with started(command) as process:
            await _answering(port)
            watching = [asyncio.create_task(_watch(port)) for _ in range(PAGES)]
            began = time.monotonic()
            for part in range(1, PARTS + 1):
                await asyncio.gather(_saving(folder, part), *(_loading(port) for _ in range(4)))
                await asyncio.sleep(1)
                section.rows.append(
                    (
                        f"{SAVES * part // PARTS:,}",
                        f"{LOADS * part // PARTS:,}",
                        f"{time.monotonic() - began:.0f}",
                        f"{memory(process.pid):.1f}",
                        str(len(os.listdir(f"/proc/{process.pid}/fd"))),
                        str(len(os.listdir(f"/proc/{process.pid}/task"))),
                        str(await _updates(port)),
                    )
                )
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
    first, last = (float(section.rows[at][3]) for at in (1, -1))
    spread = [int(row[4]) for row in section.rows[1:]]
    section.goals = [
        Goal("soak: memory from the second tenth on", last - first, 2.0, "MB"),
        # The open pages may be on their way back when it is counted.
        Goal("soak: descriptors from the second tenth on", max(spread) - min(spread), PAGES),
    ]
    return section


def _save(folder: Path, number: int, content: int) -> None:
    kind = "css" if number % 4 == 0 else "html"
    text = f"h1 {{ order: {content} }}" if kind == "css" else _PAGE.format(content)
    spare = folder / f".{number}.spare"
    spare.write_text(text)
    spare.replace(folder / f"{number}.{kind}")


async def _saving(folder: Path, part: int) -> None:
    for number in range(SAVES // PARTS):
        _save(folder, number % FILES, part * SAVES + number)
        if number % 5 == 0:
            await asyncio.sleep(0.005)


async def _loading(port: int) -> None:
    for number in range(LOADS // PARTS // 4):
        path = f"/{number % FILES}.html" if number % FILES % 4 else "/"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        headers = "Host: localhost\r\nAccept: text/html\r\nConnection: close"
        writer.write(f"GET {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
        await reader.read()
        writer.close()
        socket = "reload" if number % 2 else "counter"
        async with connect(f"ws://localhost:{port}/_loc/ws/{socket}", proxy=None, close_timeout=1) as page:
            await page.recv()
            if socket == "reload":
                await page.send(json.dumps(_introduction(path)))
            if number % 5 == 0:
                page.transport.abort()  # a page whose network went
        await asyncio.sleep(0.002)


async def _watch(port: int) -> None:
    """A page that answers each update by coming back, as one that reloads does."""
    while True:
        with suppress(WebSocketException, OSError):
            async with connect(f"ws://localhost:{port}/_loc/ws/reload", proxy=None) as page:
                await page.recv()
                await page.send(json.dumps(_introduction("/1.html")))
                async for frame in page:
                    update = json.loads(frame)
                    if update["type"] == "update":
                        await page.send(
                            json.dumps({"type": "applied", "seq": update["seq"], "did": "reload"})
                        )
                        break
        await asyncio.sleep(0.05)


def _introduction(url: str) -> dict[str, object]:
    return {"type": "page", "url": url, "seq": None, "run": None, "age": 5}


async def _answering(port: int) -> None:
    for _ in range(400):
        with suppress(OSError):
            await _updates(port)
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("loc-dev does not answer")


async def _updates(port: int) -> int:
    """How many updates it has told."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /_loc/api/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return int(json.loads(answer.partition(b"\r\n\r\n")[2])["seq"])
