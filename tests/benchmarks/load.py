"""Answers a second: from wrk where it is installed, else from a small client of our own, which is slower.

As a program: HOST PORT PATH CONNECTIONS SECONDS.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import time

NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}


def client() -> str:
    return "wrk" if shutil.which("wrk") else "a client in Python"


def rate(port: int, path: str, connections: int, seconds: int = 1) -> float:
    """Answers a second over kept connections, as a person's browser asks for pages.

    Raises:
        RuntimeError: some answers were no pages.
    """
    url = f"http://127.0.0.1:{port}{path}"
    if not shutil.which("wrk"):
        own = [sys.executable, __file__, str(port), path, str(connections), str(seconds)]
        return float(subprocess.run(own, capture_output=True, text=True, check=True).stdout)
    headers = [part for name, value in NAVIGATION.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", *headers, url]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if not found or "Non-2xx" in told or "Socket errors" in told:
        raise RuntimeError(told)
    return float(found[1])


class _Asking(asyncio.Protocol):
    """One connection, that asks again as soon as it has the whole answer."""

    answers = 0

    def __init__(self, path: str, port: int) -> None:
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *map(": ".join, NAVIGATION.items())]
        self._request = "\r\n".join([*lines, "", ""]).encode()
        self._left = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self._left:
            self._head += data
            head, found, data = self._head.partition(b"\r\n\r\n")
            if not found:
                return
            length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
            if not head.startswith(b"HTTP/1.1 200") or length is None:
                raise RuntimeError(head.decode("latin-1"))
            self._left, self._head = int(length[1]), b""
        self._left -= len(data)
        if not self._left:
            _Asking.answers += 1
            self._transport.write(self._request)


async def _ask(port: str, path: str, connections: str, seconds: str) -> None:
    loop, start = asyncio.get_running_loop(), time.monotonic()
    for _ in range(int(connections)):
        await loop.create_connection(lambda: _Asking(path, int(port)), "127.0.0.1", int(port))
    await asyncio.sleep(int(seconds))
    print(_Asking.answers / (time.monotonic() - start))


if __name__ == "__main__":
    asyncio.run(_ask(*sys.argv[1:]))
