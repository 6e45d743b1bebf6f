"""Where requests go: one server, and the names under which it may speak of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from livereload_loc.errors import BadUpstream
from livereload_loc.httputil.hosts import DEFAULT_PORTS, bracketed

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")  # noqa: S104 - a name, nothing is bound
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True)
class UpstreamTarget:
    """The server at ``host`` (a name or a literal address, IPv6 without brackets) and ``port``."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, url: str) -> UpstreamTarget:
        """Return the server that ``url`` names by scheme, host and at most a port and a final slash.

        Raises:
            BadUpstream: it is no such URL; the error says why.
        """
        if _UNPRINTABLE.search(url):
            raise BadUpstream(url, "it holds a space or a control character")
        if "://" not in url:
            raise BadUpstream(url, "it does not begin with http:// or https://")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise BadUpstream(url, "it is malformed") from None
        if parts.scheme not in ("http", "https"):
            raise BadUpstream(url, "it is neither http nor https")
        if "@" in parts.netloc:
            raise BadUpstream(url, "a user name or password in it would go nowhere")
        if parts.path not in ("", "/") or "?" in url or "#" in url:
            raise BadUpstream(url, "a whole server is proxied, not a path of it")
        if port == 0:
            raise BadUpstream(url, "port 0 is no port")
        host = _host(parts.hostname or "")
        if host is None:
            raise BadUpstream(url, "it names no valid host")
        return cls(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])

    @cached_property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        name = bracketed(self.host)
        return name if self.port == DEFAULT_PORTS[self.scheme] else f"{name}:{self.port}"

    @cached_property
    def url(self) -> str:
        """The origin (RFC 6454), which is also what a person reads."""
        return f"{self.scheme}://{self.authority}"

    @property
    def secure(self) -> bool:
        """Whether it is served over HTTPS."""
        return self.scheme == "https"

    @cached_property
    def names(self) -> frozenset[str]:
        """Its host under all its names: a server on this machine may call itself by any loopback name."""
        own = bracketed(self.host)
        return frozenset(_LOOPBACK) if own in _LOOPBACK else frozenset([own])


def _host(name: str) -> str | None:
    """Return ``name`` as it goes over the wire; None where it cannot be a host."""
    if ":" in name:
        try:
            return str(IPv6Address(name))
        except ValueError:
            return None
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        return None
    if not _NAME.fullmatch(name):
        return None
    if re.fullmatch(r"[\d.]+", name):
        try:
            return str(ip_address(name))
        except ValueError:
            return None
    return name.lower()
