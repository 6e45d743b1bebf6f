"""Puts one script tag into an HTML document as its bytes stream through.

All other bytes come out as they went in. Only what stands before the tag's place is held back, so the
first byte of a page leaves as soon as its head has begun.
"""

from __future__ import annotations

from .encodings import Encoding, detect
from .place import Search, Verdict

TAG = '<script src="/_loc/reload.js" async></script>'

MAX_HELD = 1024 * 1024
"""A document whose head has not begun after so many bytes passes unchanged."""


class Injector:
    """Feed it the document piece by piece, then close it; what both give back is the document with the tag.

    ``tag`` is ASCII markup, ``charset`` the label that the document's Content-Type bears, if any.
    A document that ends inside a doctype or a comment, before its head could open, has no place for the
    tag and passes unchanged.
    """

    def __init__(self, tag: str = TAG, charset: str | None = None) -> None:
        self.added = 0
        """How many bytes the document has grown by."""
        self._tag = tag
        self._charset = charset
        self._held = b""
        self._encoding: Encoding | None = None
        self._search: Search | None = None
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
            if len(self._held) < 3 and not ended:
                return b""  # a byte order mark may come
            encoding = self._encoding = detect(self._held, self._charset)
            declared = bool(encoding.bom or self._charset)
            room = len(encoding.encode(self._tag))
            self._search = Search(encoding.bom // encoding.unit, room, declared=declared)
        assert self._encoding
        unit = self._encoding.unit
        view = self._encoding.view(self._held)
        found = self._search.step(view, ended=ended)
        if found is Verdict.MORE and len(self._held) <= MAX_HELD:
            return b""
        self._passing = True
        held, self._held = self._held, b""
        if isinstance(found, Verdict):
            return held
        place = found * unit
        tag = self._encoding.encode(self._tag)
        self.added = len(tag)
        return held[:place] + tag + held[place:]
