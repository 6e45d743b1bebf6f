"""What the browser gets when the upstream sends no valid response, or half of one."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from livereload_loc.proxy.pool import PoolLimits
from tests.support.response_bodies import body_of
from tests.support.upstreams import RawServer, proxying, read_all, saying
from tests.support.waiting import DEADLINE


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nX: %s\r\n\r\n" % (b"y" * 1_000_000),
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x7fb\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_what_is_no_answer_becomes_a_502_in_plain_words(raw: bytes) -> None:
    with RawServer(saying(raw)) as server, proxying(server.url, limits=PoolLimits(retries=2)) as proxy:
        page = proxy.get("/", b"Accept: text/html")
        assert page.startswith(b"HTTP/1.1 502")
        assert b"%s sent no valid response" % server.url.encode() in page
        assert b"cache-control: no-store" in page
        assert b"http-equiv" not in page
        line = body_of(proxy.get("/", b"Sec-Fetch-Dest: empty"))
        assert line.count(b"\n") == 1
        assert server.url.encode() in line
        assert b"Traceback" not in page + line


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\nZZ\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_cut_for_the_browser_too(raw: bytes) -> None:
    with RawServer(saying(raw)) as server, proxying(server.url) as proxy:
        answer = proxy.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"short" in answer
        if b"chunked" in answer:
            assert not answer.endswith(b"0\r\n\r\n")
        else:
            assert len(body_of(answer)) < 10


def test_a_reset_in_the_middle_is_no_end_either() -> None:
    arrived = threading.Event()

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf")
        assert arrived.wait(DEADLINE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        received = b""
        while b"half" not in received:
            received += browser.recv(65536)
        arrived.set()
        assert not (received + read_all(browser)).endswith(b"0\r\n\r\n")
