"""Resolves request paths to files below a root, and to nothing outside it.

The path is decoded once, normalised, and each of its parts checked; then the real path, with all links
resolved, has to lie below the root by its components (CVE-2025-58751, CVE-2023-29159). Query and headers do
not matter (CVE-2025-30208, CVE-2026-39364).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import accumulate
from urllib.parse import unquote_to_bytes

# Not allowed in a decoded path: control characters, and a separator of Windows.
_ILLEGAL = re.compile(rb"[\x00-\x1f\x7f\\]")

# Not allowed in a path as it is sent (CVE-2025-32395); the name of a file may have them, encoded.
_UNENCODED = re.compile(rb"[#?]")

# The second name that Windows gives to files with long names, such as TLS~1.PEM.
_SHORT_NAME = re.compile(rb"~[0-9]+(\.|$)")

_ON_WINDOWS = os.name == "nt"

# The end of the names of private keys, which mkcert writes into the working folder.
_KEY = b"-key.pem"

# The one name with a dot that is served (RFC 8615).
WELL_KNOWN = b".well-known"


@dataclass(frozen=True, slots=True)
class ForbiddenPath:
    """The ``status`` for a path that is not served: 400 where it is malformed, 404 where it is hidden."""

    status: int


@dataclass(frozen=True, slots=True)
class ResolvedPath:
    """A path below the root, where a file may be or not.

    ``path`` is absolute, with all links resolved; ``parts`` are those of the request, decoded; ``folder``:
    the request ended with a slash.
    """

    path: str
    parts: tuple[str, ...]
    folder: bool


class PathResolver:
    """Resolves request paths below ``root``, whose own real path is taken once.

    ``secret`` is a file that is never served. ``windows``: names follow the rules of Windows, where not only
    links lead elsewhere, but also junctions and names in another case.
    """

    def __init__(
        self, root: str | os.PathLike[str], *, secret: str | None = None, windows: bool = _ON_WINDOWS
    ) -> None:
        self._windows = windows
        self.root = os.path.realpath(root)
        self._secret = os.path.abspath(secret) if secret else None
        self._prefix = self.root.rstrip(os.sep) + os.sep

    def locate(self, raw_path: bytes) -> ResolvedPath | ForbiddenPath:
        """Resolve ``raw_path``, a request target as it was sent, without its query."""
        parts = split(raw_path, windows=self._windows)
        if isinstance(parts, ForbiddenPath):
            return parts
        names = tuple(os.fsdecode(part) for part in parts)
        path = os.path.join(self.root, *names)
        if self._windows or self._has_link(names):
            path = os.path.realpath(path)
            if not self._is_served(path):
                return ForbiddenPath(404)
        return ResolvedPath(path, names, raw_path.endswith((b"/", b"/.", b"/..")))

    def is_secret(self, found: os.stat_result) -> bool:
        """Return whether the secret was ``found``, by any of its names: a hard link, or in another case.

        The secret is examined each time, since another file may have taken its place.
        """
        try:
            return self._secret is not None and os.path.samestat(os.stat(self._secret), found)
        except OSError:
            return False

    def _has_link(self, names: tuple[str, ...]) -> bool:
        paths = accumulate(names, os.path.join, initial=self.root)
        next(paths)  # the root, which is resolved
        return any(map(os.path.islink, paths))

    def _is_served(self, path: str) -> bool:
        if path == self.root:
            return True
        names = path[len(self._prefix) :].split(os.sep)
        return path.startswith(self._prefix) and not any(
            _is_hidden(os.fsencode(name), windows=self._windows) for name in names
        )


def split(raw_path: bytes, *, windows: bool = _ON_WINDOWS) -> tuple[bytes, ...] | ForbiddenPath:
    """Return the parts of a path, decoded once and without ``.`` and ``..``."""
    if not raw_path.startswith(b"/") or raw_path.startswith(b"//") or _UNENCODED.search(raw_path):
        return ForbiddenPath(400)  # //host/share would be a UNC path (CVE-2026-48818)
    decoded = unquote_to_bytes(raw_path)
    if _ILLEGAL.search(decoded) or decoded.startswith(b"//"):
        return ForbiddenPath(400)
    parts: list[bytes] = []
    for part in decoded.split(b"/"):
        if part == b"..":
            if not parts:
                return ForbiddenPath(400)
            parts.pop()
        elif part not in (b"", b"."):
            parts.append(part)
    if any(_is_hidden(part, windows=windows) for part in parts):
        return ForbiddenPath(404)
    return tuple(parts)


def _is_hidden(name: bytes, *, windows: bool) -> bool:
    """Return whether no file of this name is served.

    That includes other names of a file on Windows, or its streams there (CVE-2026-53571); elsewhere a colon
    is a letter like others.
    """
    return (
        is_private(name)
        or (windows and b":" in name)
        or name.endswith((b".", b" "))
        or bool(_SHORT_NAME.search(name))
    )


def is_private(name: bytes) -> bool:
    """Return whether a file or folder of this name is private: a dotfile, or a key that mkcert wrote."""
    return (name.startswith(b".") and name != WELL_KNOWN) or name.lower().endswith(_KEY)
