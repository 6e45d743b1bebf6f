"""Where everything meets that the pages are told: numbered, remembered for those who come back, fanned out.

The hub knows nothing of sockets. A reader subscribes and takes frames from its own bounded mailbox, so
a page that does not read never delays another one and never grows memory.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from livereload_loc.changes import Decision
from livereload_loc.protocol import PageHello, Problem, Update, hello, solved

KEPT_UPDATES = 1_000
KEPT_SECONDS = 600.0
MAILBOX_FRAMES = 64


@dataclass(frozen=True, slots=True)
class _SentUpdate:
    at: float
    update: Update


class Mailbox:
    """The frames that wait for one reader: at most ``MAILBOX_FRAMES``, and when it is full the oldest goes.

    A reader that lost frames so sees a gap in ``seq``. Iterating waits for frames and never ends by itself.
    """

    def __init__(self, since: int) -> None:
        self.since = since
        """The number of the last update that was told before this mailbox was there."""
        self._frames: deque[str] = deque(maxlen=MAILBOX_FRAMES)
        self._filled = asyncio.Event()

    def put(self, frame: str) -> None:
        """Leave a frame; never waits."""
        self._frames.append(frame)
        self._filled.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            await self._filled.wait()
            while self._frames:
                yield self._frames.popleft()
            self._filled.clear()


class Hub:
    """Tells every subscriber every update, in order and without gaps.

    ``clock`` gives seconds that never run backwards; ``run`` names this run of the server, so that a page
    of an earlier run knows that it missed what happened in between. ``exact`` tells the pages that paths
    are URL paths.

    >>> hub = Hub(run="a run")
    >>> async def page() -> None:
    ...     with hub.subscribe() as mailbox:
    ...         print(*hub.greeting(mailbox))
    ...         hub.update(Decision("css", ("styles/site.css",)))
    ...         async for frame in mailbox:
    ...             print(frame)
    ...             break
    >>> asyncio.run(page())
    {"type":"hello","run":"a run","seq":0}
    {"type":"update","seq":1,"action":"css","paths":["styles/site.css"]}
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, run: str | None = None, exact: bool = False
    ) -> None:
        self.exact = exact
        self.run = run or secrets.token_hex(8)
        self.seq = 0
        self.problem: Problem | None = None
        self._clock = clock
        self._told: deque[_SentUpdate] = deque()
        self._forgot_at = -math.inf  # when the newest update was told that is no longer remembered
        self._mailboxes: set[Mailbox] = set()

    @property
    def subscribers(self) -> int:
        """How many mailboxes there are."""
        return len(self._mailboxes)

    @contextmanager
    def subscribe(self) -> Iterator[Mailbox]:
        """A mailbox for as long as the ``with`` block runs."""
        mailbox = Mailbox(self.seq)
        self._mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)

    def greeting(self, mailbox: Mailbox) -> list[str]:
        """What a page is told first: hello, and the problem of the moment."""
        frames = [hello(self.run, mailbox.since, exact=self.exact)]
        return [*frames, self.problem.frame()] if self.problem else frames

    def update(self, decision: Decision, *, everyone: bool = False) -> Update:
        """Number ``decision`` and tell it; with ``everyone`` no page may say that it is not concerned."""
        self.seq += 1
        update = Update(self.seq, decision.action, decision.paths, everyone)
        self._told.append(_SentUpdate(self._clock(), update))
        self._forget()
        self._send(update.frame())
        return update

    def report(self, problem: Problem) -> None:
        """Show ``problem`` in every page, and in those that come, until it is solved."""
        self.problem = problem
        self._send(problem.frame())

    def solve(self) -> None:
        """Take the problem away; does nothing where there is none."""
        if self.problem:
            self.problem = None
            self._send(solved())

    def missed(self, page: PageHello, since: int) -> list[Update]:
        """What a page has to be told that was told before its mailbox began, at update ``since``.

        A page that knows an older update of this run is told those that followed; one that knows none is
        told those of its last ``age`` milliseconds. One of another run, or one that was away for longer
        than the hub remembers, is told to reload.
        """
        self._forget()
        before = [told for told in self._told if told.update.seq <= since]
        if page.run is None or page.seq is None:
            born = self._clock() - page.age / 1000
            updates = [told.update for told in before if told.at >= born]
            complete = born > self._forgot_at
        else:
            updates = [told.update for told in before if told.update.seq > page.seq]
            complete = page.run == self.run and len(updates) == since - page.seq
        return updates if complete else [Update(since, "reload", (), all=True)]

    def _forget(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._told and (len(self._told) > KEPT_UPDATES or self._told[0].at < oldest):
            self._forgot_at = self._told.popleft().at

    def _send(self, frame: str) -> None:
        for mailbox in self._mailboxes:
            mailbox.put(frame)
