"""Requests that shall lead the proxy elsewhere, or two through as one."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hostile_targets import HIDING
from tests.support.raw_http import get, send, send_briefly, upgrade
from tests.support.server_modes import SECRET, Modes


def test_only_the_upstream_is_ever_called(modes: Modes) -> None:  # CVE-2026-44578
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.3)
        other = b"127.0.0.1:%d" % elsewhere.getsockname()[1]
        port = modes["proxy"].port
        for target in (b"http://" + other + b"/", b"//" + other + b"/", b"/\\" + other, b"@" + other, other,
                       b"http:" + other, b"/http://" + other + b"/"):  # fmt: skip
            get(port, target)
            upgrade(port, target, origin=b"http://localhost")
            get(port, target, host=other)
            get(port, b"/", b"X-Forwarded-Host: " + other, b"Forwarded: host=" + other)
        get(port, other, method=b"CONNECT")
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_requests_are_not_smuggled(modes: Modes) -> None:
    second = b"GET /_loc/api/status HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for head in (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length : 5\r\n",
        b" Content-Length: 5\r\n",
    ):
        for mode in ("serve", "proxy", "watch", "count"):
            request = b"POST / HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n0\r\n\r\n" + second
            answer = send(modes[mode].port, request, deadline=30)
            assert answer.raw.count(b'"run"') == 0, (mode, head)


@settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "150")))
@given(
    name=st.sampled_from(["watch", "serve", "proxy", "count"]),
    method=st.sampled_from([b"GET", b"POST", b"HEAD", b"X", b"GET\0", b"PRI", b"CONNECT"]),
    target=st.sampled_from(HIDING).map(lambda text: text.encode("latin-1")) | st.binary(max_size=30),
    version=st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/0.9", b"RTSP/1.0", b""]),
    headers=st.lists(
        st.sampled_from(
            [
                b"Host: localhost",
                b"Host: evil.example",
                b"Origin: null",
                b"Upgrade: websocket",
                b"Upgrade: h2c",
                b"Connection: upgrade",
                b"Connection: close",
                b"Sec-WebSocket-Version: 13",
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                b"Expect: 100-continue",
                b"Content-Length: 3",
                b"Transfer-Encoding: chunked",
                b"Range: bytes=0-",
                b"If-None-Match: *",
                b"Accept-Encoding: br;q=2",
                b"Accept: text/html",
            ]
        )
        | st.binary(max_size=30),
        max_size=6,
    ),
    body=st.binary(max_size=30),
)
def test_it_survives_whatever_comes(
    modes: Modes, name: str, method: bytes, target: bytes, version: bytes, headers: list[bytes], body: bytes
) -> None:
    data = b"\r\n".join([method + b" " + target + b" " + version, *headers, b"", body])
    answer = send_briefly(modes[name].port, data)
    assert SECRET not in answer
    assert b"Traceback" not in answer
