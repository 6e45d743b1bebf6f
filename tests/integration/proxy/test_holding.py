"""An upstream that is away for a moment, or for longer."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing

import pytest

from livereload_loc.proxy.pool import PoolLimits
from tests.support.ports import free_port
from tests.support.upstreams import RawServer, Served, ok, proxying, read_head, saying
from tests.support.waiting import DEADLINE, until

NAVIGATION = b"Sec-Fetch-Dest: document"
IMPATIENT = PoolLimits(hold=0.3)


class Asking(threading.Thread):
    """A request under way."""

    def __init__(self, proxy: Served, *headers: bytes, method: bytes = b"GET", body: bytes = b"") -> None:
        super().__init__(daemon=True)
        self.answer = b""
        lines = [method + b" / HTTP/1.1", b"Host: localhost", b"Connection: close", *headers]
        if body:
            lines.append(b"Content-Length: %d" % len(body))
        self._proxy, self._request = proxy, b"\r\n".join([*lines, b"", body])
        self.start()

    def run(self) -> None:
        self.answer = self._proxy.raw(self._request)

    def end(self) -> bytes:
        self.join(DEADLINE)
        return self.answer


@pytest.mark.parametrize(
    ("method", "body"), [(b"GET", b""), (b"HEAD", b""), (b"POST", b"form"), (b"DELETE", b"")]
)
def test_requests_wait_for_a_server_that_is_away(method: bytes, body: bytes) -> None:
    port = free_port()
    seen: list[bytes] = []

    def behave(connection: socket.socket, _: bytes) -> None:
        seen.append(connection.recv(4) if body else b"")
        connection.sendall(ok(b"" if method == b"HEAD" else b"ok"))

    with proxying(f"http://127.0.0.1:{port}") as proxy:
        asking = [Asking(proxy, method=method, body=body) for _ in range(3)]
        until(lambda: proxy.restarts, "the refusal was not noticed")
        time.sleep(0.2)
        assert not any(each.answer for each in asking)
        with RawServer(behave, port=port):
            assert all(each.end().startswith(b"HTTP/1.1 200") for each in asking)
    assert seen == [body] * 3
    assert proxy.told == []


def test_an_outage_becomes_a_page_that_asks_again() -> None:
    port = free_port()
    with proxying(f"http://127.0.0.1:{port}", limits=IMPATIENT) as proxy:
        asking = [Asking(proxy, NAVIGATION) for _ in range(3)]
        pages = [each.end() for each in asking]
        assert all(page.startswith(b"HTTP/1.1 502") for page in pages)
        assert b'<meta http-equiv="refresh" content="1">' in pages[0]
        assert b"http://127.0.0.1:%d does not answer" % port in pages[0]
        assert b"\r\ncache-control: no-store\r\n" in pages[0]
        assert b"<script" not in pages[0]
        assert proxy.told == [(f"http://127.0.0.1:{port} does not answer", "Nothing listens there.")]

        form = Asking(proxy, NAVIGATION, method=b"POST", body=b"form").end()
        assert form.startswith(b"HTTP/1.1 502")
        assert b"http-equiv" not in form, "it would ask with GET for what was posted"

        line = Asking(proxy, b"Sec-Fetch-Dest: empty").end()
        assert line.partition(b"\r\n\r\n")[2].count(b"\n") == 1
        head = Asking(proxy, method=b"HEAD").end()
        assert head.endswith(b"\r\n\r\n")
        assert len(proxy.told) == 1

        with RawServer(saying(ok()), port=port) as server:
            assert Asking(proxy, NAVIGATION).end().endswith(b"ok")
            server.stop()
        Asking(proxy).end()
        assert len(proxy.told) == 2, "a new outage is told anew"


def test_nobody_waits_for_a_server_whose_command_has_failed() -> None:
    port = free_port()
    with proxying(f"http://127.0.0.1:{port}", limits=PoolLimits(hold=10 * DEADLINE)) as proxy:
        waiting = Asking(proxy, NAVIGATION)
        until(lambda: proxy.restarts, "the refusal was not noticed")
        proxy.loop.call_soon_threadsafe(proxy.state.crashed, "node ended with exit code 3")
        until(lambda: proxy.state.down_reason, "the crash was not noted")
        for page in (waiting.end(), Asking(proxy, NAVIGATION).end()):
            assert page.startswith(b"HTTP/1.1 502")
            assert b"Nothing listens there: node ended with exit code 3." in page
            assert b'<meta http-equiv="refresh" content="1">' in page
        assert len(proxy.told) == 1
        with RawServer(saying(ok()), port=port):  # somebody started it by hand
            assert Asking(proxy, NAVIGATION).end().endswith(b"ok")


def test_nothing_is_sent_to_a_server_that_is_known_to_be_silent() -> None:
    """It would do all of it later, for browsers that are long gone."""

    def never(connection: socket.socket, _: bytes) -> None:
        connection.recv(1)

    with RawServer(never) as server, proxying(server.url, limits=PoolLimits(look=0.05)) as proxy:
        waiting = Asking(proxy, NAVIGATION)
        until(lambda: server.requests, "the request was not passed on")
        proxy.state.silent_since = "main.py"
        posting = Asking(proxy, method=b"POST", body=b"form")
        for page in (waiting.end(), Asking(proxy, NAVIGATION).end(), posting.end()):
            assert page.startswith(b"HTTP/1.1 502")
            assert b"It has answered nothing since main.py was saved." in page
        assert b'<meta http-equiv="refresh" content="1">' in waiting.answer
        assert len(server.requests) == 1


def test_a_name_is_text() -> None:
    with proxying("http://no-such-host.invalid", limits=IMPATIENT) as proxy:
        page = Asking(proxy, NAVIGATION).end()
        assert b"There is no host no-such-host.invalid" in page
        assert b"http-equiv" not in page


def test_a_kept_connection_that_the_server_has_closed_is_no_error() -> None:
    with RawServer(saying(ok()), keep=True) as server, proxying(server.url) as proxy:
        proxy.get()
        before = len(proxy.restarts)
        server.drop()
        until(lambda: len(proxy.restarts) > before, "the end of a kept connection was not noticed")
        assert proxy.get().endswith(b"ok")


def test_one_that_ends_over_a_request_is_replaced_once_more() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        if len(server.requests) != 2:
            connection.sendall(ok())
        else:
            connection.shutdown(socket.SHUT_RDWR)

    with RawServer(behave, keep=True) as server, proxying(server.url) as proxy:
        assert proxy.get().endswith(b"ok")
        assert proxy.get().endswith(b"ok")
        assert len(server.requests) == 3


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"PATCH", b"DELETE"])
def test_a_body_is_never_sent_twice(method: bytes) -> None:
    def behave(connection: socket.socket, head: bytes) -> None:
        if head.startswith(b"GET"):
            connection.sendall(ok())
        else:
            connection.recv(4)
            connection.shutdown(socket.SHUT_RDWR)

    with RawServer(behave, keep=True) as server, proxying(server.url) as proxy:
        proxy.get()
        answer = Asking(proxy, NAVIGATION, method=method, body=b"form").end()
        assert answer.startswith(b"HTTP/1.1 502")
        assert [head.partition(b" ")[0] for head in server.requests] == [b"GET", method]
        assert server.connections == 2, "a request with a body has a connection of its own"


def test_a_request_that_kills_the_server_is_not_sent_for_ever() -> None:
    limits = PoolLimits(retries=2)
    with RawServer(lambda connection, _: None) as server, proxying(server.url, limits=limits) as proxy:
        assert proxy.get().startswith(b"HTTP/1.1 502")
        assert len(server.requests) == 1 + limits.retries


def test_a_port_that_somebody_else_keeps_open_is_waited_for() -> None:
    """Docker's takes connections while the server in its container restarts, and ends them."""

    def behave(connection: socket.socket, _: bytes) -> None:
        if len(server.requests) > PoolLimits.retries:
            connection.sendall(ok())

    with RawServer(behave) as server, proxying(server.url) as proxy:
        assert proxy.get().endswith(b"ok")


def test_a_server_with_one_thread_is_not_kept_waiting() -> None:
    """It reads from the connection that is kept, and would see a second one only after that."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with closing(connection):
                while head := read_head(connection):
                    if head.startswith(b"POST"):
                        connection.recv(4)
                    connection.sendall(ok())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url, limits = f"http://127.0.0.1:{listener.getsockname()[1]}", PoolLimits(idle=10 * DEADLINE)
    with closing(listener), proxying(url, limits=limits) as proxy:
        assert proxy.get().endswith(b"ok")
        assert Asking(proxy, method=b"POST", body=b"form").end().endswith(b"ok")
    thread.join(DEADLINE)


def test_idle_connections_are_let_go() -> None:
    limits = PoolLimits(idle=0.1)
    with RawServer(saying(ok()), keep=True) as server, proxying(server.url, limits=limits) as proxy:
        proxy.get()
        until(lambda: not server._open, "an idle connection was kept for ever")
        assert proxy.restarts == []


def test_a_restart_in_between_shows_no_error() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(ok(b"x" * 1000))

    failures: list[bytes] = []
    done = threading.Event()

    with RawServer(behave, keep=True) as first, proxying(first.url) as proxy:

        def ask() -> None:
            while not done.is_set():
                answer = proxy.get()
                if not answer.startswith(b"HTTP/1.1 200"):
                    failures.append(answer)

        threads = [threading.Thread(target=ask, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        until(lambda: len(first.requests) > 20, "requests did not come through")
        first.stop()
        until(lambda: len(proxy.proxy._active) == len(threads), "the requests do not wait")
        with RawServer(behave, keep=True, port=first.port) as second:
            until(lambda: len(second.requests) > 20, "requests did not come through again")
            done.set()
            for thread in threads:
                thread.join(DEADLINE)
    assert not [answer for answer in failures if b" 502 " in answer[:20]], failures
