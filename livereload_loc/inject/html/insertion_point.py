"""Finds where in a document the script tag goes: where the head begins, and nowhere else.

The place is right after ``<head ...>``, or before whatever makes the parser open the head by itself
(HTML standard, sections 13.2.6.4.1 to 13.2.6.4.3). There the tag changes neither the mode nor the tree
of the document, except for its own element.
"""

from __future__ import annotations

import re
from enum import Enum

from livereload_loc.inject.html.tokenizer import RAW_TEXT, Token, raw_text_end, token

# Browsers look for <meta charset> in this many bytes (HTML standard, section 13.2.3.2).
PRESCAN = 1024

_OPENS_HEAD = frozenset([b"head", b"body", b"html", b"br"])
_IN_HEAD = RAW_TEXT - {b"textarea", b"xmp", b"iframe", b"noembed"} | {
    *(b"base", b"basefont", b"bgsound", b"link", b"meta")
}
_FOREIGN = frozenset([b"svg", b"math", b"template", b"select", b"frameset", b"plaintext"])
_CHARSET = re.compile(rb"charset[\t\n\f\r ]*=", re.IGNORECASE)


class SearchResult(Enum):
    """What a search found instead of a place."""

    MORE = "the place may lie in what has not come yet"
    NOWHERE = "the document ends where no tag can be"


class InsertionPointSearch:
    """Searches a document that grows, from its byte ``start`` on, for a tag of ``tag_length`` bytes.

    Where the document's encoding is ``declared``, by a byte order mark or by its Content-Type, a
    ``<meta charset>`` may be pushed back as far as the tag takes.
    """

    def __init__(self, start: int, tag_length: int, *, declared: bool) -> None:
        self._at = start
        self._tag_length = tag_length
        self._declared = declared
        self._place: int | None = None

    def advance(self, data: bytes, *, ended: bool) -> int | SearchResult:
        """Return the place in ``data``, which holds the whole document so far; ``ended``: nothing follows."""
        if self._place is None:
            found = self._find_head(data, ended)
            if isinstance(found, SearchResult):
                return found
            self._place = found
        return self._place if self._declared else self._spare_charset(data, self._place, ended)

    def _find_head(self, data: bytes, ended: bool) -> int | SearchResult:
        while self._at < len(data):
            read = token(data, self._at)
            if not isinstance(read, Token):
                if not ended:
                    return SearchResult.MORE
                if read == "space":
                    return len(data)
                return SearchResult.NOWHERE if read in ("comment", "doctype") else self._at
            if _begins_head(read):
                return read.end if (read.kind, read.name) == ("start", b"head") else read.start
            self._at = read.end
        return self._at if ended else SearchResult.MORE

    def _spare_charset(self, data: bytes, place: int, ended: bool) -> int | SearchResult:
        """Return ``place``, or the end of the ``<meta charset>`` that the tag would push past PRESCAN."""
        ended = ended or len(data) >= PRESCAN
        at, in_head = place, True
        while at < min(len(data), PRESCAN):
            read = token(data, at)
            if not isinstance(read, Token):
                break
            in_head = in_head and _stays_in_head(read)
            if _declares_charset(read):
                pushed = read.end <= PRESCAN < read.end + self._tag_length
                return read.end if pushed else place
            if read.kind == "start" and read.name in _FOREIGN:
                return place
            at = read.end
            if read.kind == "start" and read.name in RAW_TEXT:
                end = raw_text_end(data, at, read.name)
                if end is None:
                    break
                at = end
        return place if ended or not in_head else SearchResult.MORE


def _begins_head(read: Token) -> bool:
    """Return whether the parser, before the head, opens it at this token."""
    if read.kind == "start":
        return read.name != b"html"
    if read.kind == "end":
        return read.name in _OPENS_HEAD
    return read.kind == "text"


def _stays_in_head(read: Token) -> bool:
    if read.kind == "start":
        return read.name in _IN_HEAD
    return read.kind in ("space", "comment", "doctype") or (read.kind == "end" and read.name in _IN_HEAD)


def _declares_charset(read: Token) -> bool:
    if (read.kind, read.name) != ("start", b"meta"):
        return False
    attributes = dict(reversed(read.attributes))  # of two attributes with one name the first counts
    if attributes.get(b"charset"):
        return True
    pragma = attributes.get(b"http-equiv", b"").lower() == b"content-type"
    return pragma and bool(_CHARSET.search(attributes.get(b"content", b"")))
