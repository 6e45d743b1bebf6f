"""Files that are saved while it builds, or soon after, are all built."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from livereload_loc.changes import Batch
from livereload_loc.pipeline.steps.build.outputs import LATE_SECONDS, SURE_TIMES
from livereload_loc.pipeline.steps.build.step import DELAYS
from tests.support.in_loop import in_loop
from tests.support.played_build import PlayedBuild


@in_loop
async def test_what_a_person_saves_while_it_runs_is_built_in_one_further_run(played: PlayedBuild) -> None:
    played.save("one.scss", "1")

    def meanwhile() -> None:
        played.save("site.css", played.read("one.scss") + played.read("two.scss"))
        if played.runs == 1:
            played.save("two.scss", "2")
            played.save("page.html", "3")

    played.writes = meanwhile
    told = await played.settle()
    assert played.read("site.css") == "12"
    assert played.runs == 3  # the last one shows that nobody but the build writes site.css
    assert told == [["page.html", "site.css"], ["site.css"]]


@in_loop
async def test_saves_in_quick_succession_are_all_built(played: PlayedBuild) -> None:
    """Each of them comes so soon after a run that it may be the run's work."""
    played.writes = lambda: played.save("a.css", (played.folder / "a.scss").read_text())
    played.save("a.scss", "0")
    await played.settle()
    for number in range(1, 5):
        played.save_soon("a.scss", str(number))
        assert ["a.css"] in await played.settle(), number
        assert (played.folder / "a.css").read_text() == str(number)


@pytest.mark.parametrize("name", ["a.scss", "a.md", "a.html", "a.js"])
@pytest.mark.parametrize("saves", [["1", "2"], ["one", "two", "three", "four"]], ids=["digits", "words"])
@in_loop
async def test_saves_while_a_slow_build_runs_are_all_built(
    played: PlayedBuild, name: str, saves: list[str]
) -> None:
    """Also in a test of who writes the file."""
    coming = iter(saves)

    def slowly() -> None:
        built = played.read(name)
        if saved := next(coming, ""):
            played.save(name, saved)
        played.save("built.css", built)

    played.writes = slowly
    played.save(name, "0")
    await played.settle()
    assert played.read("built.css") == saves[-1]


@pytest.mark.parametrize("name", ["a.scss", "a.md", "a.html"])
@in_loop
async def test_an_editor_that_saves_all_the_time_is_not_taken_for_the_build(
    played: PlayedBuild, name: str
) -> None:
    """It saves while nothing is built, too."""
    number = 0

    def save() -> None:
        nonlocal number
        number += 1
        if number <= 30:
            played.save(name, f"{'word ' * number}")

    def slowly() -> None:
        built = played.read(name)
        save()
        played.save("built.css", built)

    def pause() -> None:
        played.now += 1
        save()

    played.writes, played.pauses = slowly, pause
    played.save(name, "0")
    await played.settle()
    assert played.read("built.css") == "word " * 30


@in_loop
async def test_a_page_that_is_made_while_the_build_is_tested_is_built(played: PlayedBuild) -> None:
    def slowly() -> None:
        pages = sorted(path.name for path in played.folder.glob("*.md"))
        if played.runs == 2:
            played.save("new.md", "1", "added")
        played.save("index.html", " ".join(pages))

    played.writes = slowly
    played.save("a.md", "1")
    await played.settle()
    assert played.read("index.html") == "a.md new.md"


def lists_pages(played: PlayedBuild) -> Callable[[], None]:
    return lambda: played.save(
        "index.txt", " ".join(sorted(path.stem for path in played.folder.glob("*.md")))
    )


@in_loop
async def test_pages_that_are_made_in_quick_succession_are_all_built(played: PlayedBuild) -> None:
    played.writes = lists_pages(played)
    for name in "abcdefgh":
        played.save_soon(f"{name}.md", name * 9, "added")
        await played.settle()
        assert played.read("index.txt").endswith(name)


@in_loop
async def test_pages_that_are_made_while_a_slow_build_runs_are_all_built(played: PlayedBuild) -> None:
    """Its outputs are not watched."""
    names, built = iter("bcde"), ""

    def slowly() -> None:
        nonlocal built
        built = " ".join(sorted(path.stem for path in played.folder.glob("*.md")))
        if name := next(names, ""):
            played.save(f"{name}.md", name * 9, "added")

    played.writes = slowly
    played.save("a.md", "a")
    await played.settle()
    assert built == "a b c d e"


@in_loop
async def test_a_page_is_built_that_is_made_beside_files_that_are_called_anew(played: PlayedBuild) -> None:
    def stamped() -> None:
        pages = " ".join(sorted(path.stem for path in played.folder.glob("*.md")))
        if played.runs == 5:
            played.save("new.md", "new", "added")
        played.save(f"main.{played.runs}.js", "same", "added")
        played.save("index.txt", pages)

    played.writes = stamped
    played.save("a.md", "1")
    await played.settle()
    played.save("a.md", "2")
    await played.settle()
    assert played.read("index.txt") == "a new"


@in_loop
async def test_numbers_that_are_saved_while_a_slow_build_runs_are_all_built(played: PlayedBuild) -> None:
    numbers = iter(["1px", "2px", "3px", "4px"])

    def slowly() -> None:
        built = played.read("a.html")
        if number := next(numbers, ""):
            played.save("a.html", number)
        played.save("built.txt", built)

    played.writes = slowly
    played.save("a.html", "0px")
    await played.settle()
    assert played.read("built.txt") == "4px"


@in_loop
async def test_numbers_that_are_saved_in_quick_succession_are_all_built(played: PlayedBuild) -> None:
    played.writes = lambda: played.save("built.txt", played.read("a.html"))
    played.save("a.html", "0px")
    await played.settle()
    for number in range(1, SURE_TIMES + 1):
        played.save_soon("a.html", f"{number}px")
        await played.settle()
        assert played.read("built.txt") == f"{number}px"


@in_loop
async def test_somebody_who_goes_on_saving_shows_up_in_the_pause(played: PlayedBuild) -> None:
    """What is not late is a save, and no sign of a build that comes late."""
    played.writes = lambda: played.save("built.txt", played.read("a.html"))
    played.save("a.html", "0px")
    await played.settle()
    taken, shown_up, runs = played.take, 0, 0

    def take() -> Batch | None:
        nonlocal shown_up
        batch = taken()
        if batch is None and played.inside and played.runs == runs:
            shown_up += 1
            played.now += 1
            played.save("a.html", f"{shown_up}em")
            batch = taken()
        return batch

    played.take = take  # type: ignore[method-assign]
    for number in range(2 * SURE_TIMES):
        runs = played.runs
        played.save_soon("a.html", f"{number}px")
        await played.settle()
        assert played.read("built.txt") == played.read("a.html"), number
    assert shown_up


@in_loop
async def test_a_file_that_was_saved_twice_as_it_was_is_no_output(played: PlayedBuild) -> None:
    def slowly() -> None:
        built = played.read("a.html")
        if played.runs <= 2:
            played.save("a.html", "one")
        if played.read("b.html") and built == "one":
            played.save("a.html", "two")
        played.save("built.txt", built)

    played.writes = slowly
    played.save("a.html", "one")
    await played.settle()
    played.save("b.html", "y")
    await played.settle()
    assert played.read("built.txt") == "two"


@in_loop
async def test_a_test_waits_for_a_person_who_cannot_be_taken_for_the_build(tmp_path: Path) -> None:
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    played = PlayedBuild(tmp_path, delays=DELAYS, sleep=note)
    played.seconds = 0.01
    played.writes = lambda: played.save("page.html", chr(played.runs + 64))
    played.save("a.ts", "1")
    await played.settle()
    assert max(slept) > LATE_SECONDS


@in_loop
async def test_a_save_does_not_wait_for_the_test_of_another_file(played: PlayedBuild) -> None:
    pauses: list[int] = []
    played.pauses = lambda: pauses.append(played.runs)

    def slowly() -> None:
        if played.runs == 3:
            played.save("b.md", "1")
        played.save("page.html", chr(played.runs + 64))

    played.writes = slowly
    played.save("a.md", "1")
    await played.settle()
    assert 2 in pauses
    assert 3 not in pauses
