"""Widens a Content Security Policy by exactly what our script and its socket need.

A policy is widened for one response. Where it has a nonce, the tag gets it. No nonce is added where there
was none: that would switch ``'unsafe-inline'`` off (CSP 3, section 6.7.3.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from livereload_loc.httputil.hosts import DEFAULT_PORTS

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_.-]+)"
    r"(?::(?P<port>\d{1,5}|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)
_SPACE = "\t\n\f\r "
_WORD = re.compile(r"[^\t\n\f\r ]+")  # other white space counts as letters here
_UPGRADES = {
    "http": {"http", "https"},
    "ws": {"ws", "wss", "http", "https"},
    "wss": {"wss", "https"},
}
_SCRIPT = ("script-src-elem", "script-src", "default-src")
_CONNECT = ("connect-src", "default-src")
# The names of the Trusted Types policies that a page may create, and the script's own.
_TYPES, _OUR_TYPES = ("trusted-types",), "loc-dev"


@dataclass(frozen=True, slots=True)
class TagRequirements:
    """What a policy has to allow: absolute URLs of the page, of the folder with the script and its parts, and
    of the socket; ``digest`` is that of the script, as ``sha256-...``."""

    page: str
    script: str
    socket: str
    digest: str


@dataclass(slots=True)
class WidenedPolicies:
    """Widened policies, and the attributes that the tag needs to satisfy them."""

    policies: list[str]
    attributes: dict[str, str] = field(default_factory=dict)


def widen(policies: Iterable[str], needs: TagRequirements) -> WidenedPolicies:
    """Add to each header value of ``policies`` what ``needs`` lacks in it; a page obeys all of them."""
    widened = WidenedPolicies([])
    for header in policies:
        widened.policies.append(",".join(_widen_one(policy, needs, widened) for policy in header.split(",")))
    return widened


def _widen_one(policy: str, needs: TagRequirements, widened: WidenedPolicies) -> str:
    parsed = _Policy(policy)
    parsed.allow(_SCRIPT, _script_sources(parsed.sources(_SCRIPT), needs, widened))
    connect = parsed.sources(_CONNECT)
    if connect is not None:
        # For the socket, and for the page's assets, which are fetched past the cache before a reload.
        missing = [] if _matches(connect, needs.page, needs.page) else ["'self'"]
        if not _matches([*connect, *missing], needs.socket, needs.page):
            missing.append(_source(needs.socket, needs.page))
        parsed.allow(_CONNECT, missing)
    types = parsed.sources(_TYPES)
    if types is not None and {"*", _OUR_TYPES}.isdisjoint(types):
        parsed.allow(_TYPES, [_OUR_TYPES])
    return parsed.text


def _script_sources(
    sources: Sequence[str] | None, needs: TagRequirements, widened: WidenedPolicies
) -> list[str]:
    if sources is None:
        return []
    nonces = [found[1] for source in sources if (found := _NONCE.fullmatch(source))]
    if nonces and widened.attributes.setdefault("nonce", nonces[0]) in nonces:
        return []
    lowered = {source.lower() for source in sources}
    if "'strict-dynamic'" in lowered:  # makes browsers ignore addresses, but not digests
        widened.attributes["integrity"] = needs.digest
        digest = f"'{needs.digest}'"
        return [] if digest in sources else [digest]
    return [] if _matches(sources, needs.script, needs.page) else [_source(needs.script, needs.page)]


def _source(url: str, page: str) -> str:
    """Return the narrowest source that allows ``url``. No source can name an IPv6 address (section 2.3.1)."""
    if "[" not in url:
        return url
    return "'self'" if _matches(["'self'"], url, page) else f"{urlsplit(url).scheme}:"


def forbids_scripts(policies: Iterable[str]) -> bool:
    """Return whether no script may run whatever its source: ``sandbox`` without ``allow-scripts``.

    ``policies`` are enforced ones; browsers ignore ``sandbox`` in one that only reports.
    """
    sandboxes = (_Policy(policy).sources(("sandbox",)) for header in policies for policy in header.split(","))
    return any(words is not None and "allow-scripts" not in map(str.lower, words) for words in sandboxes)


class _Policy:
    """A policy, of which only the directives that have to change are rewritten."""

    def __init__(self, text: str) -> None:
        self.text = text

    def sources(self, names: Sequence[str]) -> list[str] | None:
        """Return the sources of the first directive of ``names`` that is there; None: all are allowed."""
        found = self._find(names)
        return _WORD.findall(found[1])[1:] if found else None

    def allow(self, names: Sequence[str], sources: Sequence[str]) -> None:
        """Add ``sources`` to the directive in force; ``default-src`` is copied to one of its own for it."""
        found = self._find(names)
        if not sources or found is None:
            return
        position, directive = found
        name, *kept = [word for word in _WORD.findall(directive) if word.lower() != "'none'"]
        directives = self.text.split(";")
        if name.lower() == "default-src":
            directives.append(" " + " ".join([names[-2], *kept, *sources]))
        else:
            margin = directive[: len(directive) - len(directive.lstrip(_SPACE))]
            directives[position] = margin + " ".join([name, *kept, *sources])
        self.text = ";".join(directives)

    def _find(self, names: Sequence[str]) -> tuple[int, str] | None:
        present: dict[str, tuple[int, str]] = {}
        for position, directive in enumerate(self.text.split(";")):
            first = _WORD.search(directive)
            if first and directive.isascii():  # browsers ignore all others
                present.setdefault(first[0].lower(), (position, directive))
        return next((present[name] for name in names if name in present), None)


def _matches(sources: Iterable[str], url: str, page: str) -> bool:
    """Return whether one of ``sources`` allows ``url`` to a page at ``page`` (CSP 3, section 6.7.2.8)."""
    url_parts, page_parts = urlsplit(url), urlsplit(page)
    return any(_source_matches(source, url_parts, page_parts) for source in sources)


def _source_matches(source: str, url: SplitResult, page: SplitResult) -> bool:
    if source == "*":
        return True
    if source.lower() == "'self'":
        return url.hostname == page.hostname and _port(url) == _port(page)
    if _SCHEME.fullmatch(source):
        return url.scheme in _UPGRADES.get(source[:-1].lower(), {source[:-1].lower()})
    found = _HOST.fullmatch(source)
    if found is None:
        return False
    scheme = (found["scheme"] or page.scheme).lower()
    return (
        url.scheme in _UPGRADES.get(scheme, {scheme})
        and _host_matches(found["host"].lower(), url.hostname or "")
        and _port_matches(found["port"], url)
        and _path_matches(found["path"], url.path)
    )


def _host_matches(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return pattern == host


def _port_matches(pattern: str | None, url: SplitResult) -> bool:
    if pattern == "*":
        return True
    return _port(url) == (int(pattern) if pattern else DEFAULT_PORTS.get(url.scheme))


def _path_matches(pattern: str | None, path: str) -> bool:
    if not pattern or pattern.endswith("/"):
        return path.startswith(pattern or "")
    return path == pattern


def _port(url: SplitResult) -> int | None:
    return url.port or DEFAULT_PORTS.get(url.scheme)
