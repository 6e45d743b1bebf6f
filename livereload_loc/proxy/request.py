"""A request as the upstream will see it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import Scope

from livereload_loc.httputil.headers import Headers, get
from livereload_loc.proxy.header_rules import browser_address
from livereload_loc.proxy.target import UpstreamTarget

_TARGET = re.compile(rb"/[^\x00-\x20\x7f]*|\*")


class ProxyRequest:
    """What a proxy needs of an ASGI scope."""

    __slots__ = ("address", "headers", "method", "peer", "target")

    def __init__(self, scope: Scope, upstream: UpstreamTarget) -> None:
        self.headers: Headers = scope["headers"]
        self.method: str = scope.get("method", "GET")
        self.address = browser_address(scope["scheme"], get(self.headers, b"host") or b"", upstream)
        client = scope.get("client")
        self.peer: str | None = client[0] if client else None
        query: bytes = scope["query_string"]
        self.target: bytes = scope["raw_path"] + b"?" + query if query else scope["raw_path"]
        """The request target, byte for byte as it came."""

    @property
    def proper(self) -> bool:
        """Whether the target is a path: what names another server, or breaks the line, goes nowhere
        (CVE-2026-44578)."""
        return _TARGET.fullmatch(self.target) is not None

    def head(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Return the start of the request with ``headers``."""
        lines = [b"%s %s HTTP/1.1" % (self.method.encode("latin-1"), self.target)]
        lines += [name + b": " + value for name, value in headers]
        return b"\r\n".join(lines) + b"\r\n\r\n"
