"""The addresses of this machine for other devices of the local network."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence

from livereload_loc.errors import UsageError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Interfaces of containers and virtual machines are named so: no other device is there.
_VIRTUAL = (
    "docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "podman", "cni", "flannel", "lxcbr", "lxdbr",
    "bridge", "vethernet", "virtualbox", "vmware", "hyper-v",
)  # fmt: skip


def lan_addresses(adapters: Iterable[tuple[str, Sequence[str]]] | None = None) -> tuple[str, ...]:
    """Return the addresses of this machine in its local networks, the likeliest first.

    ``adapters`` are names and addresses of network adapters, by default those of this machine.

    Raises:
        UsageError: there are none, or only such that the whole internet can reach.
    """
    adapters = _adapters() if adapters is None else list(adapters)
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
    """Return the addresses of ``adapters`` where other devices can be.

    IPv4 comes first, and in each family what routers give out. Addresses that the whole internet can reach
    are never among them.
    """
    local = [address for address in _reachable(adapters) if not address.is_global]
    ranked = sorted(local, key=lambda address: (address.version, not address.is_private))
    return tuple(dict.fromkeys(map(str, ranked)))


def _adapters() -> list[tuple[str, Sequence[str]]]:
    import ifaddr

    return [
        (str(adapter.nice_name), [str(ip.ip[0] if isinstance(ip.ip, tuple) else ip.ip) for ip in adapter.ips])
        for adapter in ifaddr.get_adapters()
    ]


def _reachable(adapters: Iterable[tuple[str, Sequence[str]]]) -> Iterator[_Address]:
    """Yield the addresses that any other device can reach."""
    for name, addresses in adapters:
        if not name.lower().startswith(_VIRTUAL):
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
