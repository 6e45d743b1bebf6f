"""Who may ask for what: pure decisions over the headers of a request.

A dev server reads a person's disk and listens on their machine, where every web page in their browser
can reach it. Two headers tell a page of theirs from a foreign one, and browsers let no page forge them:
Host, which a name that is rebound to 127.0.0.1 still bears (DNS rebinding), and Origin, which every
WebSocket handshake carries (RFC 6455, section 10.2; CVE-2018-14732, CVE-2025-24010).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PRIVATE = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""The headers of an answer that is for one reader only."""

_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(?P<port>\d{1,5}))?")
_ORIGIN = re.compile(rf"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>{_AUTHORITY.pattern})", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused, and which flag would allow it; ``status`` is the HTTP answer."""

    status: int
    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules of one server.

    ``bound`` is the host the server was told to listen on; ``hosts`` and ``origins`` are what the user
    allows beyond it, as given to ``--allow-host`` and ``--allow-origin``.
    """

    bound: str = "localhost"
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    public: bool = False
    """Whether any Host will do as long as ``hosts`` names none: there is nothing to hide."""
    lan: frozenset[str] = frozenset()
    """Literal addresses of this machine that other devices use, and their pages as Origin, on any port."""

    def refuse_host(self, host: str | None) -> Refusal | None:
        """Refuse a request whose Host is not a name of this machine (421, RFC 9110, section 15.5.20)."""
        parsed = split_authority(host or "")
        if parsed is None:
            return Refusal(400, "a malformed or missing Host header", "")
        name = parsed[0]
        if self.public and not self.hosts:
            return None
        if self._is_ours(name) or name == self.bound.lower() or name in self.hosts:
            return None
        return Refusal(421, f"the host {name} is not one of ours", f"--allow-host {name}")

    def refuse_socket(self, origin: str | None, host: str | None, peer: str | None) -> Refusal | None:
        """Refuse a reload socket for a page of foreign origin.

        Same origin, a local name or address on any port (a script tag beside another dev server) and
        ``--allow-origin`` pass; without an Origin it is no browser, and passes from this machine only.
        ``null``, the Origin of sandboxed frames and local files, is foreign.
        """
        if origin is None:
            if peer is not None and is_loopback(peer):
                return None
            return Refusal(403, "a socket without an Origin from another machine", "")
        parsed = split_origin(origin)
        if parsed is None:
            return Refusal(403, "a malformed or opaque Origin", "")
        scheme, name, port = parsed
        if self._is_ours(name) or _same(parsed, host) or _written(scheme, name, port) in self.origins:
            return None
        shown = _written(scheme, name, port)
        return Refusal(403, f"pages of {shown} are foreign", f"--allow-origin {shown}")

    def refuse_onlooker(self, origin: str | None, host: str | None, peer: str | None) -> Refusal | None:
        """Refuse a socket that shows what this server knows to all but its own pages, and programs here."""
        if origin is None:
            return self.refuse_socket(origin, host, peer)
        parsed = split_origin(origin)
        if parsed is None or not _same(parsed, host):
            return Refusal(403, "a socket for a page of another origin", "")
        return None

    def refuse_embedding(self, site: str | None, mode: str | None) -> Refusal | None:
        """Refuse a file to a page of another site that would run or show it unread, as a script tag does
        (CVE-2025-30359, CVE-2026-6402)."""
        if site == "cross-site" and mode == "no-cors":
            return Refusal(403, "a file for a page of another site", "")
        return None

    def refuse_reader(self, headers: Mapping[str, str]) -> Refusal | None:
        """Refuse what only pages of ours may read to a page of another origin (Fetch Metadata)."""
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site", "none")
        if site not in ("none", "same-origin") and headers.get("sec-fetch-mode") != "navigate":
            return Refusal(403, "a request from another origin", "")
        if origin is not None:
            parsed = split_origin(origin)
            if parsed is None or not _same(parsed, headers.get("host")):
                return Refusal(403, "a request from another origin", "")
        return None

    def _is_ours(self, name: str) -> bool:
        return is_local(name) or (bool(self.lan) and _literal(name) in self.lan)


def is_local(name: str) -> bool:
    """Whether a host name always means this machine: ``localhost``, names under ``.localhost`` (RFC 6761,
    section 6.3) and ``.test``, and literal loopback addresses."""
    return name == "localhost" or name.endswith((".localhost", ".test")) or is_loopback(name)


def is_loopback(address: str) -> bool:
    """Whether ``address`` is a literal loopback address, of either family."""
    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def _literal(name: str) -> str:
    """An address as :mod:`ipaddress` writes it; a name as it is."""
    try:
        return str(ipaddress.ip_address(name.strip("[]")))
    except ValueError:
        return name


def split_authority(authority: str) -> tuple[str, int | None] | None:
    """Host name, in lower case and without a root dot, and port; None where it is malformed."""
    found = _AUTHORITY.fullmatch(authority)
    return _parts(found) if found else None


def split_origin(origin: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an Origin header; None where it is malformed or opaque (``null``)."""
    found = _ORIGIN.fullmatch(origin)
    parts = _parts(found) if found else None
    if found is None or parts is None:
        return None
    scheme = found["scheme"].lower()
    port = parts[1] or _DEFAULT_PORTS.get(scheme)
    return (scheme, parts[0], port) if port else None


def normal_origins(origins: Iterable[str]) -> frozenset[str]:
    """What ``--allow-origin`` names, as :class:`Guard` compares it.

    Raises:
        ValueError: one of them is no origin; it is the exception's text.
    """
    found: set[str] = set()
    for origin in origins:
        parsed = split_origin(origin.rstrip("/"))
        if parsed is None:
            raise ValueError(origin)
        found.add(_written(*parsed))
    return frozenset(found)


def _parts(found: re.Match[str]) -> tuple[str, int | None] | None:
    port = int(found["port"]) if found["port"] else None
    name = found["host"].lower().removesuffix(".")
    if not name or (port is not None and not 0 < port < 65536):
        return None
    return name, port


def _same(origin: tuple[str, str, int], host: str | None) -> bool:
    parsed = split_authority(host or "")
    if parsed is None:
        return False
    scheme, name, port = origin
    return parsed == (name, port) or (parsed == (name, None) and port == _DEFAULT_PORTS.get(scheme))


def _written(scheme: str, name: str, port: int) -> str:
    return f"{scheme}://{name}" if port == _DEFAULT_PORTS.get(scheme) else f"{scheme}://{name}:{port}"
