"""Which site a page belongs to, and which sites are counted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from livereload_loc.httputil.hosts import DEFAULT_PORTS, split_origin

# The site of pages without an origin: files, sandboxed frames, programs.
LOCAL = "local"
# The longest name in characters: 253 of a host name (RFC 1035, section 2.3.4), and a port.
MAX_NAME = 260

_PATTERN = re.compile(r"(\*\.)?(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(:\d{1,5}|:\*)?")


def site_of(origin: str | None) -> str | None:
    """Return the site of a page with this Origin: its host, and the port unless it is the scheme's own.

    ``http`` and ``https`` are one site. None where the header is malformed.
    """
    if origin is None or origin == "null":
        return LOCAL
    parsed = split_origin(origin)
    if parsed is None or len(origin) > MAX_NAME:
        return None
    scheme, host, port = parsed
    return host if port == DEFAULT_PORTS.get(scheme) else f"{host}:{port}"


class SiteFilter:
    """The sites that are counted: those that a pattern names, or all if there is no pattern.

    ``example.com`` means itself, ``*.example.com`` every name below it, ``example.com:8080`` and
    ``example.com:*`` other ports than the scheme's own, ``local`` pages without an origin.

    Raises:
        ValueError: a pattern is malformed; the exception's text is the pattern.
    """

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self._exact: set[str] = set()
        self._wild: list[re.Pattern[str]] = []
        for pattern in patterns:
            lowered = pattern.lower().removesuffix(".")
            if not _PATTERN.fullmatch(lowered):
                raise ValueError(pattern)
            if "*" in lowered:
                escaped = re.escape(lowered).replace(r"\*\.", r"([a-z0-9_-]+\.)+").replace(r":\*", r"(:\d+)?")
                self._wild.append(re.compile(escaped))
            else:
                self._exact.add(lowered)

    def __contains__(self, site: str) -> bool:
        if not self._exact and not self._wild:
            return True
        return site in self._exact or any(pattern.fullmatch(site) for pattern in self._wild)
