"""Who is sent which total, and how often."""

from __future__ import annotations

import asyncio
import json
from typing import cast

from livereload_loc.counter.counter import Counter
from livereload_loc.events import TotalChanged
from tests.support.in_loop import in_loop
from tests.support.manual_clock import Page, join
from tests.support.waiting import until_async


@in_loop
async def test_each_page_is_sent_the_newest_total_once() -> None:
    totals: list[TotalChanged] = []
    counter = Counter(on_total=totals.append)
    running = asyncio.create_task(counter.run())
    visits = []
    for _ in range(50):
        visits.append(join(counter))
        counter.greeting(visits[-1])
    other = join(counter, "b.example")
    await until_async(lambda: len(totals) == 2)
    pages = [cast(Page, visit.connection) for visit in visits]
    assert [page.messages for page in pages[:-1]] == [['{"type":"total","total":50,"state":"live"}']] * 49
    assert pages[-1].messages == [], "it was greeted with the same"
    assert json.loads(cast(Page, other.connection).messages[0])["total"] == 1
    assert counter.broadcast.sent == 49 + 1
    assert sorted(totals, key=str) == [TotalChanged("a.example", 50), TotalChanged("b.example", 1)]
    running.cancel()


@in_loop
async def test_a_page_that_was_greeted_amid_changes_is_put_right() -> None:
    totals: list[TotalChanged] = []
    counter = Counter(on_total=totals.append)
    running = asyncio.create_task(counter.run())
    first = join(counter)
    counter.greeting(first)
    await until_async(lambda: totals)  # the first broadcast, which sends nothing
    second, third = join(counter), join(counter)
    counter.greeting(third)
    counter.leave(second)
    await until_async(lambda: cast(Page, third.connection).messages)
    assert json.loads(cast(Page, third.connection).messages[-1])["total"] == 2
    running.cancel()
