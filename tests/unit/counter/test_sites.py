"""Which site a page belongs to, and which are counted."""

from __future__ import annotations

import re

import pytest

from livereload_loc.counter.sites import SiteFilter, site_of


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://Shop.Example", "shop.example"),
        ("http://shop.example", "shop.example"),
        ("https://shop.example:443", "shop.example"),
        ("http://shop.example:443", "shop.example:443"),
        ("http://localhost:8080", "localhost:8080"),
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("chrome-extension://abc", None),
        ("null", "local"),
        (None, "local"),
        ("", None),
        ("shop.example", None),
        ("http://a b", None),
        ('http://x"><script>', None),
        ("http://" + "a" * 300, None),
    ],
)
def test_the_site_is_the_host_of_the_origin(origin: str | None, site: str | None) -> None:
    assert site_of(origin) == site


@pytest.mark.parametrize(
    ("pattern", "counted", "not_counted"),
    [
        ("example.com", ["example.com"], ["www.example.com", "example.com:8080", "example.community"]),
        ("*.example.com", ["www.example.com", "a.b.example.com"], ["example.com", "xexample.com"]),
        ("EXAMPLE.com.", ["example.com"], []),
        ("localhost:8080", ["localhost:8080"], ["localhost", "localhost:80801"]),
        ("localhost:*", ["localhost", "localhost:1"], ["xlocalhost:1"]),
        ("local", ["local"], ["localhost"]),
    ],
)
def test_a_list_names_what_is_counted(pattern: str, counted: list[str], not_counted: list[str]) -> None:
    sites = SiteFilter([pattern])
    assert [site for site in counted if site not in sites] == []
    assert [site for site in not_counted if site in sites] == []


def test_without_a_list_all_are() -> None:
    assert "anything.example" in SiteFilter()


@pytest.mark.parametrize("pattern", ["", "a b", "https://example.com", "*", "ex*mple.com", "example.com/"])
def test_what_is_no_site_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(pattern)}$"):
        SiteFilter([pattern])
