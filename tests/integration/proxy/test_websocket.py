"""WebSockets through the proxy: messages, closes, and their ends."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.echo_sockets import Echo, dial, echoing
from tests.support.upstreams import RawServer, Served, ok, proxying, saying
from tests.support.waiting import DEADLINE, until


@pytest.fixture
def echo() -> Iterator[Echo]:
    with echoing() as running:
        yield running


@pytest.fixture
def proxy(echo: Echo) -> Iterator[Served]:
    with proxying(f"http://127.0.0.1:{echo.port}") as running:
        yield running


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
