"""Content Security Policy: what a page's policy has to allow for our script and its socket, and no more.

A policy is widened for one response. Where it names a nonce, the tag bears it; no nonce is added where
there was none, for that would switch ``'unsafe-inline'`` off (CSP 3, section 6.7.3.2).
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
_WORD = re.compile(r"[^\t\n\f\r ]+")  # what else is white space elsewhere is a letter here
_UPGRADES = {
    "http": {"http", "https"},
    "ws": {"ws", "wss", "http", "https"},
    "wss": {"wss", "https"},
}
_SCRIPT = ("script-src-elem", "script-src", "default-src")
_CONNECT = ("connect-src", "default-src")


@dataclass(frozen=True, slots=True)
class TagRequirements:
    """What the tag needs of a page: absolute URLs of the page, of the folder that the script and its parts
    are in, and of the socket; ``digest`` is that of the script, as ``sha256-...``."""

    page: str
    script: str
    socket: str
    digest: str


@dataclass(slots=True)
class WidenedPolicies:
    """Policies as they go out, and the attributes that the tag needs to satisfy them."""

    policies: list[str]
    attributes: dict[str, str] = field(default_factory=dict)


def widen(policies: Iterable[str], needs: TagRequirements) -> WidenedPolicies:
    """Each header value of ``policies`` with what ``needs`` lacks in it; all of them have to agree."""
    widened = WidenedPolicies([])
    for header in policies:
        widened.policies.append(",".join(_widen_one(policy, needs, widened) for policy in header.split(",")))
    return widened


def _widen_one(policy: str, needs: TagRequirements, widened: WidenedPolicies) -> str:
    parsed = _Policy(policy)
    parsed.allow(_SCRIPT, _script_sources(parsed.sources(_SCRIPT), needs, widened))
    connect = parsed.sources(_CONNECT)
    if connect is not None:
        # The socket, and the assets of the page that are fetched past the cache before a reload.
        missing = [] if _matches(connect, needs.page, needs.page) else ["'self'"]
        if not _matches([*connect, *missing], needs.socket, needs.page):
            missing.append(_source(needs.socket, needs.page))
        parsed.allow(_CONNECT, missing)
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
    if "'strict-dynamic'" in lowered:  # addresses count for nothing beside it, a digest does
        widened.attributes["integrity"] = needs.digest
        digest = f"'{needs.digest}'"
        return [] if digest in sources else [digest]
    return [] if _matches(sources, needs.script, needs.page) else [_source(needs.script, needs.page)]


def _source(url: str, page: str) -> str:
    """The narrowest source that allows ``url``. None can name a host by its IPv6 address (section 2.3.1)."""
    if "[" not in url:
        return url
    return "'self'" if _matches(["'self'"], url, page) else f"{urlsplit(url).scheme}:"


def forbids_scripts(policies: Iterable[str]) -> bool:
    """Whether no script runs whatever the sources are: ``sandbox`` without ``allow-scripts``.

    Only of policies that are enforced; one that reports has no ``sandbox``.
    """
    for header in policies:
        for policy in header.split(","):
            sandbox = _Policy(policy).sources(("sandbox",))
            if sandbox is not None and "allow-scripts" not in map(str.lower, sandbox):
                return True
    return False


class _Policy:
    """One policy, of which only what has to change is written anew."""

    def __init__(self, text: str) -> None:
        self.text = text

    def sources(self, names: Sequence[str]) -> list[str] | None:
        """The sources of the first directive of ``names`` that is there; None: nothing is restricted."""
        found = self._find(names)
        return _WORD.findall(found[1])[1:] if found else None

    def allow(self, names: Sequence[str], sources: Sequence[str]) -> None:
        """Add ``sources`` to the directive in force; one that is made from ``default-src`` stands alone."""
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
            if first and directive.isascii():  # browsers pass over all others
                present.setdefault(first[0].lower(), (position, directive))
        return next((present[name] for name in names if name in present), None)


def _matches(sources: Iterable[str], url: str, page: str) -> bool:
    """Whether one of ``sources`` allows ``url`` to a page at ``page`` (CSP 3, section 6.7.2.8)."""
    wanted, own = urlsplit(url), urlsplit(page)
    return any(_source_matches(source, wanted, own) for source in sources)


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
    allowed = _UPGRADES.get(scheme, {scheme})
    return (
        url.scheme in allowed
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
    if not pattern:
        return True
    return path.startswith(pattern) if pattern.endswith("/") else path == pattern


def _port(url: SplitResult) -> int | None:
    return url.port or DEFAULT_PORTS.get(url.scheme)
