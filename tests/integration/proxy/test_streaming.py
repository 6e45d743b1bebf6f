"""Bodies that pass as they come, of any size, up and down."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import socket
import time
from collections.abc import AsyncIterator
from contextlib import closing
from itertools import pairwise

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.response_bodies import body_of
from tests.support.upstreams import RawServer, ok, proxying, read_head, serving

MEGABYTE = b"x" * 1_000_000
LARGE = 300
"""Megabytes that are large."""


def test_events_arrive_one_by_one() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            connection.recv(1) if number else None
            event = b"data: %d %f\n\n" % (number, time.monotonic())
            connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))

    delays = []
    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n")
        assert b"text/event-stream" in read_head(browser)
        received = b""
        for number in range(3):
            while b"data: %d" % number not in received:
                received += browser.recv(65536)
            sent = float(received.partition(b"data: %d " % number)[2].split()[0])
            delays.append(time.monotonic() - sent)
            if number < 2:
                browser.sendall(b"x")
    assert min(delays) < 0.05


def test_a_body_of_any_size_comes_down_in_constant_memory() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LARGE * len(MEGABYTE)))
        for _ in range(LARGE):
            connection.sendall(MEGABYTE)

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        before = peak()
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        read_head(browser)
        time.sleep(0.5)  # a slow reader: what is not read has to stay with the server
        buffer, left = bytearray(1 << 20), LARGE * len(MEGABYTE)
        while left:
            received = browser.recv_into(buffer)
            assert received
            left -= received
        assert peak() - before < 40_000_000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_any_size_goes_up_in_constant_memory(chunked: bool) -> None:
    seen: list[int] = []

    def behave(connection: socket.socket, head: bytes) -> None:
        time.sleep(0.5)  # a slow server: what it does not read has to stay with the browser
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
        for _ in range(LARGE):
            browser.sendall(b"%x\r\n%s\r\n" % (len(MEGABYTE), MEGABYTE) if chunked else MEGABYTE)
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


def test_a_stream_begins_when_the_upstreams_does() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"%f " % time.monotonic()
            await asyncio.sleep(0.02)

    async def stream(_: Request) -> Response:
        return StreamingResponse(pieces())

    with (
        serving(Starlette(routes=[Route("/", stream)])) as port,
        proxying(f"http://127.0.0.1:{port}") as proxy,
    ):
        with closing(proxy.connect()) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            arrived = []
            while data := browser.recv(65536):
                arrived.append((time.monotonic(), data))
        assert len(arrived) >= 10
        assert all(before < after for (before, _), (after, _) in pairwise(arrived))


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
