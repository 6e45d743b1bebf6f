"""Which pages get a socket; the advisories are named where they are known."""

from __future__ import annotations

import pytest

from tests.support.raw_http import upgrade
from tests.support.server_modes import RELOADING, Modes


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
