"""Documents of a site with the tag in them, kept in memory until their files change."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import quote

from livereload_loc.inject.html.injector import TAG, Injector
from livereload_loc.inject.html.script_element import script_element
from livereload_loc.inject.tag import etag_suffix
from livereload_loc.site.media_types import charset, media_type
from livereload_loc.urls import RELOAD_SCRIPT
from livereload_loc.watcher.fingerprint import is_young

MAX_BYTES = 64 * 1024 * 1024

# Headers of every response with content of a site: revalidate it, and show it to the site's own pages only.
COMMON = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A document as it is sent, with all of its ``headers``."""

    body: bytes
    etag: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    is_tagged: bool


class HtmlCache:
    """Makes pages of HTML, XHTML and SVG files; an unchanged file is neither read nor searched again.

    With ``in_place`` the tag names the version of the page, by which the page knows whether the browser's
    cache still holds what it was made of.
    """

    def __init__(self, *, in_place: bool = False) -> None:
        self._in_place = in_place
        self._pages: OrderedDict[tuple[str, ...], tuple[tuple[int, ...], CachedPage]] = OrderedDict()
        self._bytes = 0

    def read(self, path: str, found: os.stat_result, *shows: str) -> CachedPage:
        """Return the page in the file at ``path``, whose state is ``found``.

        ``shows`` are as for :meth:`make`: the URL path of the file, where the page is at another one.

        Raises:
            OSError: the file cannot be read.
        """
        state = (found.st_ino, found.st_size, found.st_ctime_ns, found.st_mtime_ns)
        key = (path, *shows)
        cached = self._pages.get(key)
        if cached and cached[0] == state:
            return cached[1]
        with open(path, "rb") as file:
            page = self.make(file.read(), *shows, media=media_type(path))
        self._drop(key)
        if len(page.body) <= MAX_BYTES and not is_young(found.st_ctime_ns):
            self._pages[key] = (state, page)
            self._bytes += len(page.body)
            while self._bytes > MAX_BYTES:
                self._drop(next(iter(self._pages)))
        return page

    def make(self, document: bytes, *shows: str, media: str = "text/html") -> CachedPage:
        """Return ``document`` with the tag, which names what it ``shows`` besides the file at its address.

        These are URL paths; one ends in ``/*`` where the page lists a folder, and ``**`` stands for all that
        may appear below the page's own address.
        """
        declared = charset(document, whole=True)
        paths = " ".join(quote(os.fsencode(path), safe="/*") for path in shows)
        digest = hashlib.sha256(document + paths.encode()).hexdigest()[:20]
        xml = media != "text/html"
        named = {"data-page": paths} if shows else {}
        if self._in_place:
            named["data-id"] = digest[:10]
        tag = script_element(RELOAD_SCRIPT, named, xml=xml)
        injector = Injector(tag, declared, xml=xml)
        body = injector.feed(document) + injector.close()
        etag = b'"%s%s"' % (digest.encode(), etag_suffix(f"{TAG} {self._in_place}"))
        content_type = f"{media}; charset={declared}" if declared else media
        headers = (
            (b"content-type", content_type.encode()),
            (b"content-length", b"%d" % len(body)),
            (b"etag", etag),
            *((name.lower().encode(), value.encode()) for name, value in COMMON.items()),
        )
        return CachedPage(body, etag, headers, is_tagged=injector.added > 0)

    def _drop(self, key: tuple[str, ...]) -> None:
        if key in self._pages:
            self._bytes -= len(self._pages.pop(key)[1].body)
