"""Where in a document the script tag goes: where the head begins, and nowhere else.

The place is right behind ``<head ...>``, or before whatever makes the parser open the head by itself
(HTML standard, sections 13.2.6.4.1 to 13.2.6.4.3). There the tag changes neither the mode nor the tree
of the document but for its own element.
"""

from __future__ import annotations

import re
from enum import Enum

from livereload_loc.inject.html.tokenizer import RAW_TEXT, Token, raw_text_end, token

PRESCAN = 1024
"""Browsers look for ``<meta charset>`` in so many bytes (HTML standard, section 13.2.3.2)."""

_OPENS_HEAD = frozenset([b"head", b"body", b"html", b"br"])
_IN_HEAD = RAW_TEXT - {b"textarea", b"xmp", b"iframe", b"noembed"} | {
    b"base",
    b"basefont",
    b"bgsound",
    b"link",
    b"meta",
}
_FOREIGN = frozenset([b"svg", b"math", b"template", b"select", b"frameset", b"plaintext"])
_CHARSET = re.compile(rb"charset[\t\n\f\r ]*=", re.IGNORECASE)


class SearchResult(Enum):
    """What is known when the place is not."""

    MORE = "the place may lie in what has not come yet"
    NOWHERE = "the document ends where no tag can stand"


class InsertionPointSearch:
    """Looks for the place in a document that grows; ``room`` is the length of the tag in bytes.

    Where the document's encoding is ``declared``, by a byte order mark or by its Content-Type, a
    ``<meta charset>`` may be pushed as far back as it takes.
    """

    def __init__(self, start: int, room: int, *, declared: bool) -> None:
        self._at = start
        self._room = room
        self._declared = declared
        self._place: int | None = None

    def step(self, data: bytes, *, ended: bool) -> int | SearchResult:
        """The place in ``data``, which holds all that was there before; ``ended`` if nothing follows."""
        if self._place is None:
            found = self._head(data, ended)
            if isinstance(found, SearchResult):
                return found
            self._place = found
        return self._place if self._declared else self._spare_charset(data, self._place, ended)

    def _head(self, data: bytes, ended: bool) -> int | SearchResult:
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
        """``place``, or right behind the ``<meta charset>`` that the tag would push out of sight."""
        ended = ended or len(data) >= PRESCAN
        at, in_head = place, True
        while at < min(len(data), PRESCAN):
            read = token(data, at)
            if not isinstance(read, Token):
                break
            in_head = in_head and _stays_in_head(read)
            if _declares_charset(read):
                pushed = read.end <= PRESCAN < read.end + self._room
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
    """Whether the parser, before the head, opens it at this token."""
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
    attributes = dict(reversed(read.attributes))  # the first of two attributes of one name counts
    if attributes.get(b"charset"):
        return True
    pragma = attributes.get(b"http-equiv", b"").lower() == b"content-type"
    return pragma and bool(_CHARSET.search(attributes.get(b"content", b"")))
