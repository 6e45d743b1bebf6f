"""How a server is reached: under which addresses, and whether over TLS."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from livereload_loc.access import Guard
from livereload_loc.events import Info
from livereload_loc.server.lan import bracketed, here, urls
from livereload_loc.server.sockets import listen, listen_near
from livereload_loc.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    import ssl

    from livereload_loc.server.tls.certificates import ServerCertificate

_ANY = ("0.0.0.0", "::")  # noqa: S104 - told apart, not bound


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What ``--host``, ``--lan``, ``--https``, ``--cert`` and ``--key`` come to.

    ``lan`` are the addresses of the local network, ``guard`` knows them, and ``secured`` holds the
    certificate, if there is TLS.
    """

    host: str
    lan: tuple[str, ...]
    guard: Guard
    secured: ServerCertificate | None

    @classmethod
    def of(cls, settings: Settings, *, public: bool = False) -> Endpoint:
        """What ``settings`` ask for; makes a certificate where one is needed.

        Raises:
            UsageError: there is no local network, or no certificate that can be used.
        """
        lan = here() if settings.lan else ()
        origins = settings.allow_origins
        guard = Guard(settings.host, settings.allow_hosts, origins, public=public, lan=frozenset(lan))
        return cls(settings.host, lan, guard, _secured(settings, guard, lan))

    @property
    def hosts(self) -> tuple[str, ...]:
        """All that we listen on."""
        return (self.host, *self.lan)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What secures all connections."""
        return self.secured.context if self.secured else None

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return "https" if self.secured else "http"

    def listen(self, port: int, *, near: bool = False) -> list[socket.socket]:
        """Sockets on all of our addresses, all on ``port``; with ``near`` on the first free one from it on.

        Raises:
            PortTaken, CannotListen: see :mod:`livereload_loc.server.sockets`.
        """
        return (listen_near if near else listen)(self.host, port, self.lan)

    def url(self, port: int) -> str:
        """The URL under which this machine reaches us."""
        host = LOOPBACK if self.host in _ANY else self.host
        return f"{self.scheme}://{bracketed(host)}:{port}"

    def lan_urls(self, port: int) -> tuple[str, ...]:
        """The URLs under which other devices do."""
        return urls(self.scheme, self.lan, port)

    @property
    def told(self) -> tuple[Info, ...]:
        """What the user should know of the certificate."""
        return (Info(self.secured.advice),) if self.secured and self.secured.advice else ()


def _secured(settings: Settings, guard: Guard, lan: tuple[str, ...]) -> ServerCertificate | None:
    if settings.certificate and settings.key:
        from livereload_loc.server.tls.certificates import named

        return named(settings.certificate, settings.key)
    if not settings.https:
        return None
    from livereload_loc.server.tls.certificates import found_or_made

    host = () if settings.host in _ANY else (settings.host,)
    # An address of IPv6 stands in brackets where it is a Host header's, and without them in a certificate.
    hosts = [name.strip("[]") for name in (*host, *sorted(settings.allow_hosts)) if name.isascii()]
    return found_or_made(".", tuple(dict.fromkeys((*hosts, *lan))), partial(_is_ours, guard.refuse_host))


def _is_ours(refuse_host: Callable[[str], object], name: str) -> bool:
    return refuse_host(bracketed(name)) is None
