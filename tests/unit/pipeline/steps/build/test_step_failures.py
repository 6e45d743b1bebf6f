"""Builds that fail: what pages are told, then and afterwards."""

from __future__ import annotations

from livereload_loc.protocol import Problem
from tests.support.in_loop import in_loop
from tests.support.played_build import PlayedBuild, whole_site


@in_loop
async def test_a_failure_is_told_and_what_it_kept_back_comes_with_the_next_good_run(
    played: PlayedBuild,
) -> None:
    played.fails = Problem("failed", "line 3")
    played.save("one.html", "1")
    assert await played.settle() == [played.fails]
    played.save("two.html", "2")
    assert await played.settle() == [played.fails]
    played.fails = None
    played.save("three.html", "3")
    assert await played.settle() == [["one.html", "three.html", "two.html"]]


@in_loop
async def test_after_a_failure_the_delay_counts_from_the_save_that_mended_it(played: PlayedBuild) -> None:
    played.fails = Problem("failed", "")
    played.save("site.scss", "bad")
    await played.settle()
    played.now += 60
    played.fails = None
    mended = played.now
    played.save("site.scss", "good")
    assert await played.settle() == [["site.scss"]]
    assert played.seen == mended


@in_loop
async def test_a_failing_run_that_writes_is_told_once(played: PlayedBuild) -> None:
    played.fails = Problem("failed", "")
    played.writes = lambda: played.save("error.log", "oh")
    played.save("one.html", "1")
    assert await played.settle() == [played.fails]
    played.fails = None
    played.save("one.html", "2")
    assert await played.settle() == [["error.log", "one.html"]]


@in_loop
async def test_what_a_failed_run_wrote_is_told_though_it_is_as_it_was_before(played: PlayedBuild) -> None:
    """A page that was loaded meanwhile shows the failure."""
    played.writes = whole_site(played)
    played.save("a.ts", "one")
    await played.settle()
    played.writes = lambda: played.save("a.html", "oh")
    played.fails = Problem("failed", "")
    played.save("b.ts", "bad")
    assert await played.settle() == [played.fails]
    played.writes, played.fails = whole_site(played), None
    played.save("b.ts", "good")
    assert await played.settle() == [["a.html", "b.html"]]


@in_loop
async def test_what_comes_late_of_a_failed_run_is_told_with_the_next_good_one(played: PlayedBuild) -> None:
    played.writes = whole_site(played)
    played.save("a.ts", "one")
    await played.settle()
    played.writes, played.fails = lambda: None, Problem("failed", "")
    played.save("b.ts", "bad")
    assert await played.settle() == [played.fails]
    played.save_soon("a.html", "oh")
    assert await played.settle() == []
    played.fails = None
    played.save("c.css", "1")
    assert await played.settle() == [["a.html", "b.ts", "c.css"]]
