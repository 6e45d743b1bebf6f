"""LiveReload protocol 7, for its browser extensions and for pages that carry its own client.

http://livereload.com/api/protocol/ names the messages: JSON text frames with the key ``command``. The client
says hello with the protocols it knows, and is sent the file to reload. It decides by the name of the file
alone, answers nothing, and does not notice that the server was away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable

from starlette.websockets import WebSocket, WebSocketDisconnect

from livereload_loc.access import Guard
from livereload_loc.errors import BadMessage
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.hub import Hub, Mailbox
from livereload_loc.pipeline.pages import OpenPages
from livereload_loc.protocol import Did, PageAnswer, Update, parse_object
from livereload_loc.web.reload_socket import accept_page
from livereload_loc.web.user_agent import browser_name

PROTOCOL = "http://livereload.com/protocols/official-7"

# What the extensions ask for to find out whether a server is there.
PROBE = "http://livereload.com/protocols/connection-check-1"

HELLO_SECONDS = 5.0

# A client may wait so long before it tries again: those that come within this time after the start may have
# missed what was saved meanwhile.
BACK_SECONDS = 60.0

_MAX_URL = 2048
_MAX_KNOWN = 1_000


def reply_to_hello(text: str) -> str:
    """Return the server's hello for that of a client.

    Raises:
        BadMessage: it is none, or it knows no protocol of ours.
    """
    message = parse_object(text)
    protocols = message.get("protocols")
    if message.get("command") != "hello" or not isinstance(protocols, list):
        raise BadMessage("a client that does not say hello first")
    common = [protocol for protocol in (PROTOCOL, PROBE) if protocol in protocols]
    if not common:
        raise BadMessage("a client of another protocol")
    return json.dumps({"command": "hello", "protocols": common, "serverName": "loc-dev"})


def page_of(text: str) -> str | None:
    """Return the URL of the page from a client's ``info``; None for other messages.

    Raises:
        BadMessage: it is no message.
    """
    message = parse_object(text)
    url = message.get("url")
    return url[:_MAX_URL] if message.get("command") == "info" and isinstance(url, str) else None


def commands(frame: str) -> tuple[list[str], int, Did] | None:
    """Return the messages for a frame of the hub, the update's number, and what the client will do; None for
    frames that the protocol has no message for.

    Style sheets and images are named one by one; anything else reloads the page, for which one name of no
    style sheet will do.
    """
    update = json.loads(frame)
    if update["type"] != "update":
        return None
    action, paths = update["action"], update["paths"]
    did: Did = "reload"
    if action in ("css", "image") and paths and not update.get("all"):
        did = action
    else:
        paths = ["/"]
    messages = [
        json.dumps({"command": "reload", "path": path, "liveCSS": True, "liveImg": True}) for path in paths
    ]
    return messages, update["seq"], did


class LiveReloadSocket:
    """The endpoint of ``/livereload``: :meth:`serve` takes one client. ``clock`` is in seconds."""

    def __init__(
        self, hub: Hub, guard: Guard, pages: OpenPages, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._hub, self._guard, self._pages, self._clock = hub, guard, pages, clock
        self._began = clock()
        self._known: set[str] = set()

    async def serve(self, socket: WebSocket) -> None:
        """Serve one client until either side goes."""
        if not await accept_page(socket, self._hub, self._guard, self._pages):
            return
        with contextlib.suppress(WebSocketDisconnect), self._hub.subscribe() as mailbox:
            client = _LiveReloadClient(socket, mailbox, self._pages)
            try:
                async with asyncio.timeout(HELLO_SECONDS):
                    await socket.send_text(reply_to_hello(await socket.receive_text()))
                await client.run(self._catch_up)
            except (BadMessage, KeyError, TimeoutError) as error:  # a binary frame has no "text"
                await socket.close(1008, str(error) if isinstance(error, BadMessage) else "")

    def _catch_up(self, url: str) -> str | None:
        """Return a reload for a page that may be from before the start, whose client does not reload by
        itself; only once for each URL, since the same one that comes again has reloaded."""
        if self._clock() - self._began > BACK_SECONDS:
            self._known.clear()
            return None
        if url in self._known or len(self._known) >= _MAX_KNOWN:
            return None
        self._known.add(url)
        return Update(self._hub.seq, "reload", (), everyone=True).frame()


class _LiveReloadClient:
    """One open socket: a reader, and a writer that ends with it."""

    def __init__(self, socket: WebSocket, mailbox: Mailbox, pages: OpenPages) -> None:
        self._socket, self._mailbox, self._pages = socket, mailbox, pages
        self._take_answer: Callable[[PageAnswer], None] | None = None  # once its page is known

    async def run(self, catch_up: Callable[[str], str | None]) -> None:
        async with background(self._write()):
            while (url := page_of(await self._socket.receive_text())) is None:
                pass
            browser = browser_name(self._socket.headers.get("user-agent"))
            with self._pages.open(url, browser) as self._take_answer:
                if missed := catch_up(url):
                    self._mailbox.put(missed)
                while True:
                    parse_object(await self._socket.receive_text())

    async def _write(self) -> None:
        async for frame in self._mailbox:
            translated = commands(frame)
            if translated is None:
                continue
            messages, seq, did = translated
            for message in messages:
                await self._socket.send_text(message)
            if self._take_answer:
                self._take_answer(PageAnswer(seq, did, "as LiveReload does"))
