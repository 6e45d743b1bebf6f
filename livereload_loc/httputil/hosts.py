"""Hosts, authorities and origins, as URLs and headers have them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

# The addresses that mean all of this machine's, and all that a server listening at one of them may be called.
ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - names, nothing is bound
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1", *ANY_ADDRESS)

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}

_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>\d{1,5}))?")
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>{_AUTHORITY.pattern})", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")


class Origin(NamedTuple):
    """An origin (RFC 6454); ``str()`` leaves the scheme's default port out."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if self.port == DEFAULT_PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    def is_at(self, authority: str | None) -> bool:
        """Return whether the Host header ``authority`` names this origin's host and port."""
        named = split_authority(authority or "")
        if named is None:
            return False
        return named[0] == self.host and (named[1] or DEFAULT_PORTS.get(self.scheme)) == self.port


def split_authority(authority: str) -> tuple[str, int | None] | None:
    """Return host and port, the host in lower case and without a root dot; None where it is malformed."""
    found = _AUTHORITY.fullmatch(authority)
    return _host_and_port(found) if found else None


def split_origin(origin: str) -> Origin | None:
    """Return the parts of an Origin header; None where it is malformed or opaque (``null``)."""
    found = _ORIGIN.fullmatch(origin)
    parts = _host_and_port(found) if found else None
    if found is None or parts is None:
        return None
    scheme = found["scheme"].lower()
    port = parts[1] or DEFAULT_PORTS.get(scheme)
    return Origin(scheme, parts[0], port) if port else None


class HttpUrl(NamedTuple):
    """The parts of an http or https URL.

    ``host`` is a name or a literal address, IPv6 without brackets; ``path`` includes the query.
    """

    scheme: str
    host: str
    port: int
    path: str = "/"

    @property
    def origin(self) -> str:
        """The origin, which is also how a person reads the server's address."""
        return str(Origin(self.scheme, bracketed(self.host), self.port))

    @property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        return self.origin.partition("://")[2]

    @property
    def secure(self) -> bool:
        """Whether it is served over HTTPS."""
        return self.scheme == "https"


def split_url(url: str) -> HttpUrl:
    """Return the parts of an absolute URL.

    Raises:
        ValueError: it is no http or https URL; the text says why.
    """
    if _UNPRINTABLE.search(url):
        raise ValueError("it holds a space or a control character")
    if "://" not in url:
        raise ValueError("it does not begin with http:// or https://")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("it is malformed") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError("it is neither http nor https")
    host = _wire_name(parts.hostname or "")
    if host is None:
        raise ValueError("it names no valid host")
    try:
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:
        port = 0
    if not port:
        raise ValueError("its port is not a number from 1 to 65535")
    return HttpUrl(parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def normal_origins(origins: Iterable[str]) -> frozenset[str]:
    """Return the origins that ``--allow-origin`` names in their normal form.

    Raises:
        ValueError: one of them is no origin; it is the exception's text.
    """
    found: set[str] = set()
    for origin in origins:
        parsed = split_origin(origin.rstrip("/"))
        if parsed is None:
            raise ValueError(origin)
        found.add(str(parsed))
    return frozenset(found)


def is_local(name: str) -> bool:
    """Return whether a name always means this machine: ``localhost``, names under ``.localhost`` (RFC 6761,
    section 6.3) and ``.test``, and literal loopback addresses."""
    return name == "localhost" or name.endswith((".localhost", ".test")) or is_loopback(name)


def is_loopback(address: str) -> bool:
    """Return whether ``address`` is a literal loopback address, of either family."""
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def normal_address(name: str) -> str:
    """Return an address as :mod:`ipaddress` writes it, and a name as it is."""
    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return name


def bracketed(address: str) -> str:
    """Return a host as a URL has it, with brackets around an IPv6 address (RFC 3986, section 3.2.2)."""
    return f"[{address}]" if ":" in address else address


def _wire_name(host: str) -> str | None:
    """Return ``host`` as it goes over the wire; None where it cannot be a host."""
    try:
        if ":" in host:
            return str(ipaddress.IPv6Address(host))
        name = host if host.isascii() else host.encode("idna").decode()
        if re.fullmatch(r"[\d.]+", name):
            return str(ipaddress.ip_address(name))
        name.encode("idna")  # a label may be empty or too long
    except ValueError:  # a UnicodeError is one
        return None
    return name.lower() if _NAME.fullmatch(name) else None


def _host_and_port(found: re.Match[str]) -> tuple[str, int | None] | None:
    port = int(found["port"]) if found["port"] else None
    name = found["host"].lower().removesuffix(".")
    if not name or (port is not None and not 0 < port < 65536):
        return None
    return name, port
