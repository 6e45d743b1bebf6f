"""Decides which requests and sockets are let in, by their headers alone. Pure.

A dev server reads a person's disk and listens on their machine, where every web page in their browser
can reach it. Two headers tell a page of theirs from a foreign one, and browsers let no page forge them:
Host, which a name that is rebound to 127.0.0.1 still has (DNS rebinding), and Origin, which every
WebSocket handshake carries (RFC 6455, section 10.2; CVE-2018-14732, CVE-2025-24010).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livereload_loc.httputil.hosts import is_local, is_loopback, normal_address, split_authority, split_origin

# The headers of a response that is for one reader only.
PRIVATE = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason to refuse a request; ``status`` is the HTTP status.

    ``option`` with ``value`` would let it in, as ``--allow-host`` with ``shop.example``; both may be empty.
    """

    status: int
    reason: str
    option: str = ""
    value: str = ""

    @property
    def flag(self) -> str:
        """The option and its value, ready to paste."""
        return f"{self.option} {self.value}".rstrip()

    @property
    def text(self) -> str:
        """The reason, and how to let it in, for the body of a response."""
        cure = f" To allow it, start loc-dev with {self.flag}" if self.option else ""
        return f"Refused: {self.reason}.{cure}\n"

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the response; a 401 has to name a way to log in (RFC 9110, section 11.6.1)."""
        login = {"WWW-Authenticate": 'Basic realm="loc-dev", charset="UTF-8"'}
        return PRIVATE | login if self.status == 401 else PRIVATE


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules of one server.

    ``bound`` is the host the server was told to listen on; ``hosts`` and ``origins`` are what the user
    allows beyond it, as given to ``--allow-host`` and ``--allow-origin``. A ``public`` server has nothing to
    hide: it takes any Host, unless ``hosts`` names some. ``lan`` are the addresses of this machine that other
    devices use; pages from there are local on any port.
    """

    bound: str = "localhost"
    hosts: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    public: bool = False
    lan: frozenset[str] = frozenset()

    def refuse_host(self, host: str | None) -> Refusal | None:
        """Refuse a request whose Host is not a name of this machine (421, RFC 9110, section 15.5.20)."""
        parsed = split_authority(host or "")
        if parsed is None:
            return Refusal(400, "the Host header is missing or malformed")
        name = parsed[0]
        if self.public and not self.hosts:
            return None
        if self._is_ours(name) or name == self.bound.lower() or name in self.hosts:
            return None
        return Refusal(421, f"{name} is not a name of this server", "--allow-host", name)

    def refuse_socket(self, origin: str | None, host: str | None, peer: str | None) -> Refusal | None:
        """Refuse a reload socket to a page of foreign origin.

        Same origin, a local name or address on any port (a script tag beside another dev server) and
        ``--allow-origin`` pass. A client without an Origin is no browser, and passes from this machine only.
        ``null``, the Origin of sandboxed frames and local files, is foreign.
        """
        if origin is None:
            if peer is not None and is_loopback(peer):
                return None
            return Refusal(403, "a socket from another machine needs an Origin header")
        parsed = split_origin(origin)
        if parsed is None:
            return Refusal(403, "the Origin header is malformed or opaque")
        if self._is_ours(parsed.host) or parsed.is_at(host) or str(parsed) in self.origins:
            return None
        return Refusal(403, f"{parsed} is a foreign origin", "--allow-origin", str(parsed))

    def refuse_onlooker(self, origin: str | None, host: str | None, peer: str | None) -> Refusal | None:
        """Refuse the status socket to all but this server's own pages and programs on this machine."""
        if origin is None:
            return self.refuse_socket(origin, host, peer)
        return None if _is_same_origin(origin, host) else Refusal(403, _FOREIGN)

    def refuse_embedding(self, site: str | None, mode: str | None) -> Refusal | None:
        """Refuse a file to a page of another site that would run or show it unread, as a script tag does
        (CVE-2025-30359, CVE-2026-6402)."""
        if site == "cross-site" and mode == "no-cors":
            return Refusal(403, "a page of another site asks for this file")
        return None

    def refuse_reader(self, headers: Mapping[str, str]) -> Refusal | None:
        """Refuse what only this server's pages may read to a page of another origin (Fetch Metadata)."""
        site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
        is_foreign = site not in ("none", "same-origin") and headers.get("sec-fetch-mode") != "navigate"
        if is_foreign or (origin is not None and not _is_same_origin(origin, headers.get("host"))):
            return Refusal(403, _FOREIGN)
        return None

    def _is_ours(self, name: str) -> bool:
        return is_local(name) or (bool(self.lan) and normal_address(name) in self.lan)


_FOREIGN = "the request comes from another origin"


def _is_same_origin(origin: str, host: str | None) -> bool:
    parsed = split_origin(origin)
    return parsed is not None and parsed.is_at(host)
