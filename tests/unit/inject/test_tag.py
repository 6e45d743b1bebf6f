"""The tag of an app: its markup, what it needs of a policy, and the request for a page without it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.inject.csp import widen
from livereload_loc.inject.tag import ScriptLocation, ScriptTag

SCRIPT = ScriptLocation("sha256-abc=")
SIDE = ScriptLocation("sha256-abc=", server_port=9000)
TAG = '<script src="/_loc/reload.js" async></script>'


def test_the_tag_of_an_app() -> None:
    assert ScriptTag(SCRIPT, "", "http", b"localhost:8000").markup({}) == TAG
    assert '"/a%22b/_loc/reload.js"' in ScriptTag(SCRIPT, '/a"b/', "http", b"x").markup({})
    assert ScriptTag(SCRIPT, "", "http", b"x").markup({"nonce": "r"}) == TAG.replace(
        " async", ' async nonce="r"'
    )


@pytest.mark.parametrize(
    ("scheme", "host", "server", "socket"),
    [
        ("http", b"localhost:8000", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("https", b"localhost:8000", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"[::1]:8000", "http://[::1]:9000", "ws:"),
        ("http", b'"><script>', "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"[::::]", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"dev.test:99999", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
    ],
)
def test_the_socket_of_another_server(scheme: str, host: bytes, server: str, socket: str) -> None:
    tag = ScriptTag(SIDE, "/shop", scheme, host)
    assert tag.markup({}) == (f'<script src="/shop/_loc/reload.js" async data-server="{server}"></script>')
    assert widen(["connect-src 'self'"], tag.requirements).policies == [f"connect-src 'self' {socket}"]


def test_pages_with_another_tag_have_another_etag() -> None:
    suffixes = {
        ScriptTag(script, root, "http", host).suffix
        for script in (SCRIPT, SIDE, ScriptLocation("sha256-new="))
        for root in ("", "/shop")
        for host in (b"localhost:8000",)
    }
    assert len(suffixes) == 6


@given(st.binary(max_size=20), st.text(max_size=10), st.text(max_size=10))
def test_no_host_is_too_odd(host: bytes, root: str, scheme: str) -> None:
    for script in (SCRIPT, SIDE):
        tag = ScriptTag(script, root.encode("utf-8", "replace").decode(), scheme, host)
        assert tag.markup({}).count('"') in (2, 4)
        (text,) = widen(["default-src 'none'"], tag.requirements).policies
        assert text.count(";") == 2
        assert "," not in text


def test_an_app_is_asked_for_the_page_as_it_would_be_without_us() -> None:
    tag = ScriptTag(SCRIPT, "", "http", b"localhost:8000")
    etag = b'"x%s"' % tag.suffix
    headers = [(b"host", b"x"), (b"accept-encoding", b"br"), (b"if-none-match", etag), (b"a", b"b")]
    assert tag.untagged_request([*headers, (b"loc-dev", b"page")]) == [
        (b"host", b"x"),
        (b"if-none-match", b'"x"'),
        (b"a", b"b"),
        (b"accept-encoding", b"identity"),
        (b"x-loc-dev", b"tagged"),
    ]
