"""Requests and answers through the proxy, over real sockets."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from livereload_loc.proxy.pool import PoolLimits
from tests.support.upstreams import RawServer, ok, proxying, read_all, read_head, saying, serving
from tests.support.waiting import DEADLINE, until

MEGABYTE = b"x" * 1_000_000
LARGE = 300
"""Megabytes that are large."""


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


@pytest.fixture
def echo() -> Iterator[RawServer]:
    with RawServer(saying(ok()), keep=True) as server:
        yield server


def test_a_request_goes_out_byte_for_byte(echo: RawServer) -> None:
    with proxying(echo.url) as proxy:
        for target in (
            b"/a//b%2f%2E./%zz;x=1?q=%zz&&=a+b%20",
            b"//evil.example/x",
            b"/?a?b=/../",
            b"/\\..\\x",
        ):
            proxy.get(target, b'Cookie: a="b,c"; d=\xe9', b"X-B: 2", b"Cookie: e", b"X-B: 1")
            line, *headers, _, _ = echo.requests[-1].split(b"\r\n")
            assert line == b"GET %s HTTP/1.1" % target
            assert headers[:5] == [
                b"host: localhost:%d" % proxy.port,
                b'cookie: a="b,c"; d=\xe9',
                b"x-b: 2",
                b"cookie: e",
                b"x-b: 1",
            ]


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://127.0.0.1:1/x HTTP/1.1",
        b"GET //127.0.0.1:1/x HTTP/1.1",
        b"POST http://127.0.0.1:1/x HTTP/1.1",
        b"CONNECT 127.0.0.1:1 HTTP/1.1",
        b"GET /@127.0.0.1:1/x HTTP/1.1",
        b"GET @127.0.0.1:1/x HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
    ],
)
@pytest.mark.parametrize("upgrade", [b"", b"Connection: Upgrade\r\nUpgrade: websocket\r\n"])
def test_no_request_leads_anywhere_else(echo: RawServer, line: bytes, upgrade: bytes) -> None:
    with RawServer(saying(ok(b"elsewhere"))) as elsewhere, proxying(echo.url) as proxy:
        line = line.replace(b"127.0.0.1:1", b"127.0.0.1:%d" % elsewhere.port)
        if upgrade:
            upgrade += b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
        answer = proxy.raw(
            line + b"\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n" % elsewhere.port + upgrade + b"\r\n"
        )
        assert b"elsewhere" not in answer
        assert elsewhere.connections == 0


def test_an_answer_comes_back_byte_for_byte() -> None:
    headers = (
        b'Set-Cookie: a="b"; Path=/',
        b"X-A: caf\xe9",
        b"Set-Cookie: c=d",
        b"X-A: 2",
        b"Content-Encoding: x",
    )
    with (
        RawServer(saying(ok(bytes(range(256)), *headers, b"Keep-Alive: timeout=5"))) as server,
        proxying(server.url) as proxy,
    ):
        head, _, body = proxy.get().partition(b"\r\n\r\n")
        assert body == bytes(range(256))
        assert head.split(b"\r\n")[2:] == [
            *(name.lower() + b": " + value for name, _, value in (each.partition(b": ") for each in headers)),
            b"connection: close",
        ]


def test_methods_pass() -> None:
    with RawServer(saying(ok(b""))) as server, proxying(server.url) as proxy:
        for method in (b"OPTIONS", b"DELETE", b"PATCH", b"PROPFIND", b"PUT", b"POST"):
            assert proxy.get(method=method).startswith(b"HTTP/1.1 200")
            assert server.requests[-1].startswith(method + b" / ")


def test_head_and_empty_answers_keep_the_connection() -> None:
    def behave(connection: socket.socket, head: bytes) -> None:
        if head.startswith(b"HEAD"):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        elif b"if-none-match" in head:
            connection.sendall(b'HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\nETag: "a"\r\n\r\n')
        else:
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with (
        RawServer(behave, keep=True) as server,
        proxying(server.url) as proxy,
        closing(proxy.connect()) as browser,
    ):
        for request, answer in [
            (b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"content-length: 1000"),
            (b'GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "a"\r\n\r\n', b'etag: "a"'),
            (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"204"),
            (b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"content-length: 1000"),
        ]:
            browser.sendall(request)
            assert answer in read_head(browser)
        assert server.connections == 1


def test_ranges_pass(tmp_path: Path) -> None:
    (tmp_path / "video").write_bytes(bytes(range(256)))
    app = Starlette(routes=[Route("/", lambda _: FileResponse(tmp_path / "video"))])
    with serving(app) as port, proxying(f"http://127.0.0.1:{port}") as proxy:
        answer = proxy.get("/", b"Range: bytes=10-19")
        assert answer.startswith(b"HTTP/1.1 206")
        assert b"content-range: bytes 10-19/256" in answer
        assert body_of(answer) == bytes(range(10, 20))


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([b"HTTP/1.0 200 OK\r\n\r\nold"], b"old"),
        ([b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nno ", b"length"], b"no length"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", ok()], b"ok"),
        ([b"HT", b"TP/1.1 20", b"0 O", b"K\r\nContent-Le", b"ngth: 4\r\n", b"\r", b"\nsl", b"ow"], b"slow"),
        ([b"HTTP/1.1 200 OK\r\nX: %s\r\nContent-Length: 2\r\n\r\nok" % (b"y" * 60_000)], b"ok"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more"], b"ok"),
        ([b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\noops"], b"oops"),
    ],
)
def test_odd_answers_arrive(parts: list[bytes], body: bytes) -> None:
    with RawServer(saying(*parts, pause=0.02)) as server, proxying(server.url) as proxy:
        answer = proxy.get()
        if b"transfer-encoding: chunked" in answer:
            assert unchunked(body_of(answer)) == body
        else:
            assert body_of(answer) == body


def test_trailers_are_dropped() -> None:
    raw = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n"
    )
    with RawServer(saying(raw)) as server, proxying(server.url) as proxy:
        answer = proxy.get()
        assert unchunked(body_of(answer)) == b"ok"
        assert b"x-t" not in answer.lower()


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
        start = time.monotonic()
        answer = proxy.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert time.monotonic() - start < 4, "it was cut, not left to uvicorn's keep-alive"
        assert b"short" in answer
        if b"chunked" in answer:
            assert not answer.endswith(b"0\r\n\r\n")
        else:
            assert len(body_of(answer)) < 10


def test_a_reset_in_the_middle_is_no_end_either() -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf")
        time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with RawServer(behave) as server, proxying(server.url) as proxy:
        answer = proxy.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"half" in answer
        assert not answer.endswith(b"0\r\n\r\n")


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


EXPECTING = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
    b"Connection: close\r\n\r\n"
)


def test_a_body_that_is_announced_is_asked_for_when_the_server_asks() -> None:
    asked: list[float] = []

    def behave(connection: socket.socket, head: bytes) -> None:
        assert b"expect: 100-continue" in head
        time.sleep(0.2)
        asked.append(time.monotonic())
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = connection.recv(4)
        connection.sendall(ok(body))

    with RawServer(behave) as server, proxying(server.url) as proxy, closing(proxy.connect()) as browser:
        browser.sendall(EXPECTING)
        assert read_head(browser) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert asked
        assert time.monotonic() >= asked[0]
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
        assert left.wait(2)


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


def test_a_connection_on_which_a_body_is_unfinished_is_not_kept() -> None:
    """Else what is left of it would stand before the next request."""

    def behave(connection: socket.socket, head: bytes) -> None:
        connection.sendall(ok(b"early" if head.startswith(b"POST") else b"next"))
        if head.startswith(b"POST"):
            time.sleep(0.2)

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


@pytest.mark.parametrize("when", ["waiting", "streaming", "uploading"])
def test_a_browser_that_leaves_takes_its_request_along(when: str) -> None:
    left = threading.Event()
    begun = threading.Event()

    def behave(connection: socket.socket, _: bytes) -> None:
        if when == "streaming":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        begun.set()
        read_all(connection)
        left.set()

    with RawServer(behave) as server, proxying(server.url) as proxy:
        with closing(proxy.connect()) as browser:
            framing = b"Content-Length: 100\r\n" if when == "uploading" else b""
            browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n")
            assert begun.wait(DEADLINE)
            if when == "streaming":
                assert b"200" in read_head(browser)
            if when == "uploading":
                browser.sendall(b"half")
            assert not left.wait(0.1)
        start = time.monotonic()
        assert left.wait(DEADLINE)
        assert time.monotonic() - start < 1


def test_an_app_hears_that_its_reader_left() -> None:
    gone = threading.Event()

    async def upload(request: Request) -> Response:
        try:
            await request.body()
        except ClientDisconnect:
            gone.set()
            raise
        return Response()

    with (
        serving(Starlette(routes=[Route("/", upload, methods=["POST"])])) as port,
        proxying(f"http://127.0.0.1:{port}") as proxy,
    ):
        with closing(proxy.connect()) as browser:
            browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
            time.sleep(0.1)
        assert gone.wait(DEADLINE)


def test_redirects_and_cookies_lead_to_us() -> None:
    with (
        RawServer(lambda connection, _: connection.sendall(redirect)) as server,
        proxying(server.url) as proxy,
    ):
        redirect = (
            b"HTTP/1.1 302 Found\r\nLocation: http://localhost:%d/next?a#b\r\n"
            b'Set-Cookie: a="b"; Domain=localhost\r\nContent-Length: 0\r\n\r\n' % server.port
        )
        answer = proxy.get()
        assert b"\r\nlocation: http://localhost:%d/next?a#b\r\n" % proxy.port in answer
        assert b'\r\nset-cookie: a="b"; Domain=localhost\r\n' in answer
        assert len(server.requests) == 1


def test_the_upstream_may_be_named_to_itself(echo: RawServer) -> None:
    with proxying(echo.url, change_origin=True) as proxy:
        proxy.get("/", b"Origin: http://localhost:%d" % proxy.port)
        head = echo.requests[-1]
        assert b"\r\nhost: 127.0.0.1:%d\r\n" % echo.port in head
        assert b"\r\norigin: %s\r\n" % echo.url.encode() in head
        assert b"\r\nx-forwarded-host: localhost:%d\r\n" % proxy.port in head


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


def test_slow_headers_are_waited_for() -> None:
    with (
        RawServer(
            saying(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n", b"X-B: 2\r\n", b"Content-Length: 0\r\n\r\n", pause=0.4)
        ) as server,
        proxying(server.url) as proxy,
    ):
        assert b"x-b: 2" in proxy.get()


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


def test_browsers_that_leave_at_any_moment_leave_nothing_behind() -> None:
    def behave(connection: socket.socket, head: bytes) -> None:
        if head.startswith(b"POST"):
            connection.recv(100)
        for part in (b"HTTP/1.1 200 OK\r\nContent-", b"Length: 100000\r\n\r\n", b"x" * 50_000, b"x" * 50_000):
            connection.sendall(part)
            time.sleep(0.002)

    with RawServer(behave, keep=True) as server, proxying(server.url) as proxy:
        for number in range(150):
            with closing(proxy.connect()) as browser:
                if number % 3:
                    browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                else:
                    browser.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
                time.sleep(number % 10 / 1000)
        until(lambda: not proxy.proxy._active, "a request was left behind")
        until(lambda: len(server._open) <= 32, "connections were left behind")


def test_nothing_is_left_open(echo: RawServer) -> None:
    with proxying(echo.url) as proxy:
        proxy.get()
        until(lambda: echo.connections == 1, "no connection")
    until(lambda: not echo._open, "a connection was left open")


def unchunked(body: bytes) -> bytes:
    whole = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if not int(size, 16):
            assert body == b"\r\n"
            return whole
        whole += body[: int(size, 16)]
        body = body[int(size, 16) + 2 :]


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
