"""Whose connection it is, seen through proxies."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.counter.client_address import ClientAddressResolver, address_key

PEERS = ClientAddressResolver(["10.0.0.0/8", "127.0.0.1", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        ("8.8.8.8", [], "8.8.8.8"),
        ("8.8.8.8", ["1.1.1.1"], "8.8.8.8"),  # not ours to trust: it may say what it likes
        ("10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("10.0.0.1", ["9.9.9.9, 1.1.1.1"], "1.1.1.1"),  # the left is the visitor's own invention
        ("10.0.0.1", ["9.9.9.9, 1.1.1.1, 10.0.0.2"], "1.1.1.1"),
        ("10.0.0.1", ["9.9.9.9", "1.1.1.1", "10.0.0.2"], "1.1.1.1"),  # repeated headers are one list
        ("10.0.0.1", ["10.0.0.3"], "10.0.0.3"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["1.1.1.1:1234"], "1.1.1.1"),
        ("10.0.0.1", ["[2001:db9::1]:1234"], "2001:db9::1"),
        ("::ffff:10.0.0.1", ["1.1.1.1"], "1.1.1.1"),
        ("2001:db8::7", ["1.1.1.1"], "1.1.1.1"),
    ],
)
def test_the_header_is_walked_from_the_right(peer: str, forwarded: list[str], visitor: str) -> None:
    assert PEERS.resolve(peer, forwarded) == visitor


@given(st.lists(st.text(max_size=50), max_size=5))
def test_no_header_is_too_odd(forwarded: list[str]) -> None:
    assert PEERS.resolve("10.0.0.1", forwarded)
    assert ClientAddressResolver().resolve("1.2.3.4", forwarded) == "1.2.3.4"


def test_a_long_list_is_not_walked_to_its_end() -> None:
    hops = ["1.1.1.1", *["10.0.0.2"] * 10_000]
    assert PEERS.resolve("10.0.0.1", [",".join(hops)]) == "10.0.0.2"


def test_a_line_of_ipv6_is_one_address() -> None:
    assert address_key("2001:db8:1:2:3:4:5:6") == address_key("2001:db8:1:2::1")
    assert address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1")
    assert address_key("1.2.3.4") == "1.2.3.4"
    assert address_key("x" * 1000) == "x" * 64


@pytest.mark.parametrize("network", ["nix", "10.0.0.0/99", ""])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(network)}$"):
        ClientAddressResolver([network])
