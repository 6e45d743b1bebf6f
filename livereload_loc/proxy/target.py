"""Where requests go: one server, and the names under which it may speak of itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from livereload_loc.errors import BadUpstream
from livereload_loc.httputil.hosts import LOOPBACK_NAMES, HttpUrl, bracketed, split_url


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
        try:
            parts = split_url(url)
        except ValueError as error:
            raise BadUpstream(url, str(error)) from None
        if "@" in url:
            raise BadUpstream(url, "a user name or password in it would go nowhere")
        if parts.target != "/" or "?" in url or "#" in url:
            raise BadUpstream(url, "a whole server is proxied, not a path of it")
        return cls(parts.scheme, parts.host, parts.port)

    @cached_property
    def authority(self) -> str:
        """Host and port as a Host header has them."""
        return HttpUrl(self.scheme, self.host, self.port).authority

    @cached_property
    def url(self) -> str:
        """The origin (RFC 6454), which is also what a person reads."""
        return HttpUrl(self.scheme, self.host, self.port).origin

    @property
    def secure(self) -> bool:
        """Whether it is served over HTTPS."""
        return self.scheme == "https"

    @cached_property
    def names(self) -> frozenset[str]:
        """Its host under all its names: a server on this machine may call itself by any loopback name."""
        return frozenset(map(bracketed, LOOPBACK_NAMES if self.host in LOOPBACK_NAMES else (self.host,)))
