"""Clients of the counter that talk nonsense, too much, or never to the end."""

from __future__ import annotations

import contextlib
import os
import socket

import pytest

from tests.support.counter_requests import HEAD, metric, raw
from tests.support.loc_dev import LocDev
from tests.support.visitors import PATH, Visitor
from tests.support.waiting import DEADLINE, until


@pytest.mark.parametrize("message", ["x" * 1025, b"x" * 2000])
def test_a_large_message_ends_the_socket(counter: LocDev, message: str | bytes) -> None:
    with Visitor(counter.url) as visitor:
        visitor.send(message)
        assert visitor.expect_end()[0] == 1009


@pytest.mark.parametrize("message", ["hello", "{}", '{"type":"tab","id":1}', "[" * 900, b"\0"])
def test_nonsense_ends_the_socket(counter: LocDev, message: str | bytes) -> None:
    with Visitor(counter.url) as visitor:
        visitor.send(message)
        assert visitor.expect_end()[0] == 1008


def test_chatter_ends_the_socket(counter: LocDev) -> None:
    with Visitor(counter.url) as visitor:
        with contextlib.suppress(Exception):
            for _ in range(100):
                visitor.send('{"type":"tab","id":"a"}')
        assert visitor.expect_end()[0] in (1008, 1006)  # the end of the connection may come first
    assert metric(counter, "loc_shown_out_total", code="1008") == 1
    # Pings, unmasked frames, and whatever else arrives at once.
    for frame in (b"\x89\x80\0\0\0\0", b"\x81\x05hello", os.urandom(64)):
        with raw(counter) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(frame * 20_000)
            with contextlib.suppress(OSError):
                while connection.recv(65536):
                    pass
    until(lambda: metric(counter, "loc_visitors") == 0)


def test_a_request_that_does_not_come_to_its_end_is_cut(counter: LocDev) -> None:
    beginnings = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST / HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 1000\r\n\r\nx"]  # fmt: skip
    sockets = [socket.create_connection(("127.0.0.1", counter.port), 2 * DEADLINE) for _ in beginnings]
    for connection, beginning in zip(sockets, beginnings, strict=True):
        connection.sendall(beginning)
    for connection in sockets:
        with connection, contextlib.suppress(ConnectionResetError):
            while connection.recv(4096):
                pass


def test_a_connection_that_asks_for_nothing_more_is_cut(counter: LocDev) -> None:
    """Neither empty lines nor unread answers keep it open."""
    begging = socket.create_connection(("127.0.0.1", counter.port), DEADLINE)
    begging.sendall(b"GET /_loc/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b" 200 " in begging.recv(4096)
    unread = socket.create_connection(("127.0.0.1", counter.port), 3 * DEADLINE)
    unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    begging.settimeout(0.2)

    def is_cut() -> bool:
        try:
            begging.sendall(b"\r\n")
            return begging.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    with begging:
        until(is_cut)
    with unread, contextlib.suppress(ConnectionError):
        unread.sendall(b"GET /_loc/widget.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
        while unread.recv(65536):
            pass
    assert metric(counter, "process_resident_memory_bytes") < 120_000_000


def test_an_upgrade_waits_for_what_was_asked_before(counter: LocDev) -> None:
    ask = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", counter.port), DEADLINE) as connection:
        connection.sendall(ask * 5 + HEAD.format(path=PATH, site="a.example", host="localhost").encode())
        received = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                received += part
        assert b" 101 " not in received
    assert metric(counter, "loc_visitors") == 0
