"""Browsers that leave amid a request take it along."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.upstreams import RawServer, proxying, read_all, read_head, serving
from tests.support.waiting import DEADLINE, until


@pytest.mark.parametrize("when", ["waiting", "streaming", "uploading"])
def test_a_browser_that_leaves_takes_its_request_along(when: str) -> None:
    left = threading.Event()
    begun = threading.Event()

    def behave(connection: socket.socket, _: bytes) -> None:
        if when == "streaming":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        begun.set()
        read_all(connection)
        left.set()

    with RawServer(behave) as server, proxying(server.url) as proxy:
        with closing(proxy.connect()) as browser:
            framing = b"Content-Length: 100\r\n" if when == "uploading" else b""
            browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n")
            assert begun.wait(DEADLINE)
            if when == "streaming":
                assert b"200" in read_head(browser)
            if when == "uploading":
                browser.sendall(b"half")
            assert not left.wait(0.1)
        assert left.wait(DEADLINE)


def test_an_app_hears_that_its_reader_left() -> None:
    begun, gone = threading.Event(), threading.Event()

    async def upload(request: Request) -> Response:
        try:
            async for _ in request.stream():
                begun.set()
        except ClientDisconnect:
            gone.set()
            raise
        return Response()

    with (
        serving(Starlette(routes=[Route("/", upload, methods=["POST"])])) as port,
        proxying(f"http://127.0.0.1:{port}") as proxy,
    ):
        with closing(proxy.connect()) as browser:
            browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
            assert begun.wait(DEADLINE)
        assert gone.wait(DEADLINE)


def test_browsers_that_leave_at_any_moment_leave_nothing_behind() -> None:
    def behave(connection: socket.socket, head: bytes) -> None:
        if head.startswith(b"POST"):
            connection.recv(100)
        for part in (b"HTTP/1.1 200 OK\r\nContent-", b"Length: 100000\r\n\r\n", b"x" * 50_000, b"x" * 50_000):
            connection.sendall(part)
            time.sleep(0.002)

    with RawServer(behave, keep=True) as server, proxying(server.url) as proxy:
        for number in range(150):
            with closing(proxy.connect()) as browser:
                if number % 3:
                    browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                else:
                    browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
                time.sleep(number % 10 / 1000)
        until(lambda: not proxy.proxy._active, "a request was left behind")
        until(lambda: len(server._open) <= 32, "connections were left behind")
