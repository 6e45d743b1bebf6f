"""Sockets to listen on. Browsers try both loopback addresses for ``localhost``, so both are taken."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterable, Iterator, Sequence

from livereload_loc.errors import CannotListen, PortTaken
from livereload_loc.settings import LOOPBACK

_TRIES = 20
_NO_SUCH_FAMILY = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}


def listen(hosts: Sequence[str], port: int, *, near: bool = False) -> list[socket.socket]:
    """Return sockets that listen on all of ``hosts``, all on one port.

    Port 0 means any free one; with ``near``, the next free port will do. ``localhost`` means every loopback
    address that this machine has, and a port is free only if it is free on all of them.

    Raises:
        PortTaken: something listens there already.
        CannotListen: the address is none of this machine's, or not for this user.
    """
    tries = _TRIES if near or port == 0 else 1
    for candidate in [0] * tries if port == 0 else range(port, port + tries):
        try:
            return _listen_once(hosts, candidate)
        except PortTaken as error:
            taken = error
    if port == 0:
        raise CannotListen(hosts[0], port, "no port is free on all of its addresses")
    raise PortTaken(taken.host, port)


def close_all(sockets: Iterable[socket.socket]) -> None:
    for listener in sockets:
        listener.close()


def allow_files() -> None:
    """Let this process have as many sockets as the system grants it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _listen_once(hosts: Sequence[str], port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for name, family, address in _addresses(hosts, port):
            try:
                sockets.append(_bound(family, address, port))
            except OSError as error:
                if error.errno in _NO_SUCH_FAMILY and name == LOOPBACK:
                    continue
                if error.errno == errno.EADDRINUSE:
                    raise PortTaken(name, port) from None
                raise CannotListen(name, port, error.strerror or str(error)) from None
            port = sockets[0].getsockname()[1]
        if not sockets:
            raise CannotListen(hosts[0], port, "this machine has no such address")
    except BaseException:
        close_all(sockets)
        raise
    return sockets


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    # asyncio turns Nagle's delays off only where the protocol is named.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would steal the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(1024)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _addresses(hosts: Sequence[str], port: int) -> Iterator[tuple[str, socket.AddressFamily, str]]:
    """Yield each address to bind, after the name that people know and the family."""
    for host in hosts:
        if host == LOOPBACK:
            yield host, socket.AF_INET, "127.0.0.1"
            yield host, socket.AF_INET6, "::1"
            continue
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError):
            raise CannotListen(host, port, "this name has no address") from None
        for family, _, _, _, address in dict.fromkeys(found):
            yield host, socket.AddressFamily(family), str(address[0])
