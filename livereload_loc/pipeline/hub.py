"""The hub of all updates: numbered, remembered for pages that come back, and sent to every subscriber.

It does no I/O. Each subscriber reads frames from its own bounded mailbox, so a page that does not read
neither delays others nor takes more memory.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from livereload_loc.changes import Decision
from livereload_loc.pipeline.seen_requests import SeenRequests
from livereload_loc.protocol import InPlace, PageHello, Problem, Update, hello, solved

# Updates are remembered up to this number and age.
KEPT_UPDATES = 1_000
KEPT_SECONDS = 600.0
MAILBOX_FRAMES = 64
# How long the message in which a page tells its age may be on its way, in seconds.
TRANSIT_SECONDS = 0.1


class Mailbox:
    """Frames for one reader. At most ``MAILBOX_FRAMES`` wait; when it is full, the oldest is dropped.

    A reader that has lost frames sees a gap in ``seq``. Iteration waits for frames and never ends by itself.
    """

    def __init__(self, since: int, opened: float) -> None:
        self.since = since
        """The number of the last update before this mailbox existed."""
        self.opened = opened
        """When that was, by the clock of the hub."""
        self._frames: deque[str] = deque(maxlen=MAILBOX_FRAMES)
        self._filled = asyncio.Event()

    def put(self, frame: str) -> None:
        """Add a frame; never waits."""
        self._frames.append(frame)
        self._filled.set()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            await self._filled.wait()
            while self._frames:
                yield self._frames.popleft()
            self._filled.clear()


class Hub:
    """Sends every update to every subscriber, in order and without gaps.

    ``clock`` returns seconds that never run backwards. ``run`` names this run of the server, so that a page
    of an earlier run knows that it may have missed updates. ``exact`` tells pages that paths are URL paths,
    and ``in_place`` which of them show a save in place instead of reloading.

    >>> hub = Hub(run="a run")
    >>> async def page() -> None:
    ...     with hub.subscribe() as mailbox:
    ...         print(*hub.greeting(mailbox))
    ...         hub.send(Decision("css", ("styles/site.css",)))
    ...         async for frame in mailbox:
    ...             print(frame)
    ...             break
    >>> asyncio.run(page())
    {"type":"hello","run":"a run","seq":0}
    {"type":"update","seq":1,"action":"css","paths":["styles/site.css"]}
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        run: str | None = None,
        exact: bool = False,
        in_place: InPlace = "off",
    ) -> None:
        self.exact = exact
        self.in_place: InPlace = in_place
        self.run = run or secrets.token_hex(8)
        self.seq = 0
        self.problem: Problem | None = None
        self.requests = SeenRequests(clock)
        """The requests for the pages, as far as this server responds to them."""
        self._clock = clock
        self._sent: deque[tuple[float, Update]] = deque()
        self._forgotten_until = -math.inf
        self._mailboxes: set[Mailbox] = set()

    @property
    def subscribers(self) -> int:
        return len(self._mailboxes)

    @contextmanager
    def subscribe(self) -> Iterator[Mailbox]:
        """Provide a mailbox while the ``with`` block runs."""
        mailbox = Mailbox(self.seq, self._clock())
        self._mailboxes.add(mailbox)
        try:
            yield mailbox
        finally:
            self._mailboxes.discard(mailbox)

    def greeting(self, mailbox: Mailbox) -> list[str]:
        """Return the first frames for a page: hello, and the current problem."""
        frames = [hello(self.run, mailbox.since, exact=self.exact, in_place=self.in_place)]
        return [*frames, self.problem.frame()] if self.problem else frames

    def send(self, decision: Decision, *, everyone: bool = False, unseen: bool = False) -> Update:
        """Number ``decision`` and send it; ``everyone`` and ``unseen`` are as in :class:`.Update`."""
        self.seq += 1
        update = Update(self.seq, decision.action, decision.paths, everyone, unseen)
        self._sent.append((self._clock(), update))
        self._forget()
        self._put(update.frame())
        return update

    def report(self, problem: Problem) -> None:
        """Show ``problem`` in every page, also in new ones, until it is solved."""
        self.problem = problem
        self._put(problem.frame())

    def solve(self) -> None:
        """Remove the problem, if there is one."""
        if self.problem:
            self.problem = None
            self._put(solved())

    def missed(self, page: PageHello, mailbox: Mailbox) -> list[Update]:
        """Return the updates before those in ``mailbox`` that a page missed.

        A page that knows an older update of this run missed those that followed. One that knows none missed
        those of its last ``age`` milliseconds, or those since it was fetched ahead. A page of another
        run, or one that was away for longer than the hub remembers, gets an update to reload.
        """
        self._forget()
        since = mailbox.since
        sent = [(at, update) for at, update in self._sent if update.seq <= since]
        if page.run is None or page.seq is None:
            # It told its age after the mailbox was opened; a save must not be lost on that message's way.
            navigated_at = max(mailbox.opened, self._clock() - TRANSIT_SECONDS) - page.age / 1000
            fetched_at = min(navigated_at, self.requests.fetched_ahead(page.url) or navigated_at)
            updates = [update for at, update in sent if at >= fetched_at]
            complete = fetched_at > self._forgotten_until
        else:
            updates = [update for _, update in sent if update.seq > page.seq]
            complete = page.run == self.run and len(updates) == since - page.seq
        return updates if complete else [Update(since, "reload", (), everyone=True)]

    def _forget(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._sent and (len(self._sent) > KEPT_UPDATES or self._sent[0][0] < oldest):
            self._forgotten_until, _ = self._sent.popleft()

    def _put(self, frame: str) -> None:
        for mailbox in self._mailboxes:
            mailbox.put(frame)
