"""Bodies that a browser announces with ``Expect: 100-continue``."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from tests.support.upstreams import RawServer, ok, proxying, read_all, read_head, saying
from tests.support.waiting import DEADLINE, until

EXPECTING = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
    b"Connection: close\r\n\r\n"
)


def test_a_body_that_is_announced_is_asked_for_when_the_server_asks() -> None:
    asks = threading.Event()

    def behave(connection: socket.socket, head: bytes) -> None:
        assert b"expect: 100-continue" in head
        assert asks.wait(DEADLINE)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = connection.recv(4)
        connection.sendall(ok(body))

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(EXPECTING)
        until(lambda: server.requests, "the request was not passed on")
        browser.settimeout(0.2)
        with pytest.raises(TimeoutError):
            browser.recv(1)
        browser.settimeout(DEADLINE)
        asks.set()
        assert read_head(browser) == b"HTTP/1.1 100 Continue\r\n\r\n"
        browser.sendall(b"body")
        assert read_all(browser).endswith(b"body")


def test_a_body_that_is_refused_is_not_asked_for() -> None:
    with (
        RawServer(saying(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")) as server,
        proxying(server.url) as proxy,
    ):
        answer = proxy.raw(EXPECTING)
        assert answer.startswith(b"HTTP/1.1 413")
        assert b"100 Continue" not in answer


def test_one_who_leaves_without_having_been_asked_takes_the_answer_along() -> None:
    left = threading.Event()

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        read_all(connection)
        left.set()

    with RawServer(behave) as server, proxying(server.url) as proxy:
        with closing(proxy.connect()) as browser:
            browser.sendall(EXPECTING)
            assert b"HTTP/1.1 200" in read_head(browser)
        assert left.wait(DEADLINE)


def test_a_server_that_never_asks_gets_the_body_all_the_same() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(ok(connection.recv(4)))

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(EXPECTING)
        assert b"100 Continue" in read_head(browser)
        browser.sendall(b"body")
        assert read_all(browser).endswith(b"body")


def test_an_answer_may_come_before_the_body_has_gone_up() -> None:
    with (
        RawServer(
            saying(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        ) as server,
        proxying(server.url) as proxy,
        closing(proxy.connect()) as browser,
    ):
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        assert b" 413 " in read_head(browser)
