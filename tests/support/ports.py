"""Ports for servers that take no port 0."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from pathlib import Path


def free_port() -> int:
    """A port that is free on both loopback addresses, and none of those that the system gives out itself."""
    try:
        lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        lowest = 32_768
    for port in random.sample(range(min(10_000, lowest - 1), lowest), min(lowest, 1000)):
        with (
            suppress(OSError),
            socket.create_server(("127.0.0.1", port)),
            socket.create_server(("::1", port), family=socket.AF_INET6),
        ):
            return port
    raise AssertionError("no port is free")


def accepts(port: int) -> bool:
    """Return whether a server on this machine takes connections at ``port``."""
    try:
        socket.create_connection(("localhost", port), timeout=5).close()
    except OSError:
        return False
    return True
