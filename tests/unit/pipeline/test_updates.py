"""Updates from when they are sent to their summary or the follow-up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from livereload_loc.changes import Decision
from livereload_loc.events import Event, UpdateApplied, UpdateSent, UpdateSummary
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.reload_loops import LoopDetector
from livereload_loc.pipeline.updates import KEPT_RESULTS, UpdateTracker
from livereload_loc.protocol import Did, PageAnswer
from tests.support.in_loop import in_loop
from tests.support.waiting import until_async

SOON = 0.01
FOLLOWED = UpdateSent(("data.css",), "reload", 2, seq=2, follows=1)


class Tracked:
    """A tracker, what it reports, and pages that answer."""

    def __init__(self, *pages: int, exact: bool = False) -> None:
        self.reports: list[Event] = []
        self.hub = Hub(exact=exact)
        self.requested, self.now = RequestedFiles(), 0.0
        self.tracker = UpdateTracker(
            self.hub,
            LoopDetector(),
            self.reports.append,
            requested=self.requested,
            clock=lambda: self.now,
            follow_up=SOON,
        )
        self.tracker.open_pages |= set(pages)

    def send(self) -> None:
        self.tracker.send(Decision("css", ("data.css",)), 0.0)

    def answer(self, page_id: int, did: Did, seq: int = 1) -> None:
        self.tracker.answered(page_id, "/", PageAnswer(seq, did, ""))

    def lines(self) -> list[str]:
        return [report.line for report in self.reports if isinstance(report, UpdateSummary)]

    def sent(self) -> list[UpdateSent]:
        return [report for report in self.reports if isinstance(report, UpdateSent)]


@asynccontextmanager
async def tracked(*pages: int, exact: bool = False) -> AsyncIterator[Tracked]:
    """Run a tracker, whose first update is sent to ``pages``."""
    each = Tracked(*pages, exact=exact)
    running = asyncio.create_task(each.tracker.run())
    each.send()
    yield each
    running.cancel()


@in_loop
async def test_what_a_page_does_not_use_is_followed_by_an_update_for_all() -> None:
    async with tracked(1, 2) as each:
        each.answer(1, "nothing")
        await until_async(lambda: each.hub.seq == 2)
        assert each.sent()[1] == FOLLOWED
        each.answer(1, "reload", 2)
        each.answer(2, "reload", 2)
        await until_async(each.lines)
        assert each.lines() == ["data.css: 2 tabs reloaded"]


@in_loop
async def test_the_summary_has_the_time_of_the_save() -> None:
    async with tracked(1) as each:
        each.now = 5.0
        before = time.time()
        each.answer(1, "css")
        await until_async(each.lines)
        (summary,) = (report for report in each.reports if isinstance(report, UpdateSummary))
        assert before <= summary.at + 5 <= time.time()


@in_loop
async def test_a_page_that_takes_long_to_reload_may_be_the_one_that_uses_it() -> None:
    async with tracked(1, 2) as each:
        each.answer(1, "nothing")
        await asyncio.sleep(1)  # so long that no update has followed, and far less than it takes to give up
        each.answer(2, "reload")
        await until_async(each.lines)
        assert each.lines() == ["data.css: 1 tab reloaded, 1 unaffected"]
        assert each.hub.seq == 1


@in_loop
async def test_what_a_worker_of_a_page_has_loaded_is_followed_by_an_update_for_that_page() -> None:
    async with tracked(1, 2, exact=True) as each:
        each.requested.add("/data.css", "http://localhost/worker.js", b"style")
        for page in (1, 2):
            each.answer(page, "nothing")
        await until_async(lambda: each.hub.seq == 2)
        followed = each.sent()[1]
        assert (followed.paths, followed.action, followed.follows) == (("worker.js",), "reload", 1)
        each.answer(1, "reload", 2)
        each.answer(2, "nothing", 2)
        await until_async(each.lines)
        assert each.lines() == ["data.css: 1 tab reloaded, 1 unaffected"]


@in_loop
async def test_it_is_followed_once_only() -> None:
    async with tracked(1, exact=True) as each:
        each.requested.add("/worker.js", "http://localhost/gone/", b"worker")
        each.requested.add("/data.css", "http://localhost/worker.js", b"style")
        each.answer(1, "nothing")
        await until_async(lambda: each.hub.seq == 2)
        each.answer(1, "nothing", 2)
        await until_async(each.lines)
        assert (each.hub.seq, each.lines()) == (2, ["data.css: 1 tab unaffected"])


@in_loop
async def test_a_page_that_answers_late_may_still_be_the_one() -> None:
    async with tracked(1) as each:
        await asyncio.sleep(5 * SOON)
        assert each.hub.seq == 1
        each.answer(1, "nothing")
        await until_async(lambda: each.hub.seq == 2)


@in_loop
async def test_where_paths_are_urls_a_page_is_right_about_what_it_uses() -> None:
    async with tracked(1, exact=True) as each:
        each.answer(1, "nothing")
        await until_async(each.lines)
        assert each.hub.seq == 1


@in_loop
async def test_what_pages_do_not_use_that_have_just_joined_is_sent_again() -> None:
    async with tracked() as each:
        await until_async(each.lines)
        for page_id in (1, 2):
            each.tracker.open_pages.add(page_id)
            each.answer(page_id, "nothing")
        await until_async(lambda: each.hub.seq == 2)
        await asyncio.sleep(5 * SOON)
        assert each.sent()[1:] == [FOLLOWED]


@in_loop
async def test_what_one_page_uses_that_has_just_joined_is_not_sent_again() -> None:
    async with tracked() as each:
        await until_async(each.lines)
        each.answer(1, "nothing")
        each.answer(2, "css")
        await asyncio.sleep(5 * SOON)
        assert each.hub.seq == 1


@in_loop
async def test_a_page_that_left_is_waited_for_until_the_new_one_answers() -> None:
    async with tracked(1) as each:
        each.tracker.left(1)
        assert not each.tracker.open_pages
        await asyncio.sleep(5 * SOON)
        assert not each.lines()
        each.answer(2, "reload")
        await until_async(each.lines)
        assert each.lines() == ["data.css: 1 tab reloaded"]


@in_loop
async def test_an_answer_to_no_update_and_a_second_one_are_not_reported() -> None:
    async with tracked(1) as each:
        for seq in (1, 1, 99):
            each.answer(1, "css", seq)
        assert [report for report in each.reports if isinstance(report, UpdateApplied)] == [
            UpdateApplied(("data.css",), "/", "css", 0.0, 1, 1)
        ]


@in_loop
async def test_old_results_are_forgotten_with_their_summary() -> None:
    async with tracked(1) as each:
        for _ in range(KEPT_RESULTS):
            each.send()
        assert each.lines() == ["data.css: 1 tab did not answer"]
        each.answer(1, "css", 1)
        assert not any(isinstance(report, UpdateApplied) for report in each.reports)
