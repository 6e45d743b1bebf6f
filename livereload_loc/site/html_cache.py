"""Pages of a site with the tag in them, kept in memory for as long as their files stay as they are."""

from __future__ import annotations

import hashlib
import os
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import quote

from livereload_loc.inject.html.injector import TAG, Injector
from livereload_loc.site.media_types import charset

Header = tuple[bytes, bytes]

KEPT_BYTES = 64 * 1024 * 1024
YOUNG_SECONDS = 0.05
"""A file that changed this lately may change again without its times telling (their clock ticks coarsely)."""


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A document as it is sent; ``headers`` are complete but for what depends on the request."""

    body: bytes
    etag: bytes
    headers: tuple[Header, ...]


class HtmlCache:
    """Makes pages of HTML files; what has not changed is neither read, nor searched, nor built again."""

    def __init__(self, tag: str = TAG) -> None:
        self._tag = tag
        self._suffix = b"-loc" + hashlib.sha256(tag.encode()).hexdigest()[:6].encode()
        self._kept: OrderedDict[tuple[str, ...], tuple[tuple[int, ...], CachedPage]] = OrderedDict()
        self._bytes = 0

    def read(self, path: str, found: os.stat_result, *shows: str) -> CachedPage:
        """The page in the file at ``path``, which was ``found`` just now.

        ``shows`` are as for :meth:`make`: the URL path of the file, where the page is shown at another one.

        Raises:
            OSError: the file cannot be read.
        """
        state = (found.st_ino, found.st_size, found.st_ctime_ns, found.st_mtime_ns)
        key = (path, *shows)
        kept = self._kept.get(key)
        if kept and kept[0] == state:
            return kept[1]
        with open(path, "rb") as file:
            page = self.make(file.read(), *shows)
        self._drop(key)
        if len(page.body) <= KEPT_BYTES and time.time() - found.st_ctime > YOUNG_SECONDS:
            self._kept[key] = (state, page)
            self._bytes += len(page.body)
            while self._bytes > KEPT_BYTES:
                self._drop(next(iter(self._kept)))
        return page

    def make(self, document: bytes, *shows: str) -> CachedPage:
        """``document`` with the tag in it, which names what it ``shows`` besides the file at its address.

        These are URL paths; one ends in ``/*`` where the page lists what lies in a folder, and ``**`` means
        all that may come to lie below the page's own address.
        """
        declared = charset(document, whole=True)
        paths = " ".join(quote(os.fsencode(path), safe="/*") for path in shows)
        named = f' async data-page="{paths}"'
        tag = self._tag.replace(" async", named) if shows else self._tag
        injector = Injector(tag, declared)
        body = injector.feed(document) + injector.close()
        digest = hashlib.sha256(document + paths.encode()).hexdigest()[:20]
        etag = b'"%s%s"' % (digest.encode(), self._suffix)
        media = f"text/html; charset={declared}" if declared else "text/html"
        headers = (
            (b"content-type", media.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"etag", etag),
            *COMMON,
        )
        return CachedPage(body, etag, headers)

    def _drop(self, key: tuple[str, ...]) -> None:
        if key in self._kept:
            self._bytes -= len(self._kept.pop(key)[1].body)


COMMON: tuple[Header, ...] = (
    (b"cache-control", b"no-cache"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""What every answer with a site's content says: ask again each time, and it is for its own pages only."""
