"""Puts one script tag into an HTML or XML document as its bytes stream through.

All other bytes come out as they went in. Only what precedes the tag is held back, so the first byte of a
page leaves as soon as its head has begun.
"""

from __future__ import annotations

from functools import lru_cache

from livereload_loc.inject.html.encoding import DocumentEncoding, begins_open, detect, is_known
from livereload_loc.inject.html.insertion_point import InsertionPointSearch, SearchResult
from livereload_loc.inject.html.script_element import script_element
from livereload_loc.inject.html.xml_insertion_point import XmlInsertionPointSearch
from livereload_loc.urls import RELOAD_SCRIPT

TAG = script_element(RELOAD_SCRIPT, {})

# A document whose head has not begun after this many bytes passes unchanged.
MAX_BUFFERED = 1024 * 1024

# Up to this many bytes each piece is searched, beyond them only when a sixteenth more has come: a tag with
# a hundred thousand attributes is read anew by each search.
SEARCHED_EACH_TIME = 64 * 1024

# Bytes at the start of a document that mostly show the place. Where no charset is declared, every
# <meta charset> that counts lies in them.
START, START_DECLARED = 2048, 256

Search = InsertionPointSearch | XmlInsertionPointSearch


class Injector:
    """Puts ``tag`` into a document that is fed piece by piece and then closed.

    What :meth:`feed` and :meth:`close` return is the document with the tag. ``tag`` is ASCII markup;
    ``charset`` is the label in the document's Content-Type, or None. An SVG or XHTML document is ``xml``, and
    takes a well-formed tag right after its root's start tag.

    No input is an error. An HTML document that ends inside a doctype or a comment, before its head could
    open, has no place for the tag and passes unchanged (HTML standard, section 13.2.6.4). So does an XML
    document whose root is empty or not well-formed, and one whose place has not come after 1 MB.

    >>> page = Injector('<script src="/live.js"></script>', charset="utf-8")
    >>> page.feed(b"<!doctype html><title>Hi") + page.feed(b"</title>") + page.close()
    b'<!doctype html><script src="/live.js"></script><title>Hi</title>'
    >>> page.added
    32
    """

    __slots__ = ("_buffer", "_charset", "_encoding", "_search", "_search_at", "_tag", "_xml", "added",
                 "passing")  # fmt: skip

    def __init__(self, tag: str = TAG, charset: str | None = None, *, xml: bool = False) -> None:
        self.added = 0
        """Bytes by which the document has grown."""
        self.passing = False
        """Whether all that follows passes unchanged: the tag is in, or has no place."""
        self._tag = tag
        self._charset, self._xml = charset, xml
        self._buffer = b""
        self._encoding: DocumentEncoding | None = None
        self._search: Search | None = None
        self._search_at = 0

    def feed(self, data: bytes) -> bytes:
        """Return what may leave of the document now that ``data`` of it has come."""
        if self.passing:
            return data
        self._buffer += data
        return self._decide(ended=False)

    def close(self) -> bytes:
        """Return what was held back until the document's end."""
        return b"" if self.passing else self._decide(ended=True)

    def _decide(self, *, ended: bool) -> bytes:
        if self._search is None or self._encoding is None:
            if not ended and begins_open(self._buffer):
                return b""
            start = self._buffer[: start_length(self._charset)]
            found_early = place_in_start(start, len(self._tag), self._charset, xml=self._xml)
            if found_early:
                place, encoding = found_early
                return self._put(place, encoding.encode(self._tag))
            self._encoding, self._search = _begin(self._buffer, len(self._tag), self._charset, xml=self._xml)
        if len(self._buffer) < self._search_at and not ended:
            return b""
        found = self._search.advance(self._encoding.view(self._buffer), ended=ended)
        if found is SearchResult.MORE and len(self._buffer) <= MAX_BUFFERED:
            size = len(self._buffer)
            self._search_at = size * 17 // 16 if size > SEARCHED_EACH_TIME else 0
            return b""
        if isinstance(found, SearchResult):
            return self._put(0, b"")
        return self._put(found * self._encoding.unit, self._encoding.encode(self._tag))

    def _put(self, place: int, tag: bytes) -> bytes:
        self.passing = True
        self.added = len(tag)
        data, self._buffer = memoryview(self._buffer), b""  # a page may be large: it is copied once
        return b"".join((data[:place], tag, data[place:]))


def _begin(
    start: bytes, tag_length: int, charset: str | None, *, xml: bool
) -> tuple[DocumentEncoding, Search]:
    encoding = detect(start, charset)
    if xml:
        return encoding, XmlInsertionPointSearch(encoding.bom // encoding.unit)
    declared = bool(encoding.bom) or is_known(charset)
    size = tag_length * encoding.unit
    return encoding, InsertionPointSearch(encoding.bom // encoding.unit, size, declared=declared)


@lru_cache(maxsize=256)  # most pages of a site begin alike
def place_in_start(
    start: bytes, tag_length: int, charset: str | None, *, xml: bool = False
) -> tuple[int, DocumentEncoding] | None:
    """Return the place of a tag of so many characters, and the encoding, if the ``start`` shows it.

    The document's start has :func:`start_length` bytes, or all that there are.
    """
    encoding, search = _begin(start, tag_length, charset, xml=xml)
    found = search.advance(encoding.view(start), ended=False)
    return None if isinstance(found, SearchResult) else (found * encoding.unit, encoding)


def start_length(charset: str | None) -> int:
    """Return how many bytes of a document :func:`place_in_start` takes."""
    return START_DECLARED if charset else START
