"""Tracks each update from when it is sent until all pages have answered."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable

from livereload_loc.changes import Decision
from livereload_loc.events import ProblemFound, Reporter, UpdateApplied, UpdateSent, UpdateSummary
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.reload_loops import LoopDetector
from livereload_loc.pipeline.update_result import UpdateResult, name_paths
from livereload_loc.protocol import Did, PageAnswer

# Seconds after an update that no page uses until a follow-up for all pages.
FOLLOW_UP_SECONDS = 0.3
# The same while a page has not answered: it may be the one that uses the file, and fetches what it uses
# before it reloads, for up to a second.
BUSY_SECONDS = 1.5
# Seconds after an update until its summary is reported, even if pages have not answered.
SUMMARY_SECONDS = 3.0
# The number of results that are kept for late answers.
KEPT_RESULTS = 100

# What a page does by asking for itself anew.
_ASKED = ("in-place", "same", "reload")

_BYPASS = (
    "Saves do not show. Unregister it while you develop, in the browser's developer tools under "
    'Application > Service workers, or turn on "Bypass for network" there in Chromium.'
)


class UpdateTracker:
    """Sends updates to the open pages, and reports for each one what the pages did.

    An update that no page uses gets a follow-up. Every page applies that, since the server may use the file.
    With ``hub.exact`` only the pages do whose workers or frames have asked for the file, as ``requested``
    records: of all else they know themselves whether they use it. ``clock`` is that of :attr:`.Batch.seen`.
    """

    def __init__(
        self,
        hub: Hub,
        loops: LoopDetector,
        report: Reporter,
        *,
        requested: RequestedFiles | None = None,
        clock: Callable[[], float] = time.monotonic,
        follow_up: float = FOLLOW_UP_SECONDS,
    ) -> None:
        self.open_pages: set[int] = set()
        """The ids of the pages that updates are sent to."""
        self._hub, self._loops, self._report, self._requested = hub, loops, report, requested
        self._clock, self._follow_up = clock, follow_up
        self._results: dict[int, UpdateResult] = {}
        self._changed = asyncio.Event()
        self._has_reported_worker = False

    def send(
        self, decision: Decision, seen: float, *, everyone: bool = False, follows: int = 0, title: str = ""
    ) -> None:
        """Send an update to the open pages.

        With ``everyone`` no page may ignore it. It may follow (``follows``) an update of that number. The
        summary names the ``title`` in place of the paths.
        """
        update = self._hub.send(decision, everyone=everyone, unseen=follows > 0 and not everyone)
        now = asyncio.get_running_loop().time()
        result = UpdateResult(update, seen, set(self.open_pages), title, sent=now, due=now + self._follow_up)
        result.followed = follows > 0
        self._results[update.seq] = result
        if len(self._results) > KEPT_RESULTS:
            self._close(self._results.pop(min(self._results)))
        self._changed.set()
        self._report(
            UpdateSent(update.paths, update.action, len(self.open_pages), update.seq, follows, title)
        )

    def answered(self, page_id: int, url: str, answer: PageAnswer) -> None:
        """Record the answer of a page; a second one, or one to no update, is ignored."""
        if answer.did in _ASKED:
            self._loops.reloaded(self._clock())
        result = self._results.get(answer.seq)
        ms = result.answer(page_id, answer.did, self._clock()) if result else None
        if result is None or ms is None:
            return
        self._report(
            UpdateApplied(result.update.paths, url, answer.did, round(ms, 1), answer.seq, page_id, answer.why)
        )
        self._check_origin(result, answer.did)
        if result.unused and not result.open and result.due == math.inf:
            # Other pages that have just joined may be about to answer as well.
            result.due = asyncio.get_running_loop().time() + self._follow_up
        self._changed.set()

    def left(self, page_id: int) -> None:
        """Record that the socket of a page has closed."""
        self.open_pages.discard(page_id)
        for result in self._results.values():
            result.leave(page_id)

    async def run(self) -> None:
        """Report summaries and send follow-ups when they are due, until cancelled."""
        while True:
            self._changed.clear()
            now = asyncio.get_running_loop().time()
            for result in tuple(self._results.values()):
                if (result.open and result.complete) or result.due <= now:
                    self._follow_up_or_close(result, now)
            due = min((result.due for result in self._results.values()), default=math.inf)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due if due < math.inf else None):
                    await self._changed.wait()

    def _follow_up_or_close(self, result: UpdateResult, now: float) -> None:
        """Follow up an update that no page uses, or report its summary once all pages have answered."""
        update, result.due = result.update, math.inf
        busy_until, deadline = result.sent + BUSY_SECONDS, result.sent + SUMMARY_SECONDS
        is_new = result.unused and not (result.followed or update.everyone)
        if result.unused and result.open and result.waiting and now < busy_until:
            result.due = busy_until
        elif is_new and (more := self._follow_up_of(result)):
            decision, everyone = more
            result.open, result.followed = False, True
            title = result.title or (name_paths(update.paths) if self._hub.exact else "")
            self.send(decision, result.seen, everyone=everyone, follows=update.seq, title=title)
        elif result.complete or now >= deadline:
            self._close(result)
        else:
            result.due = deadline  # a busy page may be the one that uses it

    def _follow_up_of(self, result: UpdateResult) -> tuple[Decision, bool] | None:
        """Return what follows an update that no page uses, and whether it is for all of them."""
        if not self._hub.exact:
            return Decision("reload", result.update.paths), True
        return self._requested.askers(result.update.paths) if self._requested else None

    def _check_origin(self, result: UpdateResult, did: Did) -> None:
        """Report a service worker that gave a page its own copy of what was saved."""
        requests, since = self._hub.requests, result.seen
        asked = did in _ASKED and requests.page_at < since
        swapped = did in ("css", "image") and not any(
            requests.has_file(path, since) for path in result.update.paths
        )
        if asked or swapped:
            self._report_worker()

    def _report_worker(self) -> None:
        worker = self._hub.requests.service_worker
        if worker and not self._has_reported_worker:
            self._has_reported_worker = True
            self._report(ProblemFound(f"{worker}, a service worker, answers from its own cache", _BYPASS))

    def _close(self, result: UpdateResult) -> None:
        if not result.open:
            return
        result.open, update = False, result.update
        title = result.title or name_paths(update.paths)
        at = time.time() - (self._clock() - result.seen)
        self._report(UpdateSummary(title, result.tabs(), round(result.slowest_ms, 1), update.seq, at))
        if not self.open_pages:
            self._report_worker()  # a page in its cache may have no script
            self._loops.reloaded(self._clock())  # the summary itself may be what is written to a file next
