"""An ASGI app around another one, whose pages bear the tag and whose other answers are left alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache, partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import headers as rules
from .page import HeldPage, Script, Tag

__all__ = ["Injecting", "Script"]

_FILE_EXTENSIONS = ("http.response.pathsend", "http.response.zerocopysend")

MAX_SAID = 16
"""Not more troubles than this are said, for their words may come from a stranger."""

logger = logging.getLogger("livereload_loc")


class Injecting:
    """Puts the tag into every page that a person navigates to."""

    def __init__(self, app: ASGIApp, script: Script) -> None:
        self._app = app
        self._tag = lru_cache(maxsize=64)(partial(Tag, script))  # an app has few addresses, often one
        self._said: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            Undecodable: a page came that cannot be completed, so that the server has to cut the connection.
        """
        if scope["type"] == "http" and rules.asks_for_page(scope["method"], scope["headers"]):
            host = rules.get(scope["headers"], b"host") or b"localhost"
            tag = self._tag(scope.get("root_path", ""), scope.get("scheme", "http"), host)
            responder = _Responder(tag, send, self._say, head=scope["method"] == "HEAD")
            await self._app(_plain(scope, tag), receive, responder)
            if responder.page:
                responder.page.check()  # the app may have made nothing of it
        else:
            await self._app(scope, receive, send)

    def _say(self, trouble: str) -> None:
        """Log it, once."""
        if trouble not in self._said and len(self._said) < MAX_SAID:
            self._said.add(trouble)
            logger.warning("%s", trouble)


def _plain(scope: Scope, tag: Tag) -> Scope:
    """A request for a page that is neither compressed, nor the copy without the tag, nor sent as a file."""
    extensions = scope.get("extensions") or {}
    if extensions:
        extensions = {key: value for key, value in extensions.items() if key not in _FILE_EXTENSIONS}
    return {**scope, "headers": tag.request(scope["headers"]), "extensions": extensions}


class _Responder:
    """One answer. Its start is held until it is known whether the page has a place for the tag."""

    __slots__ = ("_begun", "_is_head", "_say", "_send", "_start", "_tag", "page")

    def __init__(self, tag: Tag, send: Send, say: Callable[[str], None], *, head: bool) -> None:
        self._tag, self._send, self._say, self._is_head = tag, send, say, head
        self.page: HeldPage | None = None
        self._start: Message = {}
        self._begun = False

    async def __call__(self, message: Message) -> None:
        """Pass on what the app sends, with the tag in it."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif message["type"] == "http.response.body" and self.page:
            await self._continue(message, self.page)
        else:
            await self._send(message)

    async def _begin(self, message: Message) -> None:
        headers = [(key, value) for key, value in message.get("headers", ())]
        answer = self._tag.answer(message["status"], headers, head=self._is_head)
        if isinstance(answer, HeldPage):
            self._start, self.page = message, answer
        else:
            await self._send({**message, "headers": answer})

    async def _continue(self, message: Message, page: HeldPage) -> None:
        more_follows = message.get("more_body", False)
        waiting: bytes | None = None  # what comes last has to say so
        for piece in page.feed(message.get("body", b""), ended=not more_follows):
            if waiting is None:
                await self._pass_start(page)
            else:
                await self._pass(waiting, more=True)
            waiting = piece
        if waiting is not None or not more_follows:
            await self._pass_start(page)
            await self._pass(waiting or b"", more=more_follows)

    async def _pass_start(self, page: HeldPage) -> None:
        if not self._begun:
            self._begun = True
            if page.trouble:
                self._say(page.trouble)
            await self._send({**self._start, "headers": page.headers})

    async def _pass(self, piece: bytes, *, more: bool) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})
