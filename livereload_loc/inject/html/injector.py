"""Puts one script tag into an HTML document as its bytes stream through.

All other bytes come out as they went in. Only what stands before the tag's place is held back, so the
first byte of a page leaves as soon as its head has begun.
"""

from __future__ import annotations

from functools import lru_cache

from livereload_loc.inject.html.encoding import DocumentEncoding, begins_open, detect, is_known
from livereload_loc.inject.html.insertion_point import InsertionPointSearch, SearchResult
from livereload_loc.urls import RELOAD_SCRIPT

TAG = f'<script src="{RELOAD_SCRIPT}" async></script>'

MAX_HELD = 1024 * 1024
"""A document whose head has not begun after so many bytes passes unchanged."""

OFTEN = 64 * 1024
"""Up to so many bytes the place is looked for with each piece that comes, beyond that with every sixteenth
part more: a tag with a hundred thousand attributes is read anew each time."""

START, START_DECLARED = 2048, 256


class Injector:
    """Feed it the document piece by piece, then close it; what both give back is the document with the tag.

    ``tag`` is ASCII markup, ``charset`` the label that the document's Content-Type bears, if any.
    A document that ends inside a doctype or a comment, before its head could open, has no place for the
    tag and passes unchanged (HTML standard, section 13.2.6.4).

    >>> page = Injector('<script src="/live.js"></script>', charset="utf-8")
    >>> page.feed(b"<!doctype html><title>Hi") + page.feed(b"</title>") + page.close()
    b'<!doctype html><script src="/live.js"></script><title>Hi</title>'
    >>> page.added
    32
    """

    __slots__ = ("_charset", "_encoding", "_held", "_look_at", "_passing", "_search", "_tag", "added")

    def __init__(self, tag: str = TAG, charset: str | None = None) -> None:
        self.added = 0
        """How many bytes the document has grown by."""
        self._tag = tag
        self._charset = charset
        self._held = b""
        self._encoding: DocumentEncoding | None = None
        self._search: InsertionPointSearch | None = None
        self._look_at = 0
        self._passing = False

    @property
    def passing(self) -> bool:
        """Whether all that follows passes unchanged: the matter is decided."""
        return self._passing

    def feed(self, data: bytes) -> bytes:
        """What may leave of the document now that ``data`` of it has come."""
        if self._passing:
            return data
        self._held += data
        return self._decide(ended=False)

    def close(self) -> bytes:
        """What was held back until the document's end."""
        return b"" if self._passing else self._decide(ended=True)

    def _decide(self, *, ended: bool) -> bytes:
        if self._search is None:
            if not ended and begins_open(self._held):
                return b""
            start = self._held[: start_length(self._charset)]
            known = place_in_start(start, self._tag, self._charset)
            if known:
                return self._put(*known)
            self._encoding, self._search = _begin(self._held, self._tag, self._charset)
        if len(self._held) < self._look_at and not ended:
            return b""
        assert self._encoding
        found = self._search.step(self._encoding.view(self._held), ended=ended)
        if found is SearchResult.MORE and len(self._held) <= MAX_HELD:
            self._look_at = len(self._held) * 17 // 16 if len(self._held) > OFTEN else 0
            return b""
        if isinstance(found, SearchResult):
            self._passing = True
            held, self._held = self._held, b""
            return held
        return self._put(found * self._encoding.unit, self._encoding.encode(self._tag))

    def _put(self, place: int, tag: bytes) -> bytes:
        self._passing = True
        self.added = len(tag)
        held, self._held = memoryview(self._held), b""  # a page may be large: it is copied once
        return b"".join((held[:place], tag, held[place:]))


def _begin(start: bytes, tag: str, charset: str | None) -> tuple[DocumentEncoding, InsertionPointSearch]:
    encoding = detect(start, charset)
    declared = bool(encoding.bom) or is_known(charset)
    return encoding, InsertionPointSearch(
        encoding.bom // encoding.unit, len(encoding.encode(tag)), declared=declared
    )


@lru_cache(maxsize=256)
def place_in_start(start: bytes, tag: str, charset: str | None) -> tuple[int, bytes] | None:
    """The place and the tag as it is written there, if the document's ``start`` tells, of which
    :func:`start_length` says how much it takes; most pages of a site begin alike."""
    encoding, search = _begin(start, tag, charset)
    found = search.step(encoding.view(start), ended=False)
    return None if isinstance(found, SearchResult) else (found * encoding.unit, encoding.encode(tag))


def start_length(charset: str | None) -> int:
    """So many first bytes of a document mostly tell the place; without a ``charset``, in those lies every
    ``<meta charset>`` that counts."""
    return START_DECLARED if charset else START
