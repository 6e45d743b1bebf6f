"""The end of the proxy: nothing waits, and streams are cut."""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from typing import Any

from livereload_loc.backend import BackendState
from livereload_loc.proxy.app import Proxy
from livereload_loc.proxy.pool import PoolLimits
from livereload_loc.proxy.target import UpstreamTarget
from tests.support.in_loop import in_loop
from tests.support.ports import free_port
from tests.support.upstreams import RawServer, proxying, read_all, read_head
from tests.support.waiting import DEADLINE, until_async


@in_loop
async def test_nothing_waits_once_we_stop() -> None:
    """The app is driven by hand: a server would end the requests by itself."""
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "raw_path": b"/",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    target = UpstreamTarget.parse(f"http://127.0.0.1:{free_port()}")
    tasks_before = asyncio.all_tasks()
    patient = PoolLimits(hold=10 * DEADLINE)
    async with Proxy(target, BackendState(), lambda event: None, limits=patient) as proxy:
        tasks = [asyncio.create_task(proxy(scope, receive, send)) for _ in range(3)]  # type: ignore[arg-type]
        await until_async(lambda: len(proxy._active) == 3)
    await asyncio.gather(*tasks)
    assert asyncio.all_tasks() == tasks_before
    assert statuses == [503] * 3


def test_a_stream_is_cut_once_we_stop() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\npart")
        read_all(connection)

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        read_head(browser)
        assert b"part" in browser.recv(100)
        proxy.stop()
        assert b"0\r\n\r\n" not in read_all(browser)
