"""Requests and responses through the proxy, byte for byte, over real sockets."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import FileResponse
from starlette.routing import Route

from tests.support.response_bodies import body_of, unchunked
from tests.support.upstreams import RawServer, ok, proxying, read_head, saying, serving


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


def test_slow_headers_are_waited_for() -> None:
    with (
        RawServer(
            saying(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n", b"X-B: 2\r\n", b"Content-Length: 0\r\n\r\n", pause=0.4)
        ) as server,
        proxying(server.url) as proxy,
    ):
        assert b"x-b: 2" in proxy.get()
