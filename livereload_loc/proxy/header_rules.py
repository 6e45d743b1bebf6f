"""What a proxy changes in the headers that pass through it (RFC 9110, section 7.6), and nothing else.

Headers are lists of pairs of bytes with names in lower case, as ASGI has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from livereload_loc.httputil.headers import HeaderList, Headers, get, tokens
from livereload_loc.httputil.hosts import DEFAULT_PORTS, is_loopback, split_authority
from livereload_loc.proxy.target import UpstreamTarget

_HOP_BY_HOP = frozenset(
    (b"connection", b"proxy-connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
_FRAMING = frozenset((b"host", b"content-length"))  # what no Connection header may take away

_FORWARDED = frozenset((b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"))
_WEBSOCKET = frozenset(
    (b"sec-websocket-key", b"sec-websocket-version", b"sec-websocket-extensions", b"sec-websocket-accept")
)
# What an origin says of itself and browsers remember: of us it would be wrong, and HSTS for localhost would
# lock all other dev servers out.
_OF_UPSTREAM = frozenset((b"strict-transport-security", b"alt-svc"))

_BODILESS = (204, 304)
_URL = re.compile(rb"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*:)?//(?P<authority>[^/?#\\\s]*)(?=[/?#]|$)")
_REFRESH = re.compile(
    rb"(?P<before>\s*[\d.]*\s*[;,]?\s*url\s*=\s*['\"]?)(?P<url>.*)", re.IGNORECASE | re.DOTALL
)
_PREFIXED = re.compile(rb"\s*__(secure|host)-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BrowserAddress:
    """The address at which the browser reached us: http or https, and its Host header."""

    scheme: str
    host: str

    @property
    def origin(self) -> str:
        """The origin of its pages."""
        return f"{self.scheme}://{self.host}"


@lru_cache(maxsize=64)  # a browser has few names for us
def browser_address(scheme: str, host: bytes, target: UpstreamTarget) -> BrowserAddress:
    """Return it from the scheme (also ``ws`` or ``wss``) and the Host header, where that is proper; else with
    the host of ``target``."""
    named = host.decode("latin-1")
    secure = scheme in ("https", "wss")
    return BrowserAddress(
        "https" if secure else "http", named if split_authority(named) else target.authority
    )


class HeaderRules:
    """The rules for one upstream. ``change_origin`` names it to itself instead of us."""

    def __init__(self, target: UpstreamTarget, *, change_origin: bool = False) -> None:
        self._target, self._change_origin = target, change_origin
        self._authority = target.authority.encode()
        self._origin = target.origin.encode()

    def request(self, headers: Headers, address: BrowserAddress, peer: str | None) -> HeaderList:
        """Return the headers that the upstream gets, Host first, without a Transfer-Encoding."""
        headers = _end_to_end(headers)
        host = address.host.encode("latin-1")
        edited = [(b"host", self._authority if self._change_origin else host)]
        for name, value in headers:
            if self._change_origin and name in (b"origin", b"referer"):
                value = self._as_upstream(value, address)
            if name != b"host" and name not in _FORWARDED:
                edited.append((name, value))
        hops = [value for name, value in headers if name == b"x-forwarded-for"]
        if peer:
            hops.append(peer.encode("latin-1", "replace"))
        if hops:
            edited.append((b"x-forwarded-for", b", ".join(hops)))
        # A proxy in front of us knows better how the browser came.
        edited.append((b"x-forwarded-host", get(headers, b"x-forwarded-host") or host))
        edited.append((b"x-forwarded-proto", get(headers, b"x-forwarded-proto") or address.scheme.encode()))
        return edited

    def handshake(self, headers: Headers, address: BrowserAddress, peer: str | None) -> HeaderList:
        """Return the headers of a WebSocket's request, without those that belong to one connection only."""
        return [pair for pair in self.request(headers, address, peer) if pair[0] not in _WEBSOCKET]

    def response(self, status: int, headers: Headers, address: BrowserAddress) -> HeaderList:
        """Return the headers that the browser gets."""
        chunked = get(headers, b"transfer-encoding") is not None
        unframed = {b"content-length"} if chunked or status in _BODILESS else frozenset[bytes]()
        edited = []
        for name, value in _end_to_end(headers):
            if name in unframed or name in _OF_UPSTREAM:
                continue
            if name in (b"location", b"content-location"):
                value = self._as_reached(value, address)
            elif name == b"set-cookie":
                value = self._cookie(value, address)
            elif name == b"refresh" and (found := _REFRESH.fullmatch(value)):
                value = found["before"] + self._as_reached(found["url"], address)
            edited.append((name, value))
        return edited

    def accepted(self, headers: Headers, address: BrowserAddress) -> HeaderList:
        """Return the headers with which a WebSocket is accepted, but for the subprotocol."""
        dropped = _WEBSOCKET | {b"sec-websocket-protocol"}
        return [pair for pair in self.response(101, headers, address) if pair[0] not in dropped]

    def _as_reached(self, url: bytes, address: BrowserAddress) -> bytes:
        """Return ``url`` with our origin where it has the upstream's."""
        found = _URL.match(url)
        if found is None:
            return url
        scheme = (found["scheme"] or b"").rstrip(b":").decode().lower() or self._target.scheme
        if scheme != self._target.scheme or not self._is_upstream(found["authority"], address):
            return url
        own = address.origin if found["scheme"] else f"//{address.host}"
        return own.encode("latin-1") + url[found.end() :]

    def _is_upstream(self, authority: bytes, address: BrowserAddress) -> bool:
        named = authority.decode("latin-1").lower()
        if named == address.host.lower():
            return True  # it knows our name from Host, yet not our scheme
        name, port = split_authority(named) or ("", None)
        port = port or DEFAULT_PORTS[self._target.scheme]
        return name in self._target.names and port == self._target.port

    def _as_upstream(self, url: bytes, address: BrowserAddress) -> bytes:
        """Return an Origin or Referer of ours as it would be on the upstream itself."""
        own = address.origin.lower().encode("latin-1")
        start, rest = url[: len(own)], url[len(own) :]
        if start.lower() == own and (not rest or rest[:1] in b"/?#"):
            return self._origin + rest
        return url

    def _cookie(self, cookie: bytes, address: BrowserAddress) -> bytes:
        """Return a cookie that the browser will keep for us; only the attributes in question change.

        Without Secure, SameSite=None and Partitioned would make browsers refuse it, and so would a name
        that promises Secure.
        """
        if b";" not in cookie:
            return cookie
        pair, *attributes = cookie.split(b";")
        unsafe = self._target.secure and address.scheme == "http" and not _PREFIXED.match(pair)
        kept = [pair]
        for attribute in attributes:
            name, _, value = attribute.partition(b"=")
            key = name.strip().lower()
            if unsafe and (
                key in (b"secure", b"partitioned")
                or (key == b"samesite" and value.strip().lower() == b"none")
            ):
                continue
            changed = self._domain(value, address) if key == b"domain" else value
            if changed is not None:
                kept.append(attribute if changed == value else name + b"=" + changed)
        return b";".join(kept)

    def _domain(self, value: bytes, address: BrowserAddress) -> bytes | None:
        """Return a cookie's domain as the browser may take it from us; None where it is best left out."""
        domain = value.strip().decode("latin-1").lower().lstrip(".")
        name = (split_authority(address.host) or ("", None))[0]
        if not domain or domain == name or name.endswith(f".{domain}"):
            return value
        if domain not in self._target.names and not self._target.host.endswith(f".{domain}"):
            return value
        # Browsers take no Domain that is an address or has no dot.
        return None if "." not in name or is_loopback(name) or name[-1:].isdigit() else name.encode()


def has_body(headers: Headers) -> bool:
    """Return whether a request has a body (RFC 9112, section 6)."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0 ") != b"")
        for name, value in headers
    )


def _end_to_end(headers: Headers) -> Headers:
    """Return ``headers`` without those that are for one connection only."""
    dropped = _HOP_BY_HOP | (tokens(headers, b"connection") - _FRAMING)
    return [pair for pair in headers if pair[0] not in dropped]
