from __future__ import annotations

import pytest

from livereload_loc.errors import BadUpstream, UsageError
from livereload_loc.proxy.target import UpstreamTarget


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("HTTP://LocalHost:80", "http://localhost"),
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("http://127.0.0.1:5173", "http://127.0.0.1:5173"),
        ("http://[::1]:5173", "http://[::1]:5173"),
        ("http://[0:0::1]", "http://[::1]"),
        ("http://my_app-1:3000", "http://my_app-1:3000"),
        ("http://bücher.example", "http://xn--bcher-kva.example"),
    ],
)
def test_servers_are_named(url: str, shown: str) -> None:
    target = UpstreamTarget.parse(url)
    assert target.origin == shown
    assert UpstreamTarget.parse(target.origin) == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "8000",
        "ftp://localhost",
        "ws://localhost",
        "http://",
        "http://:8000",
        "http://localhost:99999",
        "http://localhost:0",
        "http://localhost:x",
        "http://localhost/app",
        "http://localhost/?x",
        "http://localhost?",
        "http://localhost#",
        "http://user:secret@localhost",
        "http://local host",
        "http://localhost\r\nX: y",
        "http://[::1",
        "http://[localhost]",
        "http://-x",
        "http://a/b@c",
        "http://300.1.1.1",
        "http://" + "ü" * 70,
    ],
)
def test_what_is_no_server_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(BadUpstream) as caught:
        UpstreamTarget.parse(url)
    assert isinstance(caught.value, UsageError)
    assert "\n" not in str(caught.value)
    assert "http://localhost:8000" in str(caught.value)


def test_a_server_on_this_machine_has_all_loopback_names() -> None:
    assert "127.0.0.1" in UpstreamTarget.parse("http://localhost:8000").names
    assert "localhost" in UpstreamTarget.parse("http://[::1]:8000").names
    assert UpstreamTarget.parse("http://shop.example").names == {"shop.example"}
