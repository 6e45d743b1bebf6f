"""What was done to other dev servers, done to this one; the advisories are named where they are known."""

from __future__ import annotations

import contextlib
import os
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.raw_http import get, send, send_briefly, talk, upgrade
from tests.support.server_modes import SECRET, Mode

Modes = dict[str, Mode]

ALL = ["watch", "serve", "proxy", "count", "asgi", "wsgi"]
RELOADING = ["watch", "serve", "proxy", "asgi", "wsgi"]


@pytest.fixture(autouse=True)
def lives(modes: Modes) -> object:
    """Whatever was sent, all of them answer afterwards, and no program has written to stderr."""
    yield
    for mode in modes.values():
        assert get(mode.port, "/_loc/reload.js" if mode.name != "count" else "/_loc/widget.js").status == 200
        if mode.dev:
            assert mode.dev.process.poll() is None
            assert mode.dev.errors == ""


# ---------------------------------------------------------------------- sockets


@pytest.mark.parametrize("name", RELOADING)
@pytest.mark.parametrize(
    "origin",
    [
        b"http://evil.example",  # CVE-2025-24010, CVE-2018-14732, CVE-2025-56648, CVE-2025-48068
        b"https://localhost.evil.example",
        b"http://192.168.1.5",  # CVE-2025-30360
        b"http://10.0.0.1:8081",
        b"http://[2001:db8::1]",
        b"null",  # GHSA-jcc7-9wpm-mj36
        b"file://",
        b"http://",
        b"http://a b",
        b"http://localhost@evil.example",
        b"http://evil.example#localhost",
        b"http://evil.example\\@localhost",
        b"http://localhost:99999",
        b"http://[::1",
        b"\xff\xfe",
        b"http://" + b"a" * 5000,
        b"",
    ],
)
def test_a_foreign_page_gets_no_socket(modes: Modes, name: str, origin: bytes) -> None:
    mode = modes[name]
    assert 400 <= upgrade(mode.socket_port, mode.path, origin=origin) < 500


@pytest.mark.parametrize("name", RELOADING)
@pytest.mark.parametrize("origin", [b"http://localhost:1234", b"https://app.test", b"http://127.0.0.1", None])
def test_a_page_of_this_machine_gets_one(modes: Modes, name: str, origin: bytes | None) -> None:
    mode = modes[name]
    assert upgrade(mode.socket_port, mode.path, origin=origin) == 101


@pytest.mark.parametrize("name", RELOADING)
@pytest.mark.parametrize(
    "origin",
    [b"http://evil.example", b"null", b"", b"file://", b"http://localhost:1234", b"https://app.test",
     b"http://127.0.0.1", b"http://localhost@evil.example", b"http://" + b"a" * 5000],
)  # fmt: skip
def test_no_other_page_looks_on(modes: Modes, name: str, origin: bytes) -> None:
    mode = modes[name]
    port = mode.socket_port
    host = b"localhost:%d" % port
    assert upgrade(port, b"/_loc/ws/status", origin=origin, host=host) == 403
    assert upgrade(port, b"/_loc/ws/status", origin=b"http://" + host, host=host) == 101
    assert upgrade(port, b"/_loc/ws/status", origin=b"http://evil.example", host=b"evil.example") == 421


@pytest.mark.parametrize("name", RELOADING)
def test_two_origins_are_none(modes: Modes, name: str) -> None:
    mode = modes[name]
    more = b"Origin: http://localhost\r\n"
    assert upgrade(mode.socket_port, mode.path, origin=b"http://evil.example", more=more) >= 400
    assert upgrade(mode.socket_port, b"/_loc/ws/status", origin=b"http://evil.example", more=more) >= 400


def test_the_proxy_swallows_no_socket_of_ours(modes: Modes) -> None:  # CVE-2026-9595
    assert upgrade(modes["proxy"].port, b"/_loc/ws/reload", origin=b"http://localhost") == 101
    assert upgrade(modes["proxy"].port, b"/_loc/ws/../ws/reload", origin=b"http://evil.example") >= 400
    assert upgrade(modes["proxy"].port, b"/_loc/ws/other", origin=b"http://localhost") in (403, 404)


# ---------------------------------------------------------------------- names


PATHS = {
    "watch": ["/", "/_loc/", "/_loc/reload.js", "/_loc/api/status", "/_loc/healthz", "/livereload.js",
              "/_loc/status.js", "/_loc/status.css", "/_loc/qr.svg"],
    "serve": ["/", "/index.html", "/main.js", "/nothing", "/list/", "/_loc/", "/_loc/api/status"],
    "proxy": ["/", "/main.js", "/nothing", "/_loc/reload.js", "/_loc/api/status"],
    "asgi": ["/_loc/reload.js", "/_loc/", "/_loc/api/status", "/_loc/qr.svg"],
    "wsgi": ["/_loc/reload.js"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "path"), [(name, path) for name in PATHS for path in PATHS[name]])
def test_a_foreign_name_reads_nothing(modes: Modes, name: str, path: str) -> None:  # DNS rebinding
    answer = get(modes[name].port, path, host=b"evil.example:8081")
    assert answer.status == 421
    assert b"evil.example" in answer.body
    assert b"allow-host evil.example" in answer.body or b"allow_hosts=['evil.example']" in answer.body


@pytest.mark.parametrize("name", ["watch", "serve", "proxy"])
def test_the_terminal_names_the_flag(modes: Modes, name: str) -> None:
    dev = modes[name].dev
    assert dev
    get(modes[name].port, "/", host=b"named.example")
    dev.wait_for("problem", lambda event: "--allow-host named.example" in event["detail"])
    upgrade(modes[name].port, b"/_loc/ws/reload", origin=b"http://named.example")
    dev.wait_for("problem", lambda event: "--allow-origin http://named.example" in event["detail"])


@pytest.mark.parametrize("name", RELOADING)
@pytest.mark.parametrize(
    "host",
    [
        b"",
        b"evil.example@localhost",
        b"localhost@evil.example",
        b"localhost:1:2",
        b"localhost/evil",
        b"[::1",
        b"::1",
        b"localhost\tx",
        b"\xff\xff",
        b"%6cocalhost",
        b"a" * 3000,
        b"localhost:99999",
        b"0.0.0.0",
        b"127.0.0.1.evil.example",
        b"localhost, evil.example",
    ],
)
def test_a_malformed_name_is_refused(modes: Modes, name: str, host: bytes) -> None:  # CVE-2026-14631
    mode = modes[name]
    assert 400 <= get(mode.port, "/_loc/reload.js", host=host).status < 500
    assert upgrade(mode.socket_port, mode.path, origin=b"http://localhost", host=host) in range(400, 500)


@pytest.mark.parametrize("name", ["watch", "serve", "proxy"])
def test_no_name_is_none(modes: Modes, name: str) -> None:
    assert get(modes[name].port, "/", host=None).status == 400
    assert get(modes[name].port, "/", host=None, version=b"1.0").status == 400


# ---------------------------------------------------------------------- foreign pages


@pytest.mark.parametrize("name", ["serve", "proxy"])
@pytest.mark.parametrize("path", ["/main.js", "/index.html", "/list/", "/nothing"])
def test_no_other_origin_may_read(modes: Modes, name: str, path: str) -> None:
    # GHSA-67mh-4wv8-2f99, CVE-2025-65717
    answer = get(modes[name].port, path, b"Origin: http://evil.example", b"Sec-Fetch-Site: cross-site",
                 b"Sec-Fetch-Mode: cors")  # fmt: skip
    assert "access-control-allow-origin" not in answer.headers
    if name == "serve":
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("name", ["serve", "proxy"])
@pytest.mark.parametrize("path", ["/main.js", "/index.html"])
def test_no_foreign_page_may_include(modes: Modes, name: str, path: str) -> None:
    # CVE-2025-30359, CVE-2026-6402
    fetch = (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: no-cors", b"Sec-Fetch-Dest: script")
    assert get(modes[name].port, path, *fetch).status == 403
    assert get(modes[name].port, "/_loc/reload.js", *fetch).status == 200


@pytest.mark.parametrize("name", ["watch", "serve", "proxy", "asgi"])
@pytest.mark.parametrize("path", ["/_loc/api/status", "/_loc/", "/_loc/qr.svg"])
def test_the_status_is_for_its_own_pages(modes: Modes, name: str, path: str) -> None:
    for headers in (
        [b"Origin: http://evil.example"],
        [b"Origin: null"],
        [b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: no-cors"],
        [b"Sec-Fetch-Site: same-site", b"Sec-Fetch-Mode: cors"],
    ):
        answer = get(modes[name].port, path, *headers)
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"PROPFIND"])
def test_nothing_changes_by_asking(
    modes: Modes, name: str, method: bytes
) -> None:  # webpack-dev-server 5.2.6
    paths = [
        "/_loc/reload.js",
        "/_loc/",
        "/_loc/api/status",
        "/_loc/healthz",
        "/_loc/status.js",
        "/_loc/qr.svg",
    ]
    for path in paths:
        answer = get(
            modes[name].port, path, b"Content-Length: 0", b"Origin: http://evil.example", method=method
        )
        assert answer.status in (403, 404, 405, 400), path
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "path",
    ["/kill", "/_loc/kill", "/_loc/api/kill", "/_loc/quit", "/__open-in-editor?file=/etc/passwd:1",
     "/_loc/../kill", "/__open-stack-frame", "/_loc/open?file=/etc/passwd"],
)  # fmt: skip
def test_there_is_nothing_that_kills_or_opens(modes: Modes, name: str, path: str) -> None:  # tiny-lr
    answer = get(modes[name].port, path)
    assert b"root:" not in answer.body
    assert name == "wsgi" or answer.status in (400, 403, 404)


# ---------------------------------------------------------------------- files


HIDING = [
    "/.env", "/.env/", "/.env/.", "/.env/..", "/./.env", "/sub/../.env", "/.git/config", "/.git/",
    "/sub/.hidden/key",
    "/%2eenv", "/%2Eenv", "/.%65nv", "/sub/%2e%2e/.env", "/.well-known/.env", "/.well-known/../.env",
    # CVE-2025-30208, CVE-2025-31125, CVE-2025-31486, CVE-2026-39364: the query has no say
    "/.env?raw", "/.env?import&raw??", "/.env?.svg?.wasm?init", "/.env?url&inline", "/.env?", "/.env?a=/../b",
    # CVE-2025-46565
    "/.env/./", "/.env/././.", "/.env%2f.", "/.env/%2e",
    # CVE-2025-58751, CVE-2023-29159, 11ty: beside and above
    "/../private.txt", "/../p-private.txt", "/../pp/private.txt", "/sub/../../private.txt",
    "/..%2fprivate.txt",
    # CVE-2024-29180
    "/%2e%2e%2fprivate.txt", "/%2e%2e/private.txt", "/..%2f..%2fwww%2fprivate.txt",
    "/%252e%252e%252fprivate.txt",
    "/sub/%2e%2e%2f%2e%2e%2fprivate.txt", "/.%2e/private.txt",
    # GHSA-g7r4-m6w7-qqqr
    "/..\\..\\private.txt", "/..\\private.txt", "/..%5cprivate.txt", "/c\\d", "/c%5cd", "\\..\\private.txt",
    # CVE-2026-53571
    "/.env::$DATA", "/tls~1.pem", "/TLS~1.PEM", "/key.pem.", "/key.pem%20",
    "/index.html::$DATA",
    # CVE-2026-53632, CVE-2026-48818
    "//localhost/c$/x", "///etc/passwd", "//etc/passwd", "/\\\\localhost\\share", "/%2f%2flocalhost/share",
    "/%5c%5clocalhost%5cshare", "//?/C:/x",
    # CVE-2025-32395
    "/@fs/x/#/../../../etc/passwd", "/#/../../private.txt", "/index.html#/../.env", "/%23/../.env",
    # huntr#1809 and live-server#140: links out of the root, or to what hides
    "/link.txt", "/up/private.txt", "/up/p/.env", "/hidden-link", "/up/",
    # whatever else
    "/\x00", "/%00", "/index.html%00.env", "/.env%00", "/%0a.env", "/%ff.env", "/%c0%ae%c0%ae/private.txt",
    "/etc/passwd", "/..;/private.txt", "/%u002e%u002e/private.txt", "/.", "/..", "/../", "/" + "../" * 500,
    "/" + "a/" * 3000, "/" + "%2e%2e/" * 200 + "private.txt", "*", "", "index.html", "?",
]  # fmt: skip


@pytest.mark.parametrize("target", HIDING)
@pytest.mark.parametrize("name", ["serve", "watch", "count"])
def test_nothing_that_hides_is_read(modes: Modes, name: str, target: str) -> None:
    headers = [b"Accept: */*"]
    answer = get(modes[name].port, target.encode("latin-1"), *headers)
    assert SECRET not in answer.body
    assert b"root:" not in answer.body
    harmless = ("/.", "/sub/../../", "?", "/%23/../.env", "/.env/..")
    if name == "serve" and target not in harmless:
        assert answer.status in (0, 400, 403, 404), answer.raw[:200]


@pytest.mark.parametrize(
    "header", [b"X-Original-URL: /.env", b"X-Rewrite-URL: /.env", b"X-Forwarded-Prefix: /.git"]
)
def test_headers_have_no_say(modes: Modes, header: bytes) -> None:
    assert SECRET not in get(modes["serve"].port, "/index.html", header).body


def test_what_is_meant_to_be_read_is(modes: Modes) -> None:
    port = modes["serve"].port
    assert get(port, "/main.js").status == 200
    assert get(port, "/.well-known/security.txt").body == b"public"
    assert get(port, "/sub/../main.js").status == 200
    assert get(port, "/%6dain.js?x=%00").status == 200


def test_names_in_a_listing_are_text(modes: Modes) -> None:  # serve-index#28
    body = get(modes["serve"].port, "/list/", b"Accept: text/html").body
    assert b"&lt;img src=x onerror=alert(1)&gt;.txt" in body
    assert b"<img" not in body


def test_thousands_of_ranges_are_no_work(modes: Modes) -> None:  # CVE-2025-62727
    ranges = ",".join(f"{n}-{n}" for n in range(0, 100_000, 20)).encode()[:60_000].rpartition(b",")[0]
    began = time.perf_counter()
    answer = get(modes["serve"].port, "/big.bin", b"Range: bytes=" + ranges)
    assert answer.status in (200, 206, 400, 416)
    assert len(answer.body) < 1_000_000
    assert time.perf_counter() - began < 5


# ---------------------------------------------------------------------- the proxy


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


# ---------------------------------------------------------------------- resources


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
    began = time.perf_counter()
    assert get(mode.port, "/_loc/reload.js").status == 200
    assert upgrade(mode.port, b"/_loc/ws/reload", origin=b"http://localhost") == 101
    assert time.perf_counter() - began < 3
    for connection in slow:  # and they end
        with connection, contextlib.suppress(ConnectionError):
            connection.settimeout(30)
            assert connection.recv(4096) == b""
