"""Where requests go: one server, and the names under which it may speak of itself."""

from __future__ import annotations

from livereload_loc.errors import BadUpstream
from livereload_loc.httputil.hosts import LOOPBACK_NAMES, HttpUrl, bracketed, split_url


class UpstreamTarget(HttpUrl):
    """The server that is proxied; its path is ``/``."""

    __slots__ = ()

    @classmethod
    def parse(cls, url: str) -> UpstreamTarget:
        """Return the server that ``url`` names by scheme, host and at most a port and a final slash.

        Raises:
            BadUpstream: it is no such URL; the error says why.
        """
        try:
            target = cls(*split_url(url))
        except ValueError as error:
            raise BadUpstream(url, str(error)) from None
        if "@" in url:
            raise BadUpstream(url, "a user name or password in it would go nowhere")
        if target.path != "/" or "?" in url or "#" in url:
            raise BadUpstream(url, "a whole server is proxied, not a path of it")
        return target

    @property
    def names(self) -> frozenset[str]:
        """Its host under all its names: a server on this machine may call itself by any loopback name."""
        return frozenset(map(bracketed, LOOPBACK_NAMES if self.host in LOOPBACK_NAMES else (self.host,)))
