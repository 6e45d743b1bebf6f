"""The addresses of a server, and whether it serves over HTTPS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from livereload_loc.access import Guard
from livereload_loc.events import Info
from livereload_loc.httputil.hosts import ANY_ADDRESS, bracketed
from livereload_loc.server.lan import lan_addresses
from livereload_loc.settings import LOOPBACK, Settings

if TYPE_CHECKING:
    import ssl

    from livereload_loc.server.tls.certificates import ServerCertificate


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What ``--host``, ``--lan``, ``--https``, ``--cert`` and ``--key`` come to.

    ``lan`` are the addresses in the local network, which ``guard`` knows; without a ``certificate`` it serves
    plain HTTP.
    """

    host: str
    lan: tuple[str, ...]
    guard: Guard
    certificate: ServerCertificate | None

    @classmethod
    def from_settings(
        cls,
        settings: Settings,
        *,
        public: bool = False,
        adapters: Iterable[tuple[str, Sequence[str]]] | None = None,
    ) -> Endpoint:
        """Return what ``settings`` ask for; makes a certificate where one is needed.

        ``adapters`` are names and addresses of network adapters, by default those of this machine.

        Raises:
            UsageError: there is no local network, or no certificate that can be used.
        """
        lan = lan_addresses(adapters) if settings.lan else ()
        origins = settings.allow_origins
        guard = Guard(settings.host, settings.allow_hosts, origins, public=public, lan=frozenset(lan))
        return cls(settings.host, lan, guard, _certificate(settings, guard, lan))

    @property
    def hosts(self) -> tuple[str, ...]:
        """All that the server listens on."""
        return (self.host, *self.lan)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """The TLS context of all connections."""
        return self.certificate.context if self.certificate else None

    @property
    def advice(self) -> Info | None:
        """What the user should know about the certificate."""
        return Info(self.certificate.advice) if self.certificate and self.certificate.advice else None

    def url(self, port: int) -> str:
        """Return the URL for this machine."""
        return self._url(LOOPBACK if self.host in ANY_ADDRESS else self.host, port)

    def lan_urls(self, port: int) -> tuple[str, ...]:
        """Return the URLs for other devices."""
        return tuple(self._url(address, port) for address in self.lan)

    def _url(self, host: str, port: int) -> str:
        return f"{'https' if self.certificate else 'http'}://{bracketed(host)}:{port}"


def _certificate(settings: Settings, guard: Guard, lan: tuple[str, ...]) -> ServerCertificate | None:
    if settings.certificate and settings.key:
        from livereload_loc.server.tls.certificates import named

        return named(settings.certificate, settings.key)
    if not settings.https:
        return None
    from livereload_loc.server.tls.certificates import found_or_made

    def is_ours(name: str) -> bool:
        return guard.refuse_host(bracketed(name)) is None

    host = () if settings.host in ANY_ADDRESS else (settings.host,)
    # A Host header has brackets around an address of IPv6, and a certificate has none.
    hosts = [name.strip("[]") for name in (*host, *sorted(settings.allow_hosts)) if name.isascii()]
    return found_or_made(".", tuple(dict.fromkeys((*hosts, *lan))), is_ours)
