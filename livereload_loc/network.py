"""The addresses under which other devices of the local network reach this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from .errors import UsageError

_INNER = (
    "docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "flannel", "lxcbr", "lxdbr",
    "bridge", "vethernet", "virtualbox", "vmware", "hyper-v",
)  # fmt: skip
"""How the interfaces of containers and virtual machines are named: no other device is there."""

_HOMELY = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
"""What routers at home and at work give out (RFC 1918, RFC 4193)."""


def here() -> tuple[str, ...]:
    """The addresses of this machine in its local networks, the likeliest first.

    Raises:
        UsageError: it has none.
    """
    import ifaddr

    found = chosen(
        (str(adapter.nice_name), [str(ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip) for ip in adapter.ips])
        for adapter in ifaddr.get_adapters()
    )
    if not found:
        raise UsageError("This machine has no address in a local network. Connect it to one, or omit --lan.")
    return found


def chosen(adapters: Iterable[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """The addresses of those ``adapters``, pairs of a name and its addresses, where other devices can be.

    IPv4 stands first, and of each family what routers give out. Addresses that the whole internet can reach
    are taken only where there are no others.
    """
    found = [
        address
        for name, addresses in adapters
        if not name.lower().startswith(_INNER)
        for address in map(_parsed, addresses)
        if address and _is_reachable(address)
    ]
    inner = [address for address in found if not address.is_global] or found
    ranked = sorted(inner, key=lambda address: (address.version, not _is_homely(address)))
    return tuple(dict.fromkeys(map(str, ranked)))


def urls(scheme: str, addresses: Iterable[str], port: int) -> tuple[str, ...]:
    """The URLs of a server on ``port`` at each of ``addresses``."""
    return tuple(f"{scheme}://{bracketed(address)}:{port}" for address in addresses)


def bracketed(address: str) -> str:
    """A host as it stands in a URL (RFC 3986, section 3.2.2)."""
    return f"[{address}]" if ":" in address else address


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _is_reachable(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return not (
        address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    )


def _is_homely(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _HOMELY)
