"""What pages are told of a build: what differs, once, and when it is built."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.support.in_loop import in_loop
from tests.support.played_build import PlayedBuild, whole_site


@in_loop
async def test_a_save_during_a_run_is_told_once_it_is_built(played: PlayedBuild) -> None:
    """Also where the outputs are not watched, and where pages were told of it already."""
    built = ""
    seen: list[str] = []

    def slowly() -> None:
        nonlocal built
        built = played.read("a.html")
        if played.runs == 1:
            played.save("a.html", "two")

    played.writes = slowly
    played.told = lambda: seen.append(built)
    played.save("a.html", "one")
    assert await played.settle() == [["a.html"], ["a.html"]]
    assert seen == ["one", "two"]


@in_loop
async def test_what_is_known_as_a_source_is_told_once_for_a_save_during_a_run(played: PlayedBuild) -> None:
    played.save("b.html", "1")
    assert await played.settle() == [["b.html"]]
    played.writes = lambda: played.save("b.html", "2") if played.runs == 2 else None
    played.save("a.html", "1")
    assert await played.settle() == [["a.html"], ["b.html"]]


@in_loop
async def test_a_new_file_that_comes_during_a_run_is_told_with_the_run_that_builds_it(
    played: PlayedBuild,
) -> None:
    played.writes = lambda: played.save("b.html", "1", "added") if played.runs == 1 else None
    played.save("a.html", "1")
    assert await played.settle() == [["a.html", "b.html"], ["b.html"]]


@in_loop
async def test_a_save_during_a_run_is_told_though_its_output_is_as_it_was(played: PlayedBuild) -> None:
    def slowly() -> None:
        if played.runs == 3:
            played.save("b.ts", "2")
        played.save("page.html", "same")

    played.save("b.ts", "1")
    played.writes = slowly
    assert await played.settle() == [["page.html"]]
    played.save("a.ts", "1")
    assert await played.settle() == [["page.html"], ["page.html"]]


def writes_what_is_new(played: PlayedBuild) -> Callable[[], None]:
    """A build that leaves alone what would not change."""

    def incremental() -> None:
        if (text := played.read("a.scss")) != played.read("a.css"):
            played.save("a.css", text)

    return incremental


@in_loop
async def test_a_build_that_writes_what_has_changed_is_told_once_when_it_is_known(
    played: PlayedBuild,
) -> None:
    played.writes = writes_what_is_new(played)
    played.save("a.scss", "1")
    assert await played.settle() == [
        ["a.css"],
        ["a.css"],
    ]  # it might be a save that the first run did not see
    played.save("a.scss", "2")
    assert await played.settle() == [["a.css"]]


@in_loop
async def test_a_served_folder_shows_what_it_holds_whatever_has_been_built(tmp_path: Path) -> None:
    played = PlayedBuild(tmp_path, served=True)
    played.writes = writes_what_is_new(played)
    played.save("a.scss", "1")
    assert await played.settle() == [["a.css"]]


@in_loop
async def test_of_a_site_that_is_written_again_pages_are_told_what_differs(played: PlayedBuild) -> None:
    played.writes = whole_site(played)
    played.save("a.ts", "one")
    assert await played.settle() == [["a.html", "b.html", "c.html"]]  # and not once more for the test
    played.save("b.ts", "two")
    assert await played.settle() == [["b.html"]]
    played.save("b.ts", "two")
    assert await played.settle() == [["a.html", "b.html", "c.html"]]  # no save goes without a line


@in_loop
async def test_names_that_follow_what_files_hold_are_told_once(played: PlayedBuild) -> None:
    def hashed() -> None:
        for old in played.folder.glob("main.*.js"):
            played.delete(old.name)
        text = played.read("main.ts")
        played.save(f"main.{text}.js", text, "added")
        played.save("index.html", f"main.{text}.js")

    played.writes = hashed
    for text in ("one", "two", "three"):
        played.save("main.ts", text)
        told = await played.settle()
        assert len(told) == 1
        assert "index.html" in str(told[0])


@in_loop
async def test_what_comes_late_as_it_was_is_no_news(played: PlayedBuild) -> None:
    played.writes = whole_site(played)
    played.save("a.ts", "one")
    await played.settle()
    played.save_soon("a.html", "page one")
    played.save("b.html", "other")
    assert await played.settle() == [["b.html"]]


@in_loop
async def test_an_output_that_somebody_edited_is_told_when_the_build_restores_it(played: PlayedBuild) -> None:
    played.writes = whole_site(played)
    played.save("a.ts", "one")
    await played.settle()
    played.save("a.html", "edited")
    assert ["a.html"] in await played.settle()
    assert played.read("a.html") == "page one"


@in_loop
async def test_what_was_away_for_a_while_is_told_though_it_is_as_it_was(played: PlayedBuild) -> None:
    """A page that was loaded meanwhile has missed it."""
    played.writes = whole_site(played)
    played.save("a.ts", "one")
    await played.settle()

    async def cleaned() -> None:
        played.delete("a.html")
        await asyncio.sleep(0.15)
        whole_site(played)()

    played.works = cleaned
    played.writes = lambda: None
    played.save("b.ts", "two")
    assert await played.settle() == [["a.html", "b.html"]]


@in_loop
async def test_a_number_that_changes_in_a_source_is_told(played: PlayedBuild) -> None:
    """Though outputs that differ in no more than a date are not."""

    def slowly() -> None:
        text = played.read("a.css")
        if played.runs == 1:
            played.save("a.css", "width: 2px")
        played.save("out.css", f"{text} in {played.runs}")

    played.writes = slowly
    played.save("a.css", "width: 1px")
    told = await played.settle()
    assert "2px" in played.read("out.css")
    assert ["a.css", "out.css"] in told[1:]


@in_loop
async def test_a_date_is_told_with_the_next_save(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("feed.xml", f"at {played.runs}")
    played.save("a.ts", "1")
    assert await played.settle() == [["feed.xml"]]
    played.writes = lambda: played.save("a.html", "page")
    played.save("a.ts", "2")
    assert (await played.settle())[0] == ["a.html", "feed.xml"]


@in_loop
async def test_the_last_state_of_what_it_likes_is_told(played: PlayedBuild) -> None:
    seen = ""

    def look() -> None:
        nonlocal seen
        seen = played.read("page.html")

    played.writes = lambda: played.save("page.html", chr(played.runs + 64))
    played.told = look
    played.save("a.ts", "1")
    await played.settle()
    assert seen == played.read("page.html")
