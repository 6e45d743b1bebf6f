"""The address of a visitor, seen through the proxies that are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The most proxies that are followed back; a longer list was made up.
MAX_HOPS = 32


class ClientAddressResolver:
    """Follows X-Forwarded-For from the right, where the nearest proxy wrote, as far as it is trusted.

    Anything to the left of the first address that is not ``trusted`` may be invented.

    Raises:
        ValueError: a network is malformed; the exception's text is the network.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = tuple(_network(text) for text in trusted)

    def resolve(self, peer: str, forwarded: Sequence[str] = ()) -> str:
        """Return the address behind a connection of ``peer`` with these X-Forwarded-For headers."""
        if not self.trusts(peer):
            return peer
        visitor = peer
        hops = [hop.strip() for value in forwarded for hop in value.split(",")]
        for hop in hops[: -MAX_HOPS - 1 : -1]:
            if _address(hop) is None:
                break
            visitor = hop
            if not self.trusts(hop):
                break
        return str(_address(visitor))

    def trusts(self, peer: str) -> bool:
        """Return whether ``peer`` is a trusted proxy."""
        address = _address(peer)
        return any(address.version == net.version and address in net for net in self._trusted if address)


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """Return what the caps count as one address: an IPv4 address, or the /64 of an IPv6 line (RFC 6177)."""
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
