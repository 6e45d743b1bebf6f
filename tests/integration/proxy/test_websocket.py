"""WebSockets through the proxy."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request, Response
from websockets.sync.client import ClientConnection, connect

from livereload_loc.proxy.pool import PoolLimits
from tests.support.upstreams import RawServer, Served, ok, proxying, read_head, saying
from tests.support.waiting import DEADLINE, until

KEY = b"MDEyMzQ1Njc4OWFiY2RlZg=="


class Echo:
    """A server that says everything back; ``close CODE REASON`` makes it close."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[Request] = []
        self.closed: list[tuple[int | None, str | None]] = []
        self.pongs: list[float] = []
        self.stop: Callable[[], object] = bool

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request
        self.requests.append(connection.request)
        with suppress(ConnectionClosed):
            async for message in connection:
                if message == "bare":
                    await connection.close(1000)
                elif message == "abort":
                    connection.transport.abort()
                elif message == "ping":
                    self.pongs.append(await (await connection.ping(b"own")))
                elif isinstance(message, str) and message.startswith("close "):
                    _, code, reason = message.split(" ", 2)
                    await connection.close(int(code), reason)
                else:
                    await connection.send(message)
        self.closed.append((connection.close_code, connection.close_reason))


@contextmanager
def echoing() -> Iterator[Echo]:
    echo, ready = Echo(), threading.Event()

    async def run() -> None:
        end = asyncio.Event()
        loop = asyncio.get_running_loop()

        def refuse(connection: ServerConnection, request: Request) -> Response | None:
            if request.path == "/forbidden":
                response = connection.respond(403, "not for you\n")
                response.headers["X-Why"] = "because"
                return response
            return None

        async with serve(
            echo.talk,
            "127.0.0.1",
            0,
            max_size=None,
            ping_interval=None,
            process_request=refuse,
            select_subprotocol=lambda _, offered: next(
                (each for each in offered if each == "vite-hmr"), None
            ),
        ) as server:
            echo.port = next(iter(server.sockets)).getsockname()[1]
            echo.stop = lambda: loop.call_soon_threadsafe(end.set)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    assert ready.wait(DEADLINE)
    try:
        yield echo
    finally:
        echo.stop()
        thread.join(DEADLINE)


@pytest.fixture
def echo() -> Iterator[Echo]:
    with echoing() as running:
        yield running


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Served]:
    with proxying(f"http://127.0.0.1:{echo.port}") as running:
        yield running


def dial(proxy: Served, path: str = "/", **options: Any) -> ClientConnection:
    url = f"ws://127.0.0.1:{proxy.port}{path}"
    return connect(url, proxy=None, max_size=None, compression=None, **options)


def test_messages_pass_in_both_directions(proxy: Served, echo: Echo) -> None:
    with dial(proxy, "/a%2fb//c?d=%zz") as client:
        for message in ("text \u20ac", "", b"\x00\xff", b"", "x" * 100_000):
            client.send(message)
            assert client.recv() == message
        client.send(["frag", "ments"])
        assert client.recv() == "fragments"
    assert echo.requests[0].path == "/a%2fb//c?d=%zz"


def test_large_messages_pass(proxy: Served) -> None:
    with dial(proxy) as client:
        message = bytes(range(256)) * 65_536
        client.send(message)
        assert client.recv(timeout=DEADLINE) == message


def test_many_messages_pass_in_order(proxy: Served) -> None:
    with dial(proxy) as client:

        def say() -> None:
            for number in range(3000):
                client.send(str(number))

        sender = threading.Thread(target=say)
        sender.start()
        assert [client.recv() for _ in range(3000)] == [str(number) for number in range(3000)]
        sender.join()


def test_subprotocols_are_offered_and_chosen(proxy: Served, echo: Echo) -> None:
    with dial(proxy, subprotocols=["other", "vite-hmr"]) as client:
        assert client.subprotocol == "vite-hmr"
    with dial(proxy) as client:
        assert client.subprotocol is None
    assert echo.requests[0].headers.get_all("Sec-WebSocket-Protocol") == ["other, vite-hmr"]


def test_headers_pass_and_host_fits_the_origin(proxy: Served, echo: Echo) -> None:
    origin = f"http://127.0.0.1:{proxy.port}"
    with dial(
        proxy, origin=origin, additional_headers=[("Cookie", 'a="b,c"; d'), ("X-A", "1"), ("X-A", "2")]
    ):
        pass
    until(lambda: echo.requests, "the upstream heard nothing")
    headers = echo.requests[0].headers
    assert headers["Origin"] == origin
    assert headers["Host"] == f"127.0.0.1:{proxy.port}"
    assert headers["Cookie"] == 'a="b,c"; d'
    assert headers.get_all("X-A") == ["1", "2"]
    assert headers["X-Forwarded-Proto"] == "http"
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert "Sec-WebSocket-Extensions" not in headers


def test_the_origin_becomes_the_upstreams_where_host_does(echo: Echo) -> None:
    upstream = f"http://127.0.0.1:{echo.port}"
    with proxying(upstream, change_origin=True) as proxy:
        with dial(proxy, origin=f"http://127.0.0.1:{proxy.port}"):
            pass
        with dial(proxy, origin="http://evil.example"):
            pass
    until(lambda: len(echo.requests) == 2, "the upstream heard too little")
    assert [request.headers["Origin"] for request in echo.requests] == [upstream, "http://evil.example"]
    assert echo.requests[0].headers["Host"] == f"127.0.0.1:{echo.port}"


@pytest.mark.parametrize(
    ("code", "reason"), [(1000, ""), (1001, "away"), (3000, "r\u20ac"), (4999, "x" * 120)]
)
def test_closes_pass_with_code_and_reason(proxy: Served, echo: Echo, code: int, reason: str) -> None:
    with dial(proxy) as client:
        client.send(f"close {code} {reason}")
        with pytest.raises(ConnectionClosed):
            client.recv()
        assert (client.close_code, client.close_reason) == (code, reason)
    with dial(proxy) as client:
        client.close(code, reason)
    until(lambda: len(echo.closed) == 2, "the upstream was not closed")
    assert echo.closed[1] == (code, reason)


def test_a_close_without_a_code_passes_as_such(proxy: Served, echo: Echo) -> None:
    with dial(proxy) as client:
        with client.protocol_mutex:
            client.protocol.send_close()
            client.send_data()
        until(lambda: echo.closed, "the upstream was not closed")
    assert echo.closed[0][0] == 1005


def test_a_browser_that_vanishes_closes_the_upstream(proxy: Served, echo: Echo) -> None:
    with dial(proxy) as client:
        client.socket.shutdown(socket.SHUT_RDWR)
        until(lambda: echo.closed, "the upstream was not closed")
    assert echo.closed[0][0] in (1001, 1005)


def test_an_upstream_that_vanishes_is_said_to_restart(proxy: Served) -> None:
    with dial(proxy) as client:
        client.send("abort")
        with pytest.raises(ConnectionClosed):
            client.recv()
        assert client.close_code == 1012


def test_pings_are_answered_on_each_leg(proxy: Served, echo: Echo) -> None:
    with dial(proxy) as client:
        assert client.ping().wait(DEADLINE)
        client.send("ping")
        client.send("after")
        assert client.recv() == "after"
    assert echo.pongs


def test_a_refusal_is_passed_on(proxy: Served) -> None:
    with pytest.raises(InvalidStatus) as caught:
        dial(proxy, "/forbidden")
    response = caught.value.response
    assert (response.status_code, response.body) == (403, b"not for you\n")
    assert response.headers["X-Why"] == "because"
    assert response.headers.get_all("Content-Length") == ["12"]


def test_so_is_the_answer_of_a_server_without_sockets() -> None:
    body = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nnone\r\n0\r\n\r\n"
    with RawServer(saying(body)) as server, proxying(server.url) as proxy:
        with pytest.raises(InvalidStatus) as caught:
            dial(proxy)
        assert (caught.value.response.status_code, caught.value.response.body) == (404, b"none")


def test_a_socket_waits_for_a_server_that_is_away() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with proxying(f"http://127.0.0.1:{port}") as proxy:
        refused = threading.Event()

        def ask() -> None:
            with pytest.raises(InvalidStatus):
                dial(proxy)
            refused.set()

        asking = threading.Thread(target=ask)
        asking.start()
        until(lambda: proxy.restarts, "the refusal was not noticed")
        assert not refused.is_set()
        with RawServer(saying(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), port=port):
            assert refused.wait(DEADLINE)
        asking.join()


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
        assert left.wait(2)


def test_sockets_end_when_we_stop(proxy: Served, echo: Echo) -> None:
    with dial(proxy) as client:
        client.send("x")
        client.recv()
        proxy.stop()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=DEADLINE)
        assert client.close_code == 1012
    until(lambda: echo.closed, "the upstream was not closed")


def test_a_plain_page_still_comes(proxy: Served) -> None:
    with RawServer(saying(ok())) as server, proxying(server.url) as plain:
        assert plain.get().endswith(b"ok")
