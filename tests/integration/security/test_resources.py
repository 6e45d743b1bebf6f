"""Requests and frames that shall cost the server its memory, time or connections."""

from __future__ import annotations

import contextlib
import select
import socket

import pytest

from livereload_loc.server.http_protocol import REQUEST_SECONDS
from tests.support.raw_http import get, send, talk, upgrade
from tests.support.server_modes import Modes
from tests.support.waiting import DEADLINE


@pytest.mark.parametrize("name", ["watch", "serve", "proxy", "count"])
def test_a_head_without_end_is_refused(modes: Modes, name: str) -> None:
    data = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: " + b"a" * 5_000_000
    assert send(modes[name].port, data).status in (0, 400, 431)


@pytest.mark.parametrize("name", ["watch", "serve", "proxy", "asgi", "wsgi"])
@pytest.mark.parametrize(
    ("frames", "codes"),
    [
        (b"\x81\xff" + (1 << 40).to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 100, (1009,)),
        (b"\x81\xfe\xff\xff\0\0\0\0" + b"x" * 0xFFFF, (1009, 1008)),
        (b"\x81\x85\0\0\0\0hello", (1008,)),
        (b"\x82\x85\0\0\0\0hello", (1008,)),
        (b"\x81\x82\0\0\0\0{}" * 300, (1008,)),
        (b"\x81\x05hello", (1002,)),
        (b"\xff" * 100, (1002,)),
        (b"\x81\x82\0\0\0\0\xff\xff", (1007,)),
    ],
)
def test_nonsense_ends_the_socket(modes: Modes, name: str, frames: bytes, codes: tuple[int, ...]) -> None:
    answer = talk(modes[name].socket_port, modes[name].path, frames, codes)
    assert b" 101 " in answer
    assert any(code.to_bytes(2, "big") in answer for code in codes), answer[-40:]


def test_a_page_that_talks_without_end_is_cut(modes: Modes) -> None:
    introduction = b'{"type":"page","url":"/","seq":null,"run":null,"age":0}'
    answers = b'{"type":"applied","seq":1,"did":"nothing"}'
    frames = b"".join(
        bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text for text in (introduction, *[answers] * 1000)
    )
    assert (1008).to_bytes(2, "big") in talk(modes["watch"].port, b"/_loc/ws/reload", frames, (1008,))


def test_slow_requests_hold_up_no_page(modes: Modes) -> None:  # slowloris
    mode = modes["watch"]
    slow = [socket.create_connection(("127.0.0.1", mode.port)) for _ in range(300)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-")
    assert get(mode.port, "/_loc/reload.js").status == 200
    assert upgrade(mode.port, b"/_loc/ws/reload", origin=b"http://localhost") == 101
    assert select.select(slow, [], [], 0)[0] == [], "they were cut before: then it proves nothing"
    for connection in slow:  # and they end
        with connection, contextlib.suppress(ConnectionError):
            connection.settimeout(REQUEST_SECONDS + DEADLINE)
            assert connection.recv(4096) == b""
