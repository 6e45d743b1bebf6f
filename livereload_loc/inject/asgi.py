"""An ASGI app around another one, whose pages bear the tag and whose other answers are left alone."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from livereload_loc.httputil.headers import Headers, get
from livereload_loc.inject.headers import asks_for_tag
from livereload_loc.inject.page import ScriptLocation, ScriptTag, TaggedPage
from livereload_loc.inject.stream import PageStream

_FILE_EXTENSIONS = frozenset(("http.response.pathsend", "http.response.zerocopysend"))
"""With these an app would have the server send a page past us."""

_Asked = tuple[ScriptTag, list[tuple[bytes, bytes]]]

MAX_SAID = 16
"""Not more troubles than this are said, for their words may come from a stranger."""

logger = logging.getLogger("livereload_loc")


class InjectionApp:
    """Puts the tag into every page that a person navigates to."""

    def __init__(self, app: ASGIApp, script: ScriptLocation) -> None:
        self._app = app
        self._asked = lru_cache(maxsize=64)(self._read)  # browsers ask in the same words, again and again
        self._tag = lru_cache(maxsize=64)(partial(ScriptTag, script))  # an app has few addresses, often one
        self._said: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Undecodable: a page came that cannot be completed, so that the server has to cut the connection.
        """
        asked = None
        if scope["type"] == "http":
            about = scope["method"], scope.get("root_path", ""), scope.get("scheme", "http")
            try:
                asked = self._asked(*about, tuple(scope["headers"]))
            except TypeError:  # lists in place of pairs, as some servers have them, make no key
                asked = self._asked(*about, tuple((key, value) for key, value in scope["headers"]))
        if asked is None:
            await self._app(scope, receive, send)
            return
        tag, plain = asked
        headers, extensions = scope["headers"], scope.get("extensions")
        scope["headers"] = plain.copy()
        if extensions and not _FILE_EXTENSIONS.isdisjoint(extensions):
            scope["extensions"] = {key: extensions[key] for key in extensions.keys() - _FILE_EXTENSIONS}
        responder = _InjectionResponder(tag, send, self._say, scope, headers)
        try:
            await self._app(scope, receive, responder.send)
        finally:
            scope["headers"] = headers
            if extensions:
                scope["extensions"] = extensions
        if responder.held:
            responder.held.check()  # the app may have made nothing of it

    def _read(self, method: str, root_path: str, scheme: str, headers: Headers) -> _Asked | None:
        """The tag for a request of a page, and the headers of one for the page that is neither compressed nor
        the copy without the tag; None for all else."""
        if not asks_for_tag(method, headers):
            return None
        tag = self._tag(root_path, scheme, get(headers, b"host") or b"localhost")
        return tag, tag.request(headers)

    def _say(self, trouble: str) -> None:
        """Log it, once."""
        if trouble not in self._said and len(self._said) < MAX_SAID:
            self._said.add(trouble)
            logger.warning("%s", trouble)


def _takes_views(send: Send) -> bool:
    """Whether it is uvicorn itself that ``send`` leads to: its transports write any buffer as it is.

    Starlette puts one middleware around all that an app adds; its ``send`` looks at a message's type only.
    """
    if getattr(send, "__module__", None) == "starlette.middleware.errors":
        send = inspect.getclosurevars(send).nonlocals.get("send", send)
    server = getattr(send, "__self__", None)
    return type(server).__module__.startswith("uvicorn.protocols.")


class _InjectionResponder:
    """One answer. Its start is held until it is known whether the page has a place for the tag."""

    held: PageStream | None = None
    _page: TaggedPage | None = None
    _start: Message
    _begun = False

    def __init__(
        self, tag: ScriptTag, send: Send, say: Callable[[str], None], scope: Scope, headers: Headers
    ) -> None:
        self._tag, self._send, self._say = tag, send, say
        self._scope, self._headers = scope, headers

    async def send(self, message: Message) -> None:
        """Pass on what the app sends, with the tag in it."""
        if self._page and message["type"] == "http.response.body":
            if self.held is None:
                whole = None if message.get("more_body") else self._page.whole(message.get("body", b""))
                if whole:
                    self._page = None
                    headers, body = whole
                    await self._send({**self._start, "headers": headers})
                    await self._send({"type": "http.response.body", "body": body})
                    return
                self.held = PageStream(self._page, views=_takes_views(self._send))
            for edited in self._edited(message, self.held):
                await self._send(edited)
            return
        if message["type"] == "http.response.start":
            self._scope["headers"] = self._headers  # who stands around us may go on now
            headers = message.get("headers", ())
            if not isinstance(headers, (list, tuple)):  # ASGI has it an iterable, which may be read once only
                headers = list(headers)
            answer = self._tag.answer(message["status"], headers, head=self._scope["method"] == "HEAD")
            if isinstance(answer, TaggedPage):
                self._start, self._page = message, answer
                return
            message = {**message, "headers": answer}
        await self._send(message)

    def _edited(self, message: Message, page: PageStream) -> Iterator[Message]:
        """What goes out for a piece of the page's body."""
        more_follows = message.get("more_body", False)
        waiting: bytes | None = None  # what comes last has to say so
        for piece in page.feed(message.get("body", b""), ended=not more_follows):
            if waiting is not None:
                yield {"type": "http.response.body", "body": waiting, "more_body": True}
            elif not self._begun:
                yield self._begin(page)
            waiting = piece
        if not (self._begun or more_follows):
            yield self._begin(page)
        if waiting is not None or not more_follows:
            yield {"type": "http.response.body", "body": waiting or b"", "more_body": more_follows}

    def _begin(self, page: PageStream) -> Message:
        self._begun = True
        if page.trouble:
            self._say(page.trouble)
        return {**self._start, "headers": page.headers}
