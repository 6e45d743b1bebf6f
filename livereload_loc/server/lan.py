"""The addresses under which other devices of the local network reach this machine."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from livereload_loc.errors import UsageError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

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
        UsageError: it has none, or none but such that the whole internet can reach.
    """
    import ifaddr

    adapters = [
        (str(adapter.nice_name), [str(ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip) for ip in adapter.ips])
        for adapter in ifaddr.get_adapters()
    ]
    found = chosen(adapters)
    if not found and any(_reachable(adapters)):
        raise UsageError(
            "This machine has only addresses that the whole internet can reach, so --lan listens on none. "
            "If that is what you want, name one: --host ADDRESS --allow-host ADDRESS."
        )
    if not found:
        raise UsageError("This machine has no address in a local network. Connect it to one, or omit --lan.")
    return found


def chosen(adapters: Iterable[tuple[str, Sequence[str]]]) -> tuple[str, ...]:
    """The addresses of those ``adapters``, pairs of a name and its addresses, where other devices can be.

    IPv4 stands first, and of each family what routers give out. Addresses that the whole internet can reach
    are never among them.
    """
    inner = [address for address in _reachable(adapters) if not address.is_global]
    ranked = sorted(inner, key=lambda address: (address.version, not _is_homely(address)))
    return tuple(dict.fromkeys(map(str, ranked)))


def urls(scheme: str, addresses: Iterable[str], port: int) -> tuple[str, ...]:
    """The URLs of a server on ``port`` at each of ``addresses``."""
    return tuple(f"{scheme}://{bracketed(address)}:{port}" for address in addresses)


def bracketed(address: str) -> str:
    """A host as it stands in a URL (RFC 3986, section 3.2.2)."""
    return f"[{address}]" if ":" in address else address


def _reachable(adapters: Iterable[tuple[str, Sequence[str]]]) -> Iterator[_Address]:
    """The addresses under which any other device reaches this machine."""
    for name, addresses in adapters:
        if not name.lower().startswith(_INNER):
            yield from (each for each in map(_parsed, addresses) if each and _is_reachable(each))


def _parsed(address: str) -> _Address | None:
    try:
        return ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None


def _is_reachable(address: _Address) -> bool:
    return not (
        address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    )


def _is_homely(address: _Address) -> bool:
    return any(address in network for network in _HOMELY)
