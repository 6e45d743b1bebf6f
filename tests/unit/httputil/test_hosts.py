"""Hosts, authorities and origins."""

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


def test_addresses_are_compared_in_their_short_form() -> None:
    assert normal_address("[FD00:0:0::7]") == "fd00::7"
    assert normal_address("shop.example") == "shop.example"


@given(st.text())
def test_malformed_text_never_raises(text: str) -> None:
    is_loopback(text)
    split_authority(text)
    split_origin(text)


@given(st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){0,2}", fullmatch=True), st.integers(1, 65535))
def test_what_is_well_formed_is_read(name: str, port: int) -> None:
    assert split_authority(f"{name}:{port}") == (name, port)
    assert split_origin(f"http://{name}:{port}") == ("http", name, port)
