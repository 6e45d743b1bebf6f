"""The reload socket: frames from the hub to a page, facts about the page to whoever keeps account."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import Protocol

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from livereload_loc.access import Guard, Refusal
from livereload_loc.errors import BadMessage
from livereload_loc.pipeline.hub import Hub, Mailbox
from livereload_loc.protocol import MAX_FRAME, PageAnswer, PageHello, Update, parse
from livereload_loc.web.user_agent import browser_name

MAX_SOCKETS = 1_000
"""uvicorn's own limit_concurrency does not count WebSocket upgrades, so the cap is ours."""

MAX_MESSAGES = 200
RATE_SECONDS = 10.0
"""So many messages a page may send in so long; it has one for each update."""

INTRODUCTION_SECONDS = 1.0
"""How long a page may take to introduce itself before it is told without."""


class PageListener(Protocol):
    """Hears what the pages say; ``page_id`` is the number of a socket, never used twice."""

    def joined(self, page_id: int, url: str, browser: str) -> None:
        """A page introduced itself; ``browser`` is a short name such as ``Firefox 140``."""

    def answered(self, page_id: int, url: str, answer: PageAnswer) -> None:
        """A page answered an update."""

    def left(self, page_id: int, url: str) -> None:
        """The socket of a page that had introduced itself closed."""

    def refused(self, refusal: Refusal) -> None:
        """A socket was refused."""


class ReloadSocket:
    """The WebSocket endpoint of ``/_loc/ws/reload``: :meth:`serve` takes one page."""

    def __init__(self, hub: Hub, guard: Guard, listener: PageListener) -> None:
        self._hub, self._guard, self._listener = hub, guard, listener
        self._numbers = itertools.count(1)

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until either side goes."""
        refusal = refuse_page(socket, self._hub, self._guard)
        if refusal:
            self._listener.refused(refusal)
            answer = PlainTextResponse(f"{refusal.reason}. {refusal.flag}\n", refusal.status)
            await socket.send_denial_response(answer)
            return
        await socket.accept()
        with self._hub.subscribe() as mailbox:
            await _PageConnection(next(self._numbers), socket, self._hub, mailbox, self._listener).run()


def refuse_page(socket: WebSocket, hub: Hub, guard: Guard) -> Refusal | None:
    """Refuse a page that comes from elsewhere, or that is one too many."""
    host, origin = socket.headers.get("host"), socket.headers.get("origin")
    peer = socket.client.host if socket.client else None
    if hub.subscribers >= MAX_SOCKETS:
        return Refusal(503, f"more than {MAX_SOCKETS} pages are open")
    return guard.refuse_host(host) or guard.refuse_socket(origin, host, peer)


class _PageConnection:
    """What is said over one socket: a reader and a writer that end each other."""

    def __init__(
        self, page: int, socket: WebSocket, hub: Hub, mailbox: Mailbox, listener: PageListener
    ) -> None:
        self._page, self._socket = page, socket
        self._hub, self._mailbox, self._listener = hub, mailbox, listener
        self._introduced: asyncio.Future[PageHello] = asyncio.get_running_loop().create_future()
        self._url: str | None = None
        self._told_without = False

    async def run(self) -> None:
        writer = asyncio.create_task(self._write())
        try:
            await self._read()
        finally:
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
                await writer
            if self._url is not None:
                self._listener.left(self._page, self._url)

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                until = clock() + RATE_SECONDS
                for _ in range(MAX_MESSAGES):
                    self._hear(await self._socket.receive_text())
                if clock() < until:
                    raise BadMessage("a page that talks too much")
        except WebSocketDisconnect:
            pass
        except (BadMessage, KeyError) as error:  # a binary frame has no "text"
            reason = str(error) if isinstance(error, BadMessage) else "a binary frame"
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await self._socket.close(1008, reason)

    def _hear(self, text: str) -> None:
        if len(text) > MAX_FRAME:
            raise BadMessage("a frame that is too long")
        match parse(text):
            case PageHello() as page if not self._introduced.done():
                self._url = page.url
                browser = browser_name(self._socket.headers.get("user-agent"))
                self._listener.joined(self._page, page.url, browser)
                self._introduced.set_result(page)
                if self._told_without and self._hub.missed(page, self._mailbox.since):
                    # Its updates would come out of order by now.
                    self._mailbox.put(Update(self._mailbox.since, "reload", (), all=True).frame())
            case PageHello():
                raise BadMessage("a page that introduces itself twice")
            case PageAnswer() as answer if self._url is not None:
                self._listener.answered(self._page, self._url, answer)
            case PageAnswer():
                raise BadMessage("an answer from a page that did not introduce itself")

    async def _introduction(self) -> PageHello:
        # Not wait_for, which before Python 3.12 lost a cancellation that came together with the answer
        # (python/cpython#86296): the writer would have waited for ever for frames that nobody reads.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(INTRODUCTION_SECONDS):
                return await asyncio.shield(self._introduced)
        self._told_without = not self._introduced.done()
        return PageHello(url="", seq=self._mailbox.since, run=self._hub.run, age=0)

    async def _write(self) -> None:
        """Greet, then catch up, then tell: in this order, so that ``seq`` grows and has no gaps."""
        for frame in self._hub.greeting(self._mailbox):
            await self._socket.send_text(frame)
        for update in self._hub.missed(await self._introduction(), self._mailbox.since):
            await self._socket.send_text(update.frame())
        async for frame in self._mailbox:
            await self._socket.send_text(frame)
