"""A folder of files as a site: pages with the tag in them, everything else as it lies there."""

from __future__ import annotations

import os
import stat
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import quote

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from livereload_loc.httputil.etags import is_known
from livereload_loc.httputil.headers import Headers, get
from livereload_loc.inject.headers import asks_for_tag
from livereload_loc.site.html_cache import COMMON, CachedPage, HtmlCache
from livereload_loc.site.listing import listing, missing
from livereload_loc.site.media_types import charset, is_text, media_type
from livereload_loc.site.resolver import ForbiddenPath, PathResolver, ResolvedPath

_INDEXES = ("index.html", "index.htm")
_SNIFFED = 64 * 1024
_BELOW = "**"  # a folder is there, and has a listing, once there is a file in it
_LOADED = ("text/", "image/", "font/", "audio/", "video/", "application/json", "application/wasm")


class StaticSite:
    """Serves the files below ``root``.

    ``spa`` answers navigations to what is not there with the site's own index, for sites that route in the
    browser. Dotfiles are never served, ``/.well-known/`` excepted, and neither are the file ``secret`` and
    the keys that mkcert writes.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        pages: HtmlCache | None = None,
        spa: bool = False,
        secret: str | None = None,
    ) -> None:
        self._resolver = PathResolver(root, secret=secret)
        self._pages = pages or HtmlCache()
        self._spa = spa

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = _StaticRequest(scope)
        answer: ASGIApp
        if scope["method"] not in ("GET", "HEAD"):
            answer = PlainTextResponse("Only GET and HEAD.\n", 405, {"Allow": "GET, HEAD"})
        else:
            answer = self._answer(request)
        await answer(scope, receive, send)

    def _answer(self, request: _StaticRequest) -> ASGIApp:
        located = self._resolver.locate(request.raw_path)
        if isinstance(located, ForbiddenPath):
            return self._missing(request) if located.status == 404 else _plain("Bad request.", 400)
        try:
            found = os.stat(located.path)
            if stat.S_ISDIR(found.st_mode):
                return self._folder(request, located)
            if stat.S_ISREG(found.st_mode) and not located.folder:
                return self._file(request, located.path, found)
        except PermissionError:
            return _plain("This file may not be read.", 403)
        except OSError:
            pass  # it is not there, or went just now
        return self._missing(request)

    def _folder(self, request: _StaticRequest, located: ResolvedPath) -> ASGIApp:
        if not located.folder and located.parts:
            target = request.raw_path + b"/" + (b"?" + request.query if request.query else b"")
            return Response(status_code=307, headers={"Location": target.decode("latin-1"), **_COMMON})
        for name in _INDEXES:
            path = os.path.join(located.path, name)
            if os.path.isfile(path):
                inside = self._resolver.locate(_address(*located.parts, name))
                if isinstance(inside, ResolvedPath):
                    return self._file(request, inside.path, os.stat(inside.path))
        shown = "/".join(["", *located.parts, ""])
        listed = listing(located.path, shown, lambda name: self._shows(located, name))
        return _PageResponse(self._pages.make(listed, f"{shown}*"), 200)

    def _shows(self, folder: ResolvedPath, name: str) -> bool:
        """Whether what lies in ``folder`` under this name has an address."""
        return isinstance(self._resolver.locate(_address(*folder.parts, name)), ResolvedPath)

    def _file(self, request: _StaticRequest, path: str, found: os.stat_result) -> ASGIApp:
        if self._resolver.is_secret(found):
            return self._missing(request)
        media = media_type(path)
        if media == "text/html" and request.page:
            page = self._pages.read(path, found)
            return _not_modified(page.headers) if request.knows(page.etag) else _PageResponse(page, 200)
        if not os.access(path, os.R_OK):
            raise PermissionError(path)
        # The ctime moves with every write, also where a build sets all times to the same one.
        etag = b'"%x-%x-%x-%x"' % (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
        headers = {**_COMMON, "ETag": etag.decode(), "Last-Modified": formatdate(found.st_mtime, usegmt=True)}
        if is_text(media):
            with open(path, "rb") as file:
                start = file.read(_SNIFFED)
            declared = charset(start, whole=len(start) < _SNIFFED)
            media = f"{media}; charset={declared}" if declared else media
        # Starlette would add a charset of its own to text.
        headers["Content-Type"] = media
        if request.knows(etag) or request.has_since(found.st_mtime):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, headers=headers, stat_result=found)

    def _missing(self, request: _StaticRequest) -> ASGIApp:
        if not request.page:
            return _plain("Not found.", 404)
        if self._spa and not _looks_like_a_file(request.raw_path):
            index = self._own("index.html", "/index.html")
            if index:
                return (
                    _not_modified(index.headers) if request.knows(index.etag) else _PageResponse(index, 200)
                )
        shown = request.raw_path.decode("latin-1")
        lost = self._own("404.html", "/404.html", _BELOW) or self._pages.make(missing(shown), _BELOW)
        return _PageResponse(lost, 404)

    def _own(self, name: str, *shows: str) -> CachedPage | None:
        """A page of the site at its root, where there is one."""
        located = self._resolver.locate(b"/" + name.encode())
        if isinstance(located, ResolvedPath):
            try:
                found = os.stat(located.path)
                if not self._resolver.is_secret(found):
                    return self._pages.read(located.path, found, *shows)
            except OSError:
                return None
        return None


class _StaticRequest:
    """What matters of a request."""

    __slots__ = ("headers", "page", "query", "raw_path")

    def __init__(self, scope: Scope) -> None:
        self.headers: Headers = scope["headers"]
        self.raw_path: bytes = scope["raw_path"].partition(b"?")[0]
        self.query: bytes = scope["query_string"]
        self.page = asks_for_tag(scope["method"], self.headers)

    def knows(self, etag: bytes) -> bool:
        """Whether the browser has the answer with this tag (RFC 9110, section 13.1.2)."""
        return is_known(etag, get(self.headers, b"if-none-match"))

    def has_since(self, mtime: float) -> bool:
        """Whether the browser has the file as of then; a tag, where there is one, overrules it."""
        since = get(self.headers, b"if-modified-since")
        if since is None or get(self.headers, b"if-none-match") is not None:
            return False
        try:
            return int(mtime) <= parsedate_to_datetime(since.decode("latin-1")).timestamp()
        except ValueError:
            return False


class _PageResponse:
    """Sends a page that is ready."""

    def __init__(self, page: CachedPage, status: int) -> None:
        self._page, self._status = page, status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = list(self._page.headers)
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else self._page.body
        await send({"type": "http.response.body", "body": body})


_COMMON = {key.decode(): value.decode() for key, value in COMMON}


def _plain(text: str, status: int) -> Response:
    return PlainTextResponse(text + "\n", status, _COMMON)


def _not_modified(headers: tuple[tuple[bytes, bytes], ...]) -> Response:
    kept = {
        key.decode(): value.decode()
        for key, value in headers
        if key not in (b"content-length", b"content-type")
    }
    return Response(status_code=304, headers=kept)


def _looks_like_a_file(raw_path: bytes) -> bool:
    """Whether a path where nothing is seems to be meant for a file: ``/logo.png``, but not ``/users/a.b``."""
    name = raw_path.rpartition(b"/")[2].decode("latin-1")
    return name.startswith(".") or media_type(name).startswith(_LOADED)


def _address(*names: str) -> bytes:
    """The path of a request for the file with these names below the root."""
    return b"".join(b"/" + quote(os.fsencode(name), safe="").encode() for name in names)
