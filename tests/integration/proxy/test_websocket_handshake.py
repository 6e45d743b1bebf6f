"""Handshakes through the proxy: good, broken, slow and refused ones."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import closing

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from livereload_loc.proxy.pool import PoolLimits
from tests.support.echo_sockets import dial
from tests.support.upstreams import RawServer, proxying, read_head, saying
from tests.support.waiting import DEADLINE

KEY = b"MDEyMzQ1Njc4OWFiY2RlZg=="


def handshaken(
    *frames: bytes, extra: bytes = b"", accept: bytes | None = None, stays: bool = True
) -> Callable[[socket.socket, bytes], None]:
    """A server that agrees to a socket and then says ``frames``."""

    def behave(connection: socket.socket, head: bytes) -> None:
        key = next(line[19:] for line in head.split(b"\r\n") if line.startswith(b"sec-websocket-key: "))
        digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %s\r\n%s\r\n"
            % (accept or base64.b64encode(digest), extra)
            + b"".join(frames)
        )
        if stays:
            connection.recv(1000)

    return behave


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([b"\x81\x02\xff\xfe"], 1007),
        ([b"\x83\x00"], 1002),
        ([b"\x81\x80abcd"], 1002),
        ([b"\x82\x7f" + struct.pack("!Q", 1 << 30)], 1009),
        ([b"\x88\x02\x03\xed"], 1002),
        ([b"\x81\x05ab"], 1012),
    ],
)
def test_what_is_no_websocket_ends_it(frames: list[bytes], code: int) -> None:
    with RawServer(handshaken(*frames)) as server, proxying(server.url) as proxy, dial(proxy) as client:
        if code == 1012:
            server.drop()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=DEADLINE)
        assert client.close_code == code


def test_a_goodbye_is_heard_from_one_who_has_gone() -> None:
    behave = handshaken(b"\x81\x01a\x88\x05\x0f\xa1bye", stays=False)
    with RawServer(behave) as server, proxying(server.url) as proxy, dial(proxy) as client:
        assert client.recv(timeout=DEADLINE) == "a"
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=DEADLINE)
        assert (client.close_code, client.close_reason) == (4001, "bye")


def test_frames_that_come_with_the_handshake_are_not_lost() -> None:
    with (
        RawServer(handshaken(b"\x01\x01a\x89\x01p\x00\x01b\x80\x01c")) as server,
        proxying(server.url) as proxy,
        dial(proxy) as client,
    ):
        assert client.recv(timeout=DEADLINE) == "abc"


@pytest.mark.parametrize(
    "behave",
    [
        handshaken(accept=b"wrong"),
        handshaken(extra=b"Sec-WebSocket-Extensions: permessage-deflate\r\n"),
        saying(b"SSH-2.0-x\r\n"),
        saying(b""),
    ],
)
def test_a_failed_handshake_is_a_502(behave: Callable[[socket.socket, bytes], None]) -> None:
    with RawServer(behave) as server, proxying(server.url, limits=PoolLimits(retries=2)) as proxy:
        with pytest.raises(InvalidStatus) as caught:
            dial(proxy)
        assert caught.value.response.status_code == 502
        assert server.url.encode() in caught.value.response.body


def test_cookies_set_by_the_handshake_arrive() -> None:
    extra = b'Set-Cookie: a="b"\r\nSet-Cookie: c\r\n'
    with (
        RawServer(handshaken(extra=extra)) as server,
        proxying(server.url) as proxy,
        closing(proxy.connect()) as browser,
    ):
        browser.sendall(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n\r\n"
        )
        head = read_head(browser).lower()
        assert b" 101 " in head
        assert head.count(b"set-cookie:") == 2
        assert head.count(b"sec-websocket-accept:") == 1


def test_a_browser_that_leaves_during_the_handshake_takes_it_along() -> None:
    left, begun = threading.Event(), threading.Event()

    def behave(connection: socket.socket, _: bytes) -> None:
        begun.set()
        connection.recv(1)
        left.set()

    with RawServer(behave) as server, proxying(server.url) as proxy:
        with closing(proxy.connect()) as browser:
            browser.sendall(
                b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n\r\n"
            )
            assert begun.wait(DEADLINE)
        assert left.wait(DEADLINE)
