"""Whose connection it is: the address of the visitor, seen through the proxies that are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_HOPS = 32
"""So many proxies are walked back through; a longer list was made up."""


class ClientAddressResolver:
    """Walks X-Forwarded-For from the right, which the nearest proxy wrote, as far as it is trusted.

    What stands to the left of the first address that is not ours to trust may be anybody's invention.

    Raises:
        ValueError: a network is none; it is the exception's text.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = tuple(_network(text) for text in trusted)

    def visitor(self, peer: str, forwarded: Sequence[str] = ()) -> str:
        """The address behind a connection of ``peer`` whose request has these X-Forwarded-For headers."""
        found = _address(peer)
        if found is None or not self._is_trusted(found):
            return peer
        hops = [hop for value in forwarded for hop in value.split(",")]
        for hop in list(reversed(hops))[:MAX_HOPS]:
            before = _address(hop.strip())
            if before is None:
                break
            found = before
            if not self._is_trusted(found):
                break
        return str(found)

    def trusts(self, peer: str) -> bool:
        """Whether it is a proxy, that speaks for others."""
        found = _address(peer)
        return found is not None and self._is_trusted(found)

    def _is_trusted(self, address: Address) -> bool:
        return any(address.version == net.version and address in net for net in self._trusted)


@lru_cache(maxsize=4096)
def household(address: str) -> str:
    """What stands for one visitor's line: the IPv4 address, or the /64 that a line of IPv6 is given
    (RFC 6177)."""
    found = _address(address)
    if found is None:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))
    return str(found)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise ValueError(text) from None


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """Read ``1.2.3.4``, ``1.2.3.4:5``, ``::1`` or ``[::1]:5``."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
