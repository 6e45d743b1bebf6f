"""Media types of files, and the charset that a browser would otherwise have to guess."""

from __future__ import annotations

import codecs
import mimetypes
import re

from livereload_loc.inject.html.encoding import XML_STARTS

# Types that the system's own tables lack or have wrong; a script needs a JavaScript type to run.
_TYPES = {
    ".avif": "image/avif",
    ".cjs": "text/javascript",
    ".css": "text/css",
    ".htm": "text/html",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp4": "video/mp4",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
    ".xml": "application/xml",
}
_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_system = mimetypes.MimeTypes()
_DECLARES = re.compile(rb"""<meta[^>]*charset|@charset|<\?xml[^>]*encoding""", re.IGNORECASE)


def media_type(path: str) -> str:
    """Return the media type of a file by its name."""
    name = path.rpartition("/")[2]
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix in _TYPES:
        return _TYPES[suffix]
    guessed, coding = _system.guess_type(path)
    # A compressed file is served as what it is, not as what is in it.
    return (_COMPRESSED.get(coding) if coding else guessed) or "application/octet-stream"


def is_text(media: str) -> bool:
    """Return whether ``media`` takes a charset."""
    return media.startswith("text/") or media == "image/svg+xml"


def charset(start: bytes, whole: bool) -> str | None:
    """Return ``utf-8`` where a text that begins with ``start`` is UTF-8 and declares no charset itself."""
    if _DECLARES.search(start[:1024]) or start.startswith(tuple(mark for mark, _ in XML_STARTS)):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start, final=whole)
    except UnicodeDecodeError:
        return None
    return "utf-8"
