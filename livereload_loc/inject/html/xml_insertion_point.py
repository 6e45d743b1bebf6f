"""Finds where in an XML document the script tag goes: right after the root's start tag.

There it is well-formed in every document that is, whatever the root's name, prefix and namespace
(XML 1.0, sections 2.8 and 3.1).
"""

from __future__ import annotations

import re

from livereload_loc.inject.html.insertion_point import SearchResult

_SPACE = re.compile(rb"[\t\n\r ]*")
_COMMENT, _INSTRUCTION, _LITERAL = rb"<!--.*?-->", rb"<\?.*?\?>", rb"\"[^\"]*\"|'[^']*'"
# In the internal subset, brackets count outside of literals, comments and processing instructions only. The
# groups are atomic: nothing is read in a second way where the end is missing.
_SUBSET = rb"\[(?>%s|%s|%s|<(?!!--|\?)|[^\]\"'<])*+\]" % (_COMMENT, _INSTRUCTION, _LITERAL)
_DOCTYPE = rb"<!DOCTYPE(?>%s|%s|[^\[>\"'])*+>" % (_LITERAL, _SUBSET)
_BEFORE_ROOT = re.compile(rb"(?>%s|%s|%s)" % (_COMMENT, _INSTRUCTION, _DOCTYPE), re.DOTALL)
_ROOT = re.compile(rb"<[A-Za-z_:\x80-\xff](?>%s|[^<>\"'])*+>" % _LITERAL)


class XmlInsertionPointSearch:
    """Searches a document that grows, from its byte ``start`` on, after its byte order mark."""

    def __init__(self, start: int) -> None:
        self._at = start

    def advance(self, data: bytes, *, ended: bool) -> int | SearchResult:
        """Return the place in ``data``, which holds the whole document so far; ``ended``: nothing follows.

        There is none where the root is empty, ``<svg/>``, or something else than markup comes before it.
        """
        while True:
            space = _SPACE.match(data, self._at)
            self._at = space.end() if space else self._at
            before = _BEFORE_ROOT.match(data, self._at)
            if before is None:
                break
            self._at = before.end()
        root = _ROOT.match(data, self._at)
        if root:
            return SearchResult.NOWHERE if root[0].endswith(b"/>") else root.end()
        is_broken = self._at < len(data) and data[self._at : self._at + 1] != b"<"
        return SearchResult.NOWHERE if ended or is_broken else SearchResult.MORE
