"""A round is an update that pages are told and what they answer: here it is begun, waited for, and closed.

Each round ends in one line that accounts for every tab, or in another update for those that had better
not decide by themselves. Times are those of ``clock``, in seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping

from livereload_loc.changes import Decision
from livereload_loc.events import Reporter, UpdateApplied, UpdateSent, UpdateSummary
from livereload_loc.pipeline.accounts import UpdateResult, UpdateResults
from livereload_loc.pipeline.hub import Hub
from livereload_loc.protocol import PageAnswer

FOLLOW_UP_SECONDS = 0.3
"""How long pages may take to say that they do not use a changed asset before the matter rests."""

ACCOUNT_SECONDS = 3.0
"""How long an update waits for its tabs before its line is printed all the same."""


class UpdateTracker:
    """Tells ``pages``, the URLs of those that are connected by the numbers of their sockets.

    Where paths are URL paths (``hub.exact``), a page that does not use one is right about it. Elsewhere an
    asset may also be read on the server, so that an update which nobody uses is followed by one that every
    page obeys. ``start`` does work until it ends or everything does.
    """

    def __init__(
        self,
        hub: Hub,
        pages: Mapping[int, str],
        report: Reporter,
        *,
        start: Callable[[Coroutine[None, None, None]], None],
        clock: Callable[[], float],
    ) -> None:
        self._hub, self._pages, self._report = hub, pages, report
        self._start, self._clock = start, clock
        self._accounts = UpdateResults()
        self._open: dict[int, asyncio.Event] = {}  # those that wait, until they are complete

    def begin(
        self, decision: Decision, seen: float, *, everyone: bool = False, follows: int = 0, why: str = ""
    ) -> None:
        """Tell the pages, with ``everyone`` those too that do not use what changed; ``follows`` is the number
        of an update that none of them used, ``why`` says what led to it where it was no save."""
        update = self._hub.update(decision, everyone=everyone or follows > 0)
        account = self._accounts.open(update, seen, self._pages, why)
        self._report(UpdateSent(update.paths, update.action, len(self._pages), update.seq, follows, why))
        self._start(self._wait(account))

    def answered(self, page: int, url: str, answer: PageAnswer) -> None:
        """A page at ``url`` says what it did; a second answer, or one to nothing, is none."""
        account = self._accounts.find(answer.seq)
        ms = account.answer(page, answer.did, self._clock()) if account else None
        if account is None or ms is None:
            return
        self._report(UpdateApplied(account.update.paths, url, answer.did, round(ms, 1), answer.seq, page))
        if answer.seq in self._open:
            self._look()
        elif account.unused and not self._hub.exact:
            self._start(self._wait_for_others(account))

    def left(self, page: int) -> None:
        """The socket of a page has closed."""
        self._accounts.leave(page)
        self._look()

    async def _wait(self, account: UpdateResult) -> None:
        """Wait for the tabs to answer; then say so in one line, or tell again what nobody uses.

        Pages that are busy are waited for a second time: they may be the ones that show it.
        """
        update = account.update
        complete = self._open[update.seq] = asyncio.Event()
        self._look()
        try:
            for seconds in (FOLLOW_UP_SECONDS, ACCOUNT_SECONDS - FOLLOW_UP_SECONDS):
                await _within(seconds, complete)
                if self._follow(account):
                    return
            self._report(UpdateSummary(account.line(), round(account.slowest_ms, 1), update.seq))
        finally:
            del self._open[update.seq]

    async def _wait_for_others(self, account: UpdateResult) -> None:
        """Once the line is printed a page may answer still that was only just coming, or was away; and what
        was told while nobody was there, and is not used by those who come, is told again to them."""
        await asyncio.sleep(FOLLOW_UP_SECONDS)
        self._follow(account)

    def _follow(self, account: UpdateResult) -> bool:
        """Tell every page what those that answered do not use; once, and where a server may read it."""
        update = account.update
        if self._hub.exact or update.all or account.followed or not account.unused:
            return False
        account.followed = True
        self.begin(Decision("reload", update.paths), account.seen, follows=update.seq, why=account.why)
        return True

    def _look(self) -> None:
        """See which of those that wait are complete."""
        for seq, complete in self._open.items():
            account = self._accounts.find(seq)
            if account is None or account.complete:
                complete.set()


async def _within(seconds: float, event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
