"""How what is typed becomes a value."""

from __future__ import annotations

import pytest

from livereload_loc.cli.options import UrlType


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://shop.test", "https://shop.test"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8000/about/", "http://[::1]:8000/about/"),
        ("8000", "http://localhost:8000"),
        (":8000", "http://localhost:8000"),
        ("ftp://localhost", "ftp://localhost"),
    ],
)
def test_a_url_may_leave_out_what_goes_without_saying(typed: str, url: str) -> None:
    assert UrlType().convert(typed, None, None) == url
