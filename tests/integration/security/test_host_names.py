"""Which names a server answers under; the advisories are named where they are known."""

from __future__ import annotations

import pytest

from tests.support.raw_http import get, upgrade
from tests.support.server_modes import RELOADING, Modes

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
