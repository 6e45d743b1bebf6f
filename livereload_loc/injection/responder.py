"""An ASGI app around another one, whose pages bear the tag and whose other answers are left alone."""

from __future__ import annotations

import hashlib
import logging
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import headers as rules
from .csp import Needs, Widened, widen
from .decoding import Decoder, decoder
from .html import Injector

_POLICY = b"content-security-policy"
_AUTHORITY = re.compile(rb"[A-Za-z0-9._:\[\]-]+")
PIECE = 1024 * 1024
"""Bytes that are copied at once of a page that comes whole; one large copy costs far more than its parts."""

_FILE_EXTENSIONS = ("http.response.pathsend", "http.response.zerocopysend")

logger = logging.getLogger("livereload_loc")


@dataclass(frozen=True, slots=True)
class Script:
    """Where script and socket are, as paths below the app's root; ``digest`` is ``sha256-...``, for SRI."""

    path: str
    socket: str
    digest: str


class Injecting:
    """Puts the tag into every page that a person navigates to."""

    def __init__(self, app: ASGIApp, script: Script) -> None:
        self._app = app
        self._tag = lru_cache(maxsize=64)(partial(_Tag, script))  # an app has few addresses, often one
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and rules.asks_for_page(scope["method"], scope["headers"]):
            host = rules.get(scope["headers"], b"host") or b"localhost"
            tag = self._tag(scope.get("root_path", ""), scope.get("scheme", "http"), host)
            responder = _Responder(tag, send, self._cannot_decode, head=scope["method"] == "HEAD")
            await self._app(_plain(scope, tag), receive, responder)
        else:
            await self._app(scope, receive, send)

    def _cannot_decode(self, coding: bytes) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "Pages compressed with %r pass without the tag and do not reload.", coding.decode("latin-1")
            )


class _Tag:
    """The tag at one address of the app: where its script is, and what it needs of a page's policy."""

    def __init__(self, script: Script, root_path: str, scheme: str, named: bytes) -> None:
        # Both may come from the request: what is put into markup and policies must not end an attribute
        # or a directive there.
        root = quote(root_path.rstrip("/"))
        host = named.decode("latin-1") if _AUTHORITY.fullmatch(named) else "localhost"
        self._source = root + script.path
        self._needs = Needs(
            page=f"{scheme}://{host}/",
            script=f"{scheme}://{host}{self._source.rpartition('/')[0]}/",
            socket=f"{'wss' if scheme == 'https' else 'ws'}://{host}{root}{script.socket}",
            digest=script.digest,
        )
        self.suffix = b"-loc" + hashlib.sha256(self._source.encode()).hexdigest()[:6].encode()

    def widen(self, policies: list[str]) -> Widened:
        return widen(policies, self._needs) if policies else _NO_POLICY

    def markup(self, attributes: dict[str, str]) -> str:
        written = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f'<script src="{self._source}" async{written}></script>'


def _plain(scope: Scope, tag: _Tag) -> Scope:
    """A request for a page that is neither compressed, nor the copy without the tag, nor sent as a file."""
    headers = [
        pair for pair in rules.unconditional(scope["headers"], tag.suffix) if pair[0] != b"accept-encoding"
    ]
    headers.append((b"accept-encoding", b"identity"))
    extensions = scope.get("extensions") or {}
    if extensions:
        extensions = {key: value for key, value in extensions.items() if key not in _FILE_EXTENSIONS}
    return {**scope, "headers": headers, "extensions": extensions}


_NO_POLICY = Widened([])


class _Responder:
    """One answer. Its start is held until it is known whether the page has a place for the tag."""

    __slots__ = ("_cannot_decode", "_is_head", "_page", "_send", "_tag")

    def __init__(self, tag: _Tag, send: Send, cannot_decode: Callable[[bytes], None], *, head: bool) -> None:
        self._tag, self._send, self._cannot_decode, self._is_head = tag, send, cannot_decode, head
        self._page: _HeldPage | None = None

    async def __call__(self, message: Message) -> None:
        """Pass on what the app sends, with the tag in it."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self._page:
            await self._continue(message, self._page)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = tuple([(key, value) for key, value in message.get("headers", ())])
        if message["status"] == 304:
            edited = rules.revalidated(_lowered(headers), self._tag.suffix)
            await self._send({**message, "headers": edited})
            return
        page = _page(message["status"], headers, self._tag)
        if page and page.undecodable:
            self._cannot_decode(page.undecodable)
        elif page and self._is_head:
            message = {**message, "headers": page.edited(None)}
        elif page:
            self._page = _HeldPage(message, page)
            return
        await self._send(message)

    async def _continue(self, message: Message, page: _HeldPage) -> None:
        body, more_follows = message.get("body", b""), message.get("more_body", False)
        for at in range(PIECE, len(body), PIECE):
            await self._pass(page, body[at - PIECE : at], more=True)
        last = (len(body) - 1) // PIECE * PIECE if body else 0
        await self._pass(page, body[last:], more=more_follows)

    async def _pass(self, page: _HeldPage, data: bytes, *, more: bool) -> None:
        piece = page.feed(data, ended=not more)
        start = page.start()
        if start:
            await self._send(start)
        if page.begun and (piece or not more):
            await self._send({"type": "http.response.body", "body": piece, "more_body": more})


class _Page:
    """What the headers of a page tell of it, and what they say once it bears the tag."""

    def __init__(self, headers: rules.Headers, tag: _Tag) -> None:
        widened = tag.widen([value.decode("latin-1") for key, value in headers if key == _POLICY])
        self.headers, self.markup = headers, tag.markup(widened.attributes)
        self.charset = rules.content_type(headers)[1]
        self.codings = rules.codings(headers)
        self.undecodable = b", ".join(self.codings) if self.codings and not decoder(self.codings) else b""
        self._policies, self._suffix = widened.policies, tag.suffix
        self._edited: dict[int | None, rules.Headers] = {}

    def edited(self, added: int | None) -> list[tuple[bytes, bytes]]:
        """The headers of the page with the tag, of ``added`` bytes, in it."""
        if added not in self._edited:
            policies = iter(self._policies)
            headers = [
                (key, next(policies).encode("latin-1") if key == _POLICY else value)
                for key, value in self.headers
            ]
            self._edited[added] = rules.injected(headers, self._suffix, added)
        return list(self._edited[added])  # whoever comes next may add to them


@lru_cache(maxsize=128)  # most answers of an app bear the same headers, again and again
def _page(status: int, headers: tuple[tuple[bytes, bytes], ...], tag: _Tag) -> _Page | None:
    """What an answer is as a page; None where it is none."""
    lowered = _lowered(headers)
    return _Page(lowered, tag) if rules.is_page(status, lowered) else None


def _lowered(headers: rules.Headers) -> list[tuple[bytes, bytes]]:
    return [(key.lower(), value) for key, value in headers]


class _HeldPage:
    """A page on its way: its body goes through, its start waits for what the body tells."""

    __slots__ = ("_decoder", "_injector", "_message", "_page", "begun")

    def __init__(self, message: Message, page: _Page) -> None:
        self._message, self._page = message, page
        self._injector = Injector(page.markup, page.charset)
        self._decoder: Decoder | None = decoder(page.codings) if page.codings else None
        self.begun = False

    def feed(self, data: bytes, *, ended: bool) -> bytes:
        """What may go out now that ``data`` has come."""
        plain = self._decode(data)
        out = self._injector.feed(plain)
        return out + self._injector.close() if ended else out

    def start(self) -> Message | None:
        """The start, once, when it may go."""
        if self.begun or not self._injector.passing:
            return None
        self.begun = True
        if self._injector.added:
            headers = self._page.edited(None if self._decoder else self._injector.added)
        else:
            headers = [
                pair for pair in self._page.headers if not self._decoder or pair[0] != b"content-length"
            ]
        if self._decoder:
            headers = [pair for pair in headers if pair[0] != b"content-encoding"]
        return {**self._message, "headers": headers}

    def _decode(self, data: bytes) -> bytes:
        if self._decoder is None:
            return data
        try:
            return self._decoder.feed(data)
        except zlib.error:
            if self.begun:
                raise  # half of it is told already: the connection has to be cut
            self._decoder = None  # it is not what it says; the browser may make of it what it can
            self._injector = Injector("", None)
            return data
