"""Sockets to listen on. Browsers try both loopback addresses for ``localhost``, so that we take both."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Iterator, Sequence

from livereload_loc.errors import CannotListen, PortTaken
from livereload_loc.settings import LOOPBACK

_TRIES = 20
_NO_SUCH_FAMILY = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT}


def listen(host: str, port: int, also: Sequence[str] = ()) -> list[socket.socket]:
    """Sockets that are bound and listening on ``host`` and on the addresses ``also``, all on one port; port 0
    means any free one.

    ``localhost`` means every loopback address that this machine has, and a port is free only if it is so
    on all of them.

    Raises:
        PortTaken: something listens there already.
        CannotListen: the address is none of this machine's, or not for this user.
    """
    for _ in range(_TRIES if port == 0 else 1):
        try:
            return _listen_once(host, port, also)
        except PortTaken:
            if port != 0:
                raise
    raise CannotListen(host, port, "no port is free on all of its addresses")


def listen_near(host: str, port: int, also: Sequence[str] = ()) -> list[socket.socket]:
    """As :func:`listen`, on the first port from ``port`` on that is free.

    Raises:
        PortTaken: none of the next ones is.
        CannotListen: the address is none of this machine's, or not for this user.
    """
    for candidate in range(port, port + _TRIES):
        try:
            return listen(host, candidate, also)
        except PortTaken:
            continue
    raise PortTaken(host, port)


def allow_files() -> None:
    """Let this process have as many sockets as the system grants it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # not on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _listen_once(host: str, port: int, also: Sequence[str]) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for host, family, address in _addresses(host, port, also):  # noqa: B020 - the one that fails is named
            try:
                # asyncio turns Nagle's delays off only where the protocol is named.
                listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            except OSError as error:
                if error.errno in _NO_SUCH_FAMILY and host == LOOPBACK:
                    continue
                raise
            sockets.append(listener)
            if not _bind(listener, address, port, optional=host == LOOPBACK):
                sockets.remove(listener)
                listener.close()
                continue
            port = listener.getsockname()[1]  # the next address shall have the same
        if not sockets:
            raise CannotListen(host, port, "this machine has no such address")
    except OSError as error:
        _close(sockets)
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from None
        raise CannotListen(host, port, error.strerror or str(error)) from None
    except CannotListen:
        _close(sockets)
        raise
    return sockets


def _bind(listener: socket.socket, address: str, port: int, *, optional: bool) -> bool:
    """Bind and listen; False where the address is one that this machine does not have and may lack."""
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where SO_REUSEADDR would steal the port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError as error:
        if optional and error.errno in _NO_SUCH_FAMILY:
            return False
        raise
    listener.listen(1024)
    listener.setblocking(False)
    return True


def _addresses(host: str, port: int, also: Sequence[str]) -> Iterator[tuple[str, socket.AddressFamily, str]]:
    """Each address to bind, with the name under which people know it, and its family."""
    if host == LOOPBACK:
        yield host, socket.AF_INET, "127.0.0.1"
        yield host, socket.AF_INET6, "::1"
    else:
        yield from ((host, *found) for found in _resolved(host, port))
    for address in also:
        yield address, socket.AF_INET6 if ":" in address else socket.AF_INET, address


def _resolved(host: str, port: int) -> Iterator[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise CannotListen(host, port, "this name has no address") from None
    for family, _, _, _, address in dict.fromkeys(found):
        yield socket.AddressFamily(family), str(address[0])


def _close(sockets: list[socket.socket]) -> None:
    for listener in sockets:
        listener.close()
