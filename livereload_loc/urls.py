"""Our own addresses: below one prefix, so that they fit into any site."""

from __future__ import annotations

__all__ = ["PREFIX", "RELOAD_SCRIPT", "RELOAD_SOCKET", "ROOT_PATH", "is_ours"]

PREFIX = "/_loc"
RELOAD_SCRIPT = f"{PREFIX}/reload.js"
RELOAD_SOCKET = f"{PREFIX}/ws/reload"

# The key under which an ASGI scope keeps the root path of a middleware's request; a mount sets its own.
ROOT_PATH = "livereload_loc.root_path"


def is_ours(path: str) -> bool:
    """Return whether ``path``, that of a URL below the root of the site, is one of ours."""
    return path.startswith(PREFIX) and path[len(PREFIX) :][:1] in ("", "/")
