"""The one resolver of request paths: what a target may name below a root, and nothing beside it.

The path is decoded once, normalised, and every part of it tested; then the real path, past all links, has
to lie below the root by its components (CVE-2025-58751, CVE-2023-29159). Query and headers have no say in
it (CVE-2025-30208, CVE-2026-39364).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote_to_bytes

_ILLEGAL = re.compile(rb"[\x00-\x1f\x7f\\]")
"""What no part of a path may hold once it is decoded: control characters, and a separator of Windows."""

_NO_PATH = re.compile(rb"[#?]")
"""What a target's path cannot hold as it is (CVE-2025-32395); the name of a file may, and is sent encoded."""

_SHORT_NAME = re.compile(rb"~[0-9]+(\.|$)")
"""The second name that Windows gives to long ones, by which ``TLS~1.PEM`` names another file."""

_WINDOWS = os.name == "nt"  # where more than links leads elsewhere: junctions, names in another case

_SECRET = b"-key.pem"
"""How mkcert names private keys, which it writes into the folder where one works."""

WELL_KNOWN = b".well-known"
"""The one name with a dot that is served (RFC 8615)."""


@dataclass(frozen=True, slots=True)
class ForbiddenPath:
    """A path that is none of a file's; ``status`` is 400 where it is malformed, 404 where it hides."""

    status: int


@dataclass(frozen=True, slots=True)
class ResolvedPath:
    """A path below the root that may be looked for; ``folder`` says that it was written with a slash.

    ``path`` is absolute and past all links; ``parts`` are those of the request, decoded.
    """

    path: str
    parts: tuple[str, ...]
    folder: bool


class PathResolver:
    """Resolves request paths below ``root``, whose own real path is taken once; ``secret`` is a file that is
    nobody's."""

    def __init__(self, root: str | os.PathLike[str], *, secret: str | None = None) -> None:
        self.root = os.path.realpath(root)
        self._secret = os.path.abspath(secret) if secret else None
        self._prefix = self.root.rstrip(os.sep) + os.sep

    def locate(self, raw_path: bytes) -> ResolvedPath | ForbiddenPath:
        """Where ``raw_path``, a request target without its query as it was sent, lies below the root."""
        parts = split(raw_path)
        if isinstance(parts, ForbiddenPath):
            return parts
        names = tuple(os.fsdecode(part) for part in parts)
        path = os.path.join(self.root, *names)
        if _WINDOWS or self._holds_link(names):
            path = os.path.realpath(path)
            if not self._shows(path):
                return ForbiddenPath(404)
        return ResolvedPath(path, names, raw_path.endswith((b"/", b"/.", b"/..")))

    def is_secret(self, found: os.stat_result) -> bool:
        """Whether the secret was ``found``, under whichever of its names: a hard link, or in another case.

        It is looked at each time, since another file may have taken its place.
        """
        if self._secret is None:
            return False
        try:
            return os.path.samestat(os.stat(self._secret), found)
        except OSError:
            return False

    def _holds_link(self, names: tuple[str, ...]) -> bool:
        """Whether a part of the path is a link; the root itself is none."""
        path = self.root
        for name in names:
            path = os.path.join(path, name)
            if os.path.islink(path):
                return True
        return False

    def _shows(self, path: str) -> bool:
        if path == self.root:
            return True
        inside = PurePosixPath(path[len(self._prefix) :].replace(os.sep, "/")).parts
        return path.startswith(self._prefix) and not any(_hides(os.fsencode(name)) for name in inside)


def split(raw_path: bytes) -> tuple[bytes, ...] | ForbiddenPath:
    """The parts of a path, decoded once and without ``.`` and ``..``."""
    if not raw_path.startswith(b"/") or raw_path.startswith(b"//") or _NO_PATH.search(raw_path):
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
    if any(_hides(part) for part in parts):
        return ForbiddenPath(404)
    return tuple(parts)


def _hides(name: bytes) -> bool:
    """Whether no file of this name is served: that includes what names another one on Windows, or its stream
    there (CVE-2026-53571); elsewhere a colon is a letter like others."""
    return (
        is_private(name)
        or (_WINDOWS and b":" in name)
        or name.endswith((b".", b" "))
        or bool(_SHORT_NAME.search(name))
    )


def is_private(name: bytes) -> bool:
    """Whether a file or folder of this name is nobody's business: a dotfile, or a key that mkcert wrote."""
    return (name.startswith(b".") and name != WELL_KNOWN) or name.lower().endswith(_SECRET)
