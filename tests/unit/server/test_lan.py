"""Which addresses of a machine other devices can use."""

from __future__ import annotations

import pytest

from livereload_loc.errors import UsageError
from livereload_loc.server.lan import chosen, lan_addresses

LO = ("lo", ["127.0.0.1", "::1"])


@pytest.mark.parametrize(
    ("adapters", "found"),
    [
        ([LO], ()),
        ([LO, ("eth0", ["192.168.0.7"])], ("192.168.0.7",)),
        ([("eth0", ["fe80::1%eth0", "fd00::7", "192.168.0.7"])], ("192.168.0.7", "fd00::7")),
        ([("tailscale0", ["100.64.1.2"]), ("wlan0", ["10.1.2.3"])], ("10.1.2.3", "100.64.1.2")),
        ([("eth0", ["169.254.3.4", "0.0.0.0", "224.0.0.1", "::", "ff02::1"])], ()),
        ([("eth0", ["172.20.0.2"]), ("eth0:1", ["172.20.0.2"])], ("172.20.0.2",)),
        ([("eth0", ["nonsense", ""])], ()),
    ],
)
def test_the_likeliest_first(adapters: list[tuple[str, list[str]]], found: tuple[str, ...]) -> None:
    assert chosen(adapters) == found


@pytest.mark.parametrize(
    "name",
    [
        "docker0", "br-5e1f0a", "veth12ab", "virbr0", "vmnet8", "vboxnet0", "vEthernet (WSL)",
        "VirtualBox Host-Only Ethernet Adapter", "VMware Virtual Ethernet Adapter for VMnet1", "bridge100",
        "podman1", "lxdbr0",
    ],
)  # fmt: skip
def test_no_other_device_is_where_containers_and_virtual_machines_are(name: str) -> None:
    assert chosen([(name, ["192.168.56.1"]), ("wlan0", ["192.168.0.7"])]) == ("192.168.0.7",)


PUBLIC = ("eth0", ["93.184.216.34", "2a00:1450::1"])


def test_what_the_whole_internet_reaches_is_never_taken() -> None:
    assert chosen([PUBLIC]) == ()
    assert chosen([PUBLIC, ("eth1", ["10.0.0.5"])]) == ("10.0.0.5",)


@pytest.mark.parametrize(
    ("adapters", "said"),
    [
        ([LO], "no address in a local network"),
        ([LO, ("docker0", ["93.184.216.34"])], "no address in a local network"),
        ([LO, PUBLIC], "--host ADDRESS --allow-host ADDRESS"),
    ],
)
def test_without_a_local_network_one_line_says_what_to_do(
    adapters: list[tuple[str, list[str]]], said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        lan_addresses(adapters)
    assert said in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1
