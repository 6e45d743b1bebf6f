"""Which connections to the upstream are kept, and that none is left open."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

from tests.support.response_bodies import body_of
from tests.support.upstreams import RawServer, ok, proxying, read_head
from tests.support.waiting import until


def test_a_connection_on_which_a_body_is_unfinished_is_not_kept() -> None:
    """Else what is left of it would stand before the next request."""

    def behave(connection: socket.socket, head: bytes) -> None:
        connection.sendall(ok(b"early" if head.startswith(b"POST") else b"next"))

    with (
        RawServer(behave, keep=True) as server,
        proxying(server.url) as proxy,
        closing(proxy.connect()) as browser,
    ):
        browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
        assert b"200 OK" in read_head(browser)
        assert proxy.get().endswith(b"next")
        assert server.connections == 2


def test_one_on_which_it_is_finished_is() -> None:
    def behave(connection: socket.socket, head: bytes) -> None:
        connection.sendall(ok(connection.recv(4) if head.startswith(b"POST") else b"next"))

    with RawServer(behave, keep=True) as server, proxying(server.url) as proxy:
        post = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\nform"
        assert proxy.raw(post).endswith(b"form")
        assert proxy.get().endswith(b"next")
        assert server.connections == 1


def test_connections_are_kept_for_those_without_a_body(echo: RawServer) -> None:
    with proxying(echo.url) as proxy, closing(proxy.connect()) as browser:
        for _ in range(3):
            browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            read_head(browser)
            browser.recv(2)
        assert echo.connections == 1


def test_many_at_once(echo: RawServer) -> None:
    answers: list[bytes] = []
    with proxying(echo.url) as proxy:
        threads = [threading.Thread(target=lambda: answers.append(proxy.get())) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [body_of(answer) for answer in answers] == [b"ok"] * 40


def test_nothing_is_left_open(echo: RawServer) -> None:
    with proxying(echo.url) as proxy:
        proxy.get()
        until(lambda: echo.connections == 1, "no connection")
    until(lambda: not echo._open, "a connection was left open")
