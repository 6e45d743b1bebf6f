"""Hosts, authorities and origins."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.httputil.hosts import (
    Origin,
    is_loopback,
    normal_address,
    normal_origins,
    split_authority,
    split_origin,
    split_url,
)


def test_an_origin_to_allow_must_be_one() -> None:
    assert normal_origins(["https://a.example/", "http://b.example:80"]) == {
        "https://a.example",
        "http://b.example",
    }
    with pytest.raises(ValueError, match=r"^shop\.example$"):
        normal_origins(["shop.example"])


@pytest.mark.parametrize(
    ("authority", "same"),
    [
        ("shop.example", True),
        ("SHOP.example:443", True),
        ("shop.example:80", False),
        ("other.example", False),
        ("", False),
        (None, False),
    ],
)
def test_an_origin_is_at_a_host_with_its_port_or_the_default_one(authority: str | None, same: bool) -> None:
    assert Origin("https", "shop.example", 443).is_at(authority) is same


@pytest.mark.parametrize(
    ("url", "parts", "origin"),
    [
        ("http://localhost:8000", ("http", "localhost", 8000, "/"), "http://localhost:8000"),
        ("HTTP://LocalHost:80/a?b#c", ("http", "localhost", 80, "/a?b"), "http://localhost"),
        ("https://me:secret@[0:0::1]/?", ("https", "::1", 443, "/"), "https://[::1]"),
        ("http://bücher.example", ("http", "xn--bcher-kva.example", 80, "/"), "http://xn--bcher-kva.example"),
    ],
)
def test_a_url_has_a_host_a_port_and_a_target(
    url: str, parts: tuple[str, str, int, str], origin: str
) -> None:
    found = split_url(url)
    assert found == parts
    assert found.origin == f"{found.scheme}://{found.authority}" == origin


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("localhost:8000", "it does not begin with http:// or https://"),
        ("ftp://localhost", "it is neither http nor https"),
        ("http://a b", "it holds a space or a control character"),
        ("http://[::1", "it is malformed"),
        ("http://a..b", "it names no valid host"),
        (f"http://{'a' * 64}.test", "it names no valid host"),
        ("http://300.1.1.1", "it names no valid host"),
        ("http://localhost:99999", "its port is not a number from 1 to 65535"),
        ("http://localhost:0", "its port is not a number from 1 to 65535"),
        ("http://localhost:x", "its port is not a number from 1 to 65535"),
    ],
)
def test_what_is_no_url_is_told_why(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        split_url(url)


def test_addresses_are_compared_in_their_short_form() -> None:
    assert normal_address("[FD00:0:0::7]") == "fd00::7"
    assert normal_address("shop.example") == "shop.example"


@given(st.text())
def test_malformed_text_never_raises(text: str) -> None:
    is_loopback(text)
    split_authority(text)
    split_origin(text)
    with contextlib.suppress(ValueError):
        split_url(f"http://{text}")


@given(st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){0,2}", fullmatch=True), st.integers(1, 65535))
def test_what_is_well_formed_is_read(name: str, port: int) -> None:
    assert split_authority(f"{name}:{port}") == (name, port)
    assert split_origin(f"http://{name}:{port}") == ("http", name, port)
