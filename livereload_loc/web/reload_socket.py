"""The reload socket: updates from the hub to a page, and what the page says about itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.websockets import WebSocket, WebSocketDisconnect

from livereload_loc.access import Guard, Refusal
from livereload_loc.errors import BadMessage
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.hub import Hub, Mailbox
from livereload_loc.pipeline.pages import OpenPages
from livereload_loc.protocol import MAX_FRAME, PageAnswer, PageHello, Update, parse
from livereload_loc.web.refusals import refuse
from livereload_loc.web.user_agent import browser_name

# uvicorn's own limit_concurrency does not count WebSocket upgrades, so the cap is ours.
MAX_SOCKETS = 1_000

# A page may send so many messages in so many seconds; it needs one for each update.
MAX_MESSAGES, RATE_SECONDS = 200, 10.0

# A page that has not introduced itself by then is sent updates all the same.
INTRODUCTION_SECONDS = 1.0


class ReloadSocket:
    """The WebSocket endpoint of ``/_loc/ws/reload``: :meth:`serve` takes one page."""

    def __init__(self, hub: Hub, guard: Guard, pages: OpenPages) -> None:
        self._hub, self._guard, self._pages = hub, guard, pages

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until either side goes."""
        if not await accept_page(socket, self._hub, self._guard, self._pages):
            return
        with self._hub.subscribe() as mailbox:
            await _PageConnection(socket, self._hub, mailbox, self._pages).run()


async def accept_page(socket: WebSocket, hub: Hub, guard: Guard, pages: OpenPages) -> bool:
    """Accept the socket of a page, or refuse a page from elsewhere or one too many; return which."""
    peer = socket.client.host if socket.client else None
    refusal = guard.refuse_socket(socket.headers.get("origin"), socket.headers.get("host"), peer)
    if hub.subscribers >= MAX_SOCKETS:
        refusal = Refusal(503, f"more than {MAX_SOCKETS} pages are open")
    if refusal:
        pages.refused(refusal)
        await socket.send_denial_response(refuse(refusal))
        return False
    await socket.accept()
    return True


class _PageConnection:
    """One open socket: a reader, and a writer that ends with it."""

    def __init__(self, socket: WebSocket, hub: Hub, mailbox: Mailbox, pages: OpenPages) -> None:
        self._socket, self._hub, self._mailbox, self._pages = socket, hub, mailbox, pages
        self._introduced: asyncio.Future[PageHello] = asyncio.get_running_loop().create_future()
        self._is_overdue = False  # it was sent updates before it introduced itself

    async def run(self) -> None:
        async with background(self._write()):
            try:
                await self._read()
            except WebSocketDisconnect:
                pass
            except (BadMessage, KeyError) as error:  # a binary frame has no "text"
                reason = str(error) if isinstance(error, BadMessage) else "a binary frame"
                with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                    await self._socket.close(1008, reason)

    async def _read(self) -> None:
        messages = self._messages()
        page = await anext(messages)
        if not isinstance(page, PageHello):
            raise BadMessage("an answer from a page that did not introduce itself")
        browser = browser_name(self._socket.headers.get("user-agent"))
        with self._pages.open(page.url, browser) as take_answer:
            self._introduced.set_result(page)
            if self._is_overdue and self._hub.missed(page, self._mailbox):
                # Its updates would come out of order by now.
                self._mailbox.put(Update(self._mailbox.since, "reload", (), everyone=True).frame())
            async for answer in messages:
                if not isinstance(answer, PageAnswer):
                    raise BadMessage("a page that introduces itself twice")
                take_answer(answer)

    async def _messages(self) -> AsyncIterator[PageHello | PageAnswer]:
        clock = asyncio.get_running_loop().time
        while True:
            until = clock() + RATE_SECONDS
            for _ in range(MAX_MESSAGES):
                text = await self._socket.receive_text()
                if len(text) > MAX_FRAME:
                    raise BadMessage("a frame that is too long")
                yield parse(text)
            if clock() < until:
                raise BadMessage("a page that sends too much")

    async def _introduction(self) -> PageHello:
        # Not wait_for, which before Python 3.12 lost a cancellation that came together with the answer
        # (python/cpython#86296): the writer would have waited for ever for frames that nobody reads.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(INTRODUCTION_SECONDS):
                return await asyncio.shield(self._introduced)
        self._is_overdue = not self._introduced.done()
        return PageHello(url="", seq=self._mailbox.since, run=self._hub.run, age=0)

    async def _write(self) -> None:
        """Send the greeting, then missed updates, then new ones: so ``seq`` grows and has no gaps."""
        for frame in self._hub.greeting(self._mailbox):
            await self._socket.send_text(frame)
        for update in self._hub.missed(await self._introduction(), self._mailbox):
            await self._socket.send_text(update.frame())
        async for frame in self._mailbox:
            await self._socket.send_text(frame)
