"""An ASGI app around another one: its pages get the tag, its other responses pass unchanged."""

from __future__ import annotations

from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livereload_loc.httputil.headers import HeaderList, Headers, get
from livereload_loc.httputil.log import WarnOnce
from livereload_loc.inject.headers import asked_about, asks_for_tag, is_page, may_show_image, reads_page
from livereload_loc.inject.page import TaggedPage, tag_response
from livereload_loc.inject.stream import PageStream
from livereload_loc.inject.tag import ScriptLocation, ScriptTag, script_tag

# With these extensions an app would have the server send a page past us.
_FILE_EXTENSIONS = frozenset(("http.response.pathsend", "http.response.zerocopysend"))


class InjectionApp:
    """Puts the tag into every page that a person navigates to."""

    def __init__(self, app: ASGIApp, location: ScriptLocation) -> None:
        self._app, self._location = app, location
        # Browsers send the same headers again and again.
        self._cached_request = lru_cache(maxsize=64)(self._untagged_request)
        self._warn = WarnOnce()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Undecodable: a page broke off that cannot be completed, so the server has to cut the connection.
        """
        untagged = None
        if scope["type"] == "http":
            about = scope["method"], scope.get("root_path", ""), scope.get("scheme", "http")
            untagged = self._cached_request(*about, tuple(map(tuple, scope["headers"])))
        if untagged is None:
            is_read = scope["type"] == "http" and reads_page(scope["method"], scope["headers"])
            await self._app(scope, receive, _sender_of_reading(send) if is_read else send)
            return
        tag, headers = untagged
        original, extensions = scope["headers"], scope.get("extensions")
        scope["headers"] = headers.copy()
        if extensions and not _FILE_EXTENSIONS.isdisjoint(extensions):
            scope["extensions"] = {key: extensions[key] for key in extensions.keys() - _FILE_EXTENSIONS}
        responder = _InjectionResponder(tag, send, self._warn, scope, original)
        try:
            await self._app(scope, receive, responder.send)
        finally:
            scope["headers"] = original
            if extensions:
                scope["extensions"] = extensions
        if responder.stream:
            responder.stream.check()  # the app may have swallowed the error

    def _untagged_request(
        self, method: str, root_path: str, scheme: str, headers: Headers
    ) -> tuple[ScriptTag, HeaderList] | None:
        """Return the tag for a page and the headers to ask the app for it; None for any other request."""
        if not asks_for_tag(method, headers):
            return None
        host, images = get(headers, b"host") or b"localhost", may_show_image(headers)
        tag = script_tag(self._location, root_path, scheme, host, images=images)
        return tag, tag.untagged_request(headers)


def _sender_of_reading(send: Send) -> Send:
    """Return ``send`` for a response that a script may read: a page is asked about before each use."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(key.lower(), value) for key, value in message.get("headers", ())]
            is_read = is_page(message["status"], headers)
            message = {**message, "headers": asked_about(headers) if is_read else headers}
        await send(message)

    return send_on


class _InjectionResponder:
    """Sends one response, whose start waits until it is known whether the tag has a place in the page."""

    def __init__(self, tag: ScriptTag, send: Send, warn: WarnOnce, scope: Scope, headers: Headers) -> None:
        self._tag, self._send, self._warn = tag, send, warn
        self._scope, self._headers = scope, headers
        self._page: TaggedPage | None = None
        self._start: Message | None = None
        self.stream: PageStream | None = None

    async def send(self, message: Message) -> None:
        """Pass on what the app sends, with the tag in it."""
        if message["type"] == "http.response.start":
            await self._take_start(message)
        elif self._page is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            await self._send_body(self._page, message.get("body", b""), message.get("more_body", False))

    async def _take_start(self, message: Message) -> None:
        self._scope["headers"] = self._headers  # those of the request itself, for the middlewares around us
        # ASGI allows any iterable, which may be one that can be read once only.
        headers = list(message.get("headers", ()))
        result = tag_response(self._tag, message["status"], headers, head=self._scope["method"] == "HEAD")
        if isinstance(result, TaggedPage):
            self._start, self._page = message, result
        else:
            await self._send({**message, "headers": result})

    async def _send_body(self, page: TaggedPage, data: bytes, more: bool) -> None:
        if self.stream is None:
            whole = None if more else page.whole(data)
            if whole:
                await self._send_start(whole[0])
                await self._send({"type": "http.response.body", "body": whole[1]})
                return
            self.stream = PageStream(page)
        for piece in self.stream.feed(data, ended=not more):
            await self._send_start(self.stream.headers)
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        if not more:
            await self._send_start(self.stream.headers)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_start(self, headers: Headers | None) -> None:
        """Send the start of the page, unless it is sent."""
        if self._start is not None:
            start, self._start = self._start, None
            if self.stream:
                self._warn(self.stream.skip_reason)
            await self._send({**start, "headers": headers})
