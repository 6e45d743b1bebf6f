"""A build's own output starts no loop."""

from __future__ import annotations

from livereload_loc.pipeline.steps.build.outputs import SURE_TIMES
from tests.support.in_loop import in_loop
from tests.support.played_build import PlayedBuild


@in_loop
async def test_a_build_that_writes_a_date_ends(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("feed.xml", f"<date>2026-01-01 {played.runs}</date>")
    played.save("a.ts", "1")
    assert await played.settle() == [["feed.xml"]]  # the date alone is no news
    assert played.runs == 3
    played.save("a.ts", "2")
    assert await played.settle() == [["feed.xml"]]
    assert played.runs == 4


@in_loop
async def test_a_build_that_writes_what_it_likes_ends(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("page.html", chr(played.runs + 64))
    played.save("a.ts", "1")
    assert await played.settle() == [["page.html"]] * 3  # at first, when it is doubtful, and when it is sure
    assert played.runs == 1 + SURE_TIMES
    played.save("a.ts", "2")
    assert await played.settle() == [["page.html"]]
    assert played.runs == 2 + SURE_TIMES


@in_loop
async def test_sources_that_it_writes_itself_start_no_loop(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("api.ts", f"// {played.runs}")
    played.save("schema.graphql", "1")
    await played.settle()
    runs = played.runs
    played.save("schema.graphql", "2")
    await played.settle()
    assert played.runs == runs + 1


@in_loop
async def test_its_own_files_start_no_loop_whatever_they_are_called(played: PlayedBuild) -> None:
    def stamped() -> None:
        played.save(f"main.{played.runs}.js", "same", "added")

    played.writes = stamped
    played.save("main.ts", "1")
    await played.settle()
    assert played.runs == 3
    played.save("main.ts", "2")
    await played.settle()
    assert played.runs == 5


@in_loop
async def test_new_names_for_what_it_likes_end(played: PlayedBuild) -> None:
    played.writes = lambda: played.save(f"main.{played.runs}.js", chr(played.runs + 64), "added")
    played.save("main.ts", "1")
    await played.settle()
    assert played.runs == 1 + SURE_TIMES
