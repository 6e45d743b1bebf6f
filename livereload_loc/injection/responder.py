"""An ASGI app around another one, whose pages bear the tag and whose other answers are left alone."""

from __future__ import annotations

import hashlib
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import headers as rules
from .csp import Needs, Widened, widen
from .decoding import Decoder, decoder
from .html import Injector

_POLICY = b"content-security-policy"
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
        self._app, self._script = app, script
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and rules.asks_for_page(scope["method"], scope["headers"]):
            tag = _Tag(scope, self._script)
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
    """The tag of one request: its address below the app's root, and what it needs of the page's policy."""

    def __init__(self, scope: Scope, script: Script) -> None:
        root = scope.get("root_path", "").rstrip("/")
        scheme = scope.get("scheme", "http")
        host = (rules.get(scope["headers"], b"host") or b"localhost").decode("latin-1")
        self._source = root + script.path
        self._needs = Needs(
            page=f"{scheme}://{host}/",
            script=f"{scheme}://{host}{self._source.rpartition('/')[0]}/",
            socket=f"{'wss' if scheme == 'https' else 'ws'}://{host}{root}{script.socket}",
            digest=script.digest,
        )
        self.suffix = b"-loc" + hashlib.sha256(self._source.encode()).hexdigest()[:6].encode()

    def widen(self, policies: list[str]) -> Widened:
        return widen(policies, self._needs)

    def markup(self, attributes: dict[str, str]) -> str:
        written = "".join(f' {name}="{value}"' for name, value in attributes.items())
        return f'<script src="{self._source}" async{written}></script>'


def _plain(scope: Scope, tag: _Tag) -> Scope:
    """A request for a page that is neither compressed, nor the copy without the tag, nor sent as a file."""
    headers = [
        pair for pair in rules.unconditional(scope["headers"], tag.suffix) if pair[0] != b"accept-encoding"
    ]
    extensions = {
        key: value for key, value in (scope.get("extensions") or {}).items() if key not in _FILE_EXTENSIONS
    }
    return {**scope, "headers": [*headers, (b"accept-encoding", b"identity")], "extensions": extensions}


class _Responder:
    """One answer. Its start is held until it is known whether the page has a place for the tag."""

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
        headers = [(key.lower(), value) for key, value in message.get("headers", ())]
        if message["status"] == 304:
            await self._send({**message, "headers": rules.revalidated(headers, self._tag.suffix)})
            return
        if rules.is_page(message["status"], headers):
            page = _HeldPage(message, headers, self._tag)
            if page.undecodable:
                self._cannot_decode(page.undecodable)
            elif self._is_head:
                message = {**message, "headers": page.edited(None)}
            else:
                self._page = page
                return
        await self._send(message)

    async def _continue(self, message: Message, page: _HeldPage) -> None:
        more = message.get("more_body", False)
        body = page.feed(message.get("body", b""), ended=not more)
        start = page.start()
        if start:
            await self._send(start)
        if page.begun and (body or not more):
            await self._send({**message, "body": body})


class _HeldPage:
    """A page on its way: its body goes through, its start waits for what the body tells."""

    def __init__(self, message: Message, headers: list[tuple[bytes, bytes]], tag: _Tag) -> None:
        codings = rules.codings(headers)
        self._message, self._headers, self._suffix = message, headers, tag.suffix
        self._widened = tag.widen([value.decode("latin-1") for key, value in headers if key == _POLICY])
        self._injector = Injector(tag.markup(self._widened.attributes), rules.content_type(headers)[1])
        self._decoder: Decoder | None = decoder(codings) if codings else None
        self.undecodable = b", ".join(codings) if codings and not self._decoder else b""
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
        headers = self._headers
        if self._injector.added:
            headers = self.edited(None if self._decoder else self._injector.added)
        elif self._decoder:
            headers = [pair for pair in headers if pair[0] != b"content-length"]
        if self._decoder:
            headers = [pair for pair in headers if pair[0] != b"content-encoding"]
        return {**self._message, "headers": headers}

    def edited(self, added: int | None) -> list[tuple[bytes, bytes]]:
        """The headers of the page with the tag, of ``added`` bytes, in it."""
        policies = iter(self._widened.policies)
        headers = [
            (key, next(policies).encode("latin-1") if key == _POLICY else value)
            for key, value in self._headers
        ]
        return rules.injected(headers, self._suffix, added)

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
