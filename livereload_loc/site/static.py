"""A folder of files as a site: pages with the tag in them, everything else unchanged."""

from __future__ import annotations

import os
import stat
import time
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import quote

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from livereload_loc.httputil.etags import is_known
from livereload_loc.httputil.headers import Headers, get
from livereload_loc.httputil.log import WarnOnce
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.inject.headers import IMAGE, PAGES, asks_for_tag, may_show_image
from livereload_loc.inject.stream import NO_PLACE
from livereload_loc.site.html_cache import COMMON, CachedPage, HtmlCache
from livereload_loc.site.listing import listing, not_found
from livereload_loc.site.media_types import charset, is_text, media_type
from livereload_loc.site.resolver import ForbiddenPath, PathResolver, ResolvedPath, is_private

_INDEXES = ("index.html", "index.htm")
_SNIFFED = 64 * 1024
_BELOW = "**"  # what a missing page waits for: any file below its address makes a folder there
_LOADED = ("text/", "image/", "font/", "audio/", "video/", "application/json", "application/wasm")


class StaticSite:
    """Serves the files below ``root``.

    ``spa``: a navigation to a path where nothing is gets the site's own index, for sites that route in the
    browser. Dotfiles are never served, ``/.well-known/`` excepted, and neither are the file ``secret`` and
    the keys that mkcert writes. ``requested`` records what browsers ask for. With ``in_place`` pages may
    change in place.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        spa: bool = False,
        secret: str | None = None,
        requested: RequestedFiles | None = None,
        in_place: bool = False,
    ) -> None:
        self._requested = requested or RequestedFiles()
        self._resolver = PathResolver(root, secret=secret)
        self._pages = HtmlCache(in_place=in_place)
        self._warn = WarnOnce()
        self._spa = spa

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        response: Response
        if scope["method"] not in ("GET", "HEAD"):
            response = PlainTextResponse("Only GET and HEAD.\n", 405, {"Allow": "GET, HEAD"})
        else:
            response = self._respond(_StaticRequest(scope))
        await response(scope, receive, send)

    def _respond(self, request: _StaticRequest) -> Response:
        located = self._resolver.locate(request.raw_path)
        if isinstance(located, ForbiddenPath):
            return self._missing(request) if located.status == 404 else _text("Bad request.", 400)
        try:
            found = os.stat(located.path)
            if stat.S_ISDIR(found.st_mode):
                return self._folder(request, located)
            if stat.S_ISREG(found.st_mode) and not located.folder:
                return self._file(request, located.path, found)
        except PermissionError:
            return _text("This file may not be read.", 403)
        except OSError:
            pass  # it does not exist, or has just gone
        return self._missing(request)

    def _folder(self, request: _StaticRequest, folder: ResolvedPath) -> Response:
        if not folder.folder and folder.parts:
            target = request.raw_path + b"/" + (b"?" + request.query if request.query else b"")
            return Response(status_code=307, headers={"Location": target.decode("latin-1"), **COMMON})
        for name in _INDEXES:
            index = self._inside(folder, name)
            if isinstance(index, ResolvedPath) and os.path.isfile(index.path):
                return self._file(request, index.path, os.stat(index.path))
        with os.scandir(folder.path) as entries:
            names = {
                entry.name + "/" * entry.is_dir(): isinstance(self._inside(folder, entry.name), ResolvedPath)
                for entry in entries
                if not is_private(os.fsencode(entry.name))
            }
        path = "/".join(["", *folder.parts, ""])
        return _whole_page(self._pages.make(listing(path, names), f"{path}*"), 200)

    def _inside(self, folder: ResolvedPath, name: str) -> ResolvedPath | ForbiddenPath:
        """Resolve what a request for ``name`` in ``folder`` would get."""
        parts = (quote(os.fsencode(part), safe="") for part in (*folder.parts, name))
        return self._resolver.locate("".join(f"/{part}" for part in parts).encode())

    def _file(self, request: _StaticRequest, path: str, found: os.stat_result) -> Response:
        if self._resolver.is_secret(found):
            return self._missing(request)
        media = media_type(path)
        self._requested.add(request.raw_path.decode("latin-1"), request.referer, request.destination)
        if media in PAGES and request.is_navigation and (media != IMAGE or request.may_show_image):
            page = self._pages.read(path, found)
            if media != "text/html" and not page.is_tagged:
                self._warn(NO_PLACE)
            return _page_response(request, page)
        is_small = found.st_size < _SNIFFED
        with open(path, "rb") as file:  # raises where it may not be read
            start = file.read(_SNIFFED) if is_small or is_text(media) else b""
        if is_text(media) and (declared := charset(start, whole=len(start) < _SNIFFED)):
            media = f"{media}; charset={declared}"
        # The ctime moves with every write, even where a build sets all times to the same one.
        etag = b'"%x-%x-%x-%x"' % (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
        headers = {
            **COMMON,
            "ETag": etag.decode(),
            "Last-Modified": formatdate(found.st_mtime, usegmt=True),
            "Content-Type": media,  # Starlette would add a charset of its own to text
        }
        if request.has(etag) or request.has_since(found.st_mtime):
            return Response(status_code=304, headers=headers)
        if is_small and request.wants_whole:
            return Response(start, headers={**headers, "Accept-Ranges": "bytes"})
        return FileResponse(path, headers=headers, stat_result=found)

    def _missing(self, request: _StaticRequest) -> Response:
        self._requested.add_missing(request.raw_path.decode("latin-1"), time.monotonic())
        if not request.is_navigation:
            return _text("Not found.", 404)
        if self._spa and not _looks_like_a_file(request.raw_path):
            index = self._root_page("index.html", "/index.html")
            if index:
                return _page_response(request, index)
        page = self._root_page("404.html", "/404.html", _BELOW)
        page = page or self._pages.make(not_found(request.raw_path.decode("latin-1")), _BELOW)
        return _whole_page(page, 404)

    def _root_page(self, name: str, *shows: str) -> CachedPage | None:
        """Return a page of the site at its root, if it has one."""
        located = self._resolver.locate(f"/{name}".encode())
        if isinstance(located, ResolvedPath):
            try:
                found = os.stat(located.path)
                if not self._resolver.is_secret(found):
                    return self._pages.read(located.path, found, *shows)
            except OSError:
                return None
        return None


class _StaticRequest:
    """What a response depends on."""

    __slots__ = ("_headers", "is_navigation", "may_show_image", "query", "raw_path", "wants_whole")

    def __init__(self, scope: Scope) -> None:
        self._headers: Headers = scope["headers"]
        self.raw_path: bytes = scope["raw_path"].partition(b"?")[0]
        self.query: bytes = scope["query_string"]
        self.is_navigation = asks_for_tag(scope["method"], self._headers)
        self.may_show_image = may_show_image(self._headers)
        self.wants_whole = scope["method"] == "GET" and get(self._headers, b"range") is None

    @property
    def referer(self) -> str | None:
        """The address of the document or script that asks."""
        referer = get(self._headers, b"referer")
        return None if referer is None else referer.decode("latin-1")

    @property
    def destination(self) -> bytes | None:
        """What the file is to be in the browser."""
        return get(self._headers, b"sec-fetch-dest")

    def has(self, etag: bytes) -> bool:
        """Return whether the browser has the response with this ETag (RFC 9110, section 13.1.2)."""
        return is_known(etag, get(self._headers, b"if-none-match"))

    def has_since(self, mtime: float) -> bool:
        """Return whether the browser has the file as of then; an ETag, where there is one, overrules it."""
        since = get(self._headers, b"if-modified-since")
        if since is None or get(self._headers, b"if-none-match") is not None:
            return False
        try:
            return int(mtime) <= parsedate_to_datetime(since.decode("latin-1")).timestamp()
        except ValueError:
            return False


def _page_response(request: _StaticRequest, page: CachedPage) -> Response:
    if request.has(page.etag):
        return Response(status_code=304, headers={**COMMON, "ETag": page.etag.decode()})
    return _whole_page(page, 200)


def _whole_page(page: CachedPage, status: int) -> Response:
    response = Response(page.body, status)
    response.raw_headers = list(page.headers)
    return response


def _text(text: str, status: int) -> Response:
    return PlainTextResponse(text + "\n", status, COMMON)


def _looks_like_a_file(raw_path: bytes) -> bool:
    """Return whether a path without a file seems meant for one: ``/logo.png``, but not ``/users/a.b``."""
    name = raw_path.rpartition(b"/")[2].decode("latin-1")
    return name.startswith(".") or media_type(name).startswith(_LOADED)
