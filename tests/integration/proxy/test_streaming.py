"""Bodies that pass as they come, of any size, up and down."""

from __future__ import annotations

import hashlib
import resource
import socket
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from itertools import repeat

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.response_bodies import body_of
from tests.support.upstreams import RawServer, ok, proxying, read_head, serving
from tests.support.waiting import DEADLINE, until_async

MEGABYTE = b"x" * 1_000_000
LARGE = 300
"""Megabytes that are large."""


def test_events_arrive_one_by_one() -> None:
    """Each is sent when the browser has got the one before: a proxy that keeps one waits forever."""

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            connection.recv(1) if number else None
            event = b"data: %d\n\n" % number
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n")
        assert b"text/event-stream" in read_head(browser)
        received = b""
        for number in range(3):
            while b"data: %d" % number not in received:
                received += browser.recv(65536)
            if number < 2:
                browser.sendall(b"x")


def send_until_stuck(connection: socket.socket, parts: Iterable[bytes], stuck: threading.Event) -> None:
    """Send ``parts``; set ``stuck`` once the other side takes no more for a moment, or has taken all."""
    for part in parts:
        rest = memoryview(part)
        while rest:
            connection.settimeout(DEADLINE if stuck.is_set() else 0.2)
            try:
                rest = rest[connection.send(rest) :]
            except TimeoutError:
                if stuck.is_set():
                    raise
                stuck.set()
    connection.settimeout(DEADLINE)
    stuck.set()


def test_a_body_of_any_size_comes_down_in_constant_memory() -> None:
    stuck = threading.Event()

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LARGE * len(MEGABYTE)))
        send_until_stuck(connection, repeat(MEGABYTE, LARGE), stuck)

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        before = peak()
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        read_head(browser)
        assert stuck.wait(DEADLINE), "what the browser does not read has to stay with the server"
        buffer, left = bytearray(1 << 20), LARGE * len(MEGABYTE)
        while left:
            received = browser.recv_into(buffer)
            assert received
            left -= received
        assert peak() - before < 40_000_000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_any_size_goes_up_in_constant_memory(chunked: bool) -> None:
    seen: list[int] = []
    stuck = threading.Event()

    def behave(connection: socket.socket, head: bytes) -> None:
        assert stuck.wait(DEADLINE), "what the server does not read has to stay with the browser"
        assert (b"transfer-encoding: chunked" in head) is chunked
        total, tail, buffer, length = 0, b"", bytearray(1 << 20), LARGE * len(MEGABYTE)
        while not tail.endswith(b"\r\n0\r\n\r\n") if chunked else total < length:
            received = connection.recv_into(buffer)
            assert received
            total += received
            tail = (tail + bytes(buffer[max(0, received - 9) : received]))[-9:]
        seen.append(total)
        connection.sendall(ok())

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        before = peak()
        framing = (
            b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % (LARGE * len(MEGABYTE))
        )
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n")
        part = b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE) if chunked else MEGABYTE
        send_until_stuck(browser, repeat(part, LARGE), stuck)
        browser.sendall(b"0\r\n\r\n" if chunked else b"")
        assert b"200 OK" in read_head(browser)
        assert peak() - before < 40_000_000
    assert seen[0] >= LARGE * len(MEGABYTE)


def test_a_chunked_upload_arrives_whole() -> None:
    async def digest(request: Request) -> Response:
        body = await request.body()
        assert request.headers["transfer-encoding"] == "chunked"
        return PlainTextResponse(hashlib.sha256(body).hexdigest())

    pieces = [b"", b"a", b"bc" * 40_000, b"\r\n0\r\n\r\n"]
    with (
        serving(Starlette(routes=[Route("/", digest, methods=["POST"])])) as port,
        proxying(f"http://127.0.0.1:{port}") as proxy,
    ):
        sent = b"".join(b"%X;ext=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece)
        answer = proxy.raw(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
            + sent
            + b"0\r\nX-Trailer: 1\r\n\r\n"
        )
        assert body_of(answer) == hashlib.sha256(b"".join(pieces)).hexdigest().encode()


def test_a_stream_comes_piece_by_piece() -> None:
    """Each is sent when the browser has got the one before: a proxy that keeps one waits forever."""
    arrived: list[bytes] = []

    async def pieces() -> AsyncIterator[bytes]:
        for number in range(20):
            await until_async(lambda number=number: len(arrived) == number)
            yield b"%02d" % number

    async def stream(_: Request) -> Response:
        return StreamingResponse(pieces())

    with (
        serving(Starlette(routes=[Route("/", stream)])) as port,
        proxying(f"http://127.0.0.1:{port}") as proxy,
        closing(proxy.connect()) as browser,
    ):
        browser.sendall(b"GET / HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        read_head(browser)
        for number in range(20):
            piece = b""
            while b"%02d" % number not in piece:
                received = browser.recv(65536)
                assert received
                piece += received
            arrived.append(piece)


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
