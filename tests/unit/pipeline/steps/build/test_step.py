"""The build step: which changes start a run, and which are its outputs."""

from __future__ import annotations

from pathlib import Path

from tests.support.in_loop import in_loop
from tests.support.played_build import PlayedBuild


@in_loop
async def test_pages_are_told_of_the_output_in_place_of_its_source(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("site.css", "a { color: red }")
    played.save("site.scss", "a { color: red }")
    assert await played.settle() == [["site.css"]]
    assert played.runs == 2  # the first time, in doubt whether a person saved site.css
    played.save("site.scss", "a { color: blue }")
    played.writes = lambda: played.save("site.css", "a { color: blue }")
    assert await played.settle() == [["site.css"]]
    assert played.runs == 3


@in_loop
async def test_a_source_that_a_server_may_show_is_told_beside_the_output(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("site.css", "a {}")
    played.save("page.html", "<p>")
    assert await played.settle() == [["page.html", "site.css"]]


@in_loop
async def test_a_source_that_no_page_shows_is_not_told_beside_the_output(played: PlayedBuild) -> None:
    played.save("page.ts", "1")

    def meanwhile() -> None:
        played.save("page.html", played.read("page.ts") + played.read("other.ts"))
        if played.runs == 1:
            played.save("other.ts", "2")

    played.writes = meanwhile
    assert await played.settle() == [["page.html"], ["page.html"]]


@in_loop
async def test_without_an_output_in_sight_the_source_is_told(played: PlayedBuild) -> None:
    played.save("site.scss", "a {}")
    assert await played.settle() == [["site.scss"]]
    assert played.runs == 1


@in_loop
async def test_what_it_writes_may_arrive_after_its_end(played: PlayedBuild) -> None:
    played.save("site.scss", "1")
    assert await played.settle() == [["site.scss"]]
    played.now -= 1
    played.save("site.css", "1")  # noticed at the end of that run
    played.writes = lambda: played.save("site.css", "1")
    assert await played.settle() == [["site.css"]]
    played.save("site.scss", "2")
    runs = played.runs
    assert await played.settle() == [["site.css"]]
    assert played.runs == runs + 1


@in_loop
async def test_an_output_that_somebody_edits_is_a_source_again(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("site.css", "a")
    played.save("site.scss", "1")
    await played.settle()
    played.writes = lambda: None
    runs = played.runs
    played.now += 60
    played.save("site.css", "edited by hand")
    assert await played.settle() == [["site.css"]]
    assert played.runs == runs + 1


@in_loop
async def test_outputs_are_late_by_the_seconds_between_two_looks(tmp_path: Path) -> None:
    played = PlayedBuild(tmp_path, poll=0.5)
    played.tick = 0.1
    played.save("site.scss", "1")
    await played.settle()
    for number in range(3):
        runs = played.runs
        played.now = played.ended + 0.7
        played.save("site.css", "1")
        await played.settle()
        assert played.runs - runs <= (1 if number < 2 else 0)
