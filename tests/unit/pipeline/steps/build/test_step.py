"""The build step, with the watcher and the build itself played."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.changes import Batch, FileChange, Kind, ServedFolder
from livereload_loc.pipeline.steps.build.outputs import LATE_SECONDS, SURE_TIMES
from livereload_loc.pipeline.steps.build.step import DELAYS, BuildDelays, BuildStep
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.protocol import Problem

QUICK = BuildDelays(calm=0.0, expected=0.0, pause=0.02, load=0.0)


class Played(StepQueue):
    """A folder, a build that does what the test says, and the queue into which the watcher puts changes."""

    def __init__(
        self, folder: Path, *, served: bool = False, poll: float = 0.0, delays: BuildDelays = QUICK
    ) -> None:
        self.folder = folder
        self.now = 100.0
        self.runs = 0
        self.inside = False  # the step
        self.writes: Callable[[], None] = lambda: None
        self.works: Callable[[], Coroutine[None, None, None]] | None = None
        self.pauses: Callable[[], None] = lambda: None  # what happens before a test that waits
        self.told: Callable[[], None] = lambda: None  # what pages do
        self.seen = 0.0  # from when the delay of what was told last counts
        self.seconds = 0.5  # that a run takes
        self.tick = 0.0  # what passes between two looks at the clock
        self.ended = 0.0
        self.tasks: list[asyncio.Task[None]] = []
        self.fails: Problem | None = None
        site = ServedFolder(str(folder), str(folder)) if served else None
        self.step = BuildStep(self._run, site=site, poll=poll, clock=self._clock, delays=delays)
        super().__init__((self.step,), self.told_at_once)

    def save(self, path: str, content: str, kind: Kind = "modified") -> None:
        (self.folder / path).write_text(content)
        self.see(path, kind)

    def told_at_once(self, batch: Batch) -> None:
        raise AssertionError

    def see(self, path: str, kind: Kind) -> None:
        """Notice a change; a page written in Markdown is not in the folder that is served."""
        root = f"{self.folder}/." if path.endswith(".md") else str(self.folder)
        self.put(Batch((FileChange(root, path, kind),), self.now))

    def save_soon(self, path: str, content: str, kind: Kind = "modified") -> None:
        """Save so soon after the last run that it may be the run's work."""
        self.now -= 0.9  # after a run it went on by a second
        self.save(path, content, kind)

    def delete(self, path: str) -> None:
        (self.folder / path).unlink()
        self.see(path, "deleted")

    def read(self, path: str) -> str:
        file = self.folder / path
        return file.read_text() if file.exists() else ""

    def settle(self) -> list[list[str] | Problem]:
        """Send on what waits until nothing does; what the pages were told."""

        async def run() -> list[list[str] | Problem]:
            told: list[list[str] | Problem] = []
            problem = self.step.problem
            for _ in range(40):
                batch = self.take()
                if batch is None and self.tasks:
                    await asyncio.gather(*self.tasks)
                    self.tasks.clear()
                    batch = self.take()
                if batch is None:
                    return told
                self.inside = True
                batch = await self.step(batch, self)
                self.inside = False
                self.now += 1
                if self.step.problem and self.step.problem is not problem:
                    told.append(self.step.problem)
                problem = self.step.problem
                if batch.changes:
                    told.append(sorted(change.path for change in batch.changes))
                    self.seen = batch.seen
                    self.told()
            raise AssertionError("it builds for ever")

        return asyncio.run(run())

    def _clock(self) -> float:
        self.now += self.tick
        return self.now

    async def _run(self) -> Problem | None:
        self.runs += 1
        self.now += self.seconds
        if self.works:
            await self.works()
        self.writes()
        self.ended = self.now
        return self.fails and replace(self.fails)  # as a run gives another one each time

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        self.pauses()
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.append(task)
        return task


@pytest.fixture
def played(tmp_path: Path) -> Played:
    return Played(tmp_path)


def test_pages_are_told_of_the_output_in_place_of_its_source(played: Played) -> None:
    played.writes = lambda: played.save("site.css", "a { color: red }")
    played.save("site.scss", "a { color: red }")
    assert played.settle() == [["site.css"]]
    assert played.runs == 2  # the first time, in doubt whether a person saved site.css
    played.save("site.scss", "a { color: blue }")
    played.writes = lambda: played.save("site.css", "a { color: blue }")
    assert played.settle() == [["site.css"]]
    assert played.runs == 3


def test_a_source_that_a_server_may_show_is_told_beside_the_output(played: Played) -> None:
    played.writes = lambda: played.save("site.css", "a {}")
    played.save("page.html", "<p>")
    assert played.settle() == [["page.html", "site.css"]]


def test_a_source_that_no_page_shows_is_not_told_beside_the_output(played: Played) -> None:
    played.save("page.ts", "1")

    def meanwhile() -> None:
        played.save("page.html", played.read("page.ts") + played.read("other.ts"))
        if played.runs == 1:
            played.save("other.ts", "2")

    played.writes = meanwhile
    assert played.settle() == [["page.html"], ["page.html"]]


def test_without_an_output_in_sight_the_source_is_told(played: Played) -> None:
    played.save("site.scss", "a {}")
    assert played.settle() == [["site.scss"]]
    assert played.runs == 1


def test_what_a_person_saves_while_it_runs_is_built_in_one_further_run(played: Played) -> None:
    played.save("one.scss", "1")

    def meanwhile() -> None:
        played.save("site.css", played.read("one.scss") + played.read("two.scss"))
        if played.runs == 1:
            played.save("two.scss", "2")
            played.save("page.html", "3")

    played.writes = meanwhile
    told = played.settle()
    assert played.read("site.css") == "12"
    assert played.runs == 3  # the last one shows that nobody but the build writes site.css
    assert told == [["page.html", "site.css"], ["site.css"]]


def test_saves_in_quick_succession_are_all_built(played: Played) -> None:
    """Each of them comes so soon after a run that it may be the run's work."""
    played.writes = lambda: played.save("a.css", (played.folder / "a.scss").read_text())
    played.save("a.scss", "0")
    played.settle()
    for number in range(1, 5):
        played.save_soon("a.scss", str(number))
        assert ["a.css"] in played.settle(), number
        assert (played.folder / "a.css").read_text() == str(number)


@pytest.mark.parametrize("name", ["a.scss", "a.md", "a.html", "a.js"])
@pytest.mark.parametrize("saves", [["1", "2"], ["one", "two", "three", "four"]], ids=["digits", "words"])
def test_saves_while_a_slow_build_runs_are_all_built(played: Played, name: str, saves: list[str]) -> None:
    """Also in a test of who writes the file."""
    coming = iter(saves)

    def slowly() -> None:
        built = played.read(name)
        if saved := next(coming, ""):
            played.save(name, saved)
        played.save("built.css", built)

    played.writes = slowly
    played.save(name, "0")
    played.settle()
    assert played.read("built.css") == saves[-1]


SOURCES = ("a.md", "b.html", "c.scss")


@given(
    st.lists(st.sets(st.sampled_from([*SOURCES, "built.css"])), max_size=SURE_TIMES - 1),
    st.booleans(),
    st.booleans(),
)
def test_whatever_is_saved_while_it_builds_is_built(saves: list[set[str]], dated: bool, served: bool) -> None:
    """``saves`` are the files that a person saves in each run, after the build has read its sources."""
    with TemporaryDirectory() as folder:
        played = Played(Path(folder), served=served)

        def built() -> str:
            return " ".join(played.read(name) for name in SOURCES)

        def slowly() -> None:
            text = built()
            for name in saves[played.runs - 1] if played.runs <= len(saves) else ():
                played.save(name, name + "x" * played.runs)
            played.save("built.css", text + (f" {played.runs}" if dated else ""))

        played.writes = slowly
        played.save("a.md", "x")
        played.settle()
        assert played.read("built.css").rstrip(" 0123456789") == built().rstrip()


@pytest.mark.parametrize("name", ["a.scss", "a.md", "a.html"])
def test_an_editor_that_saves_all_the_time_is_not_taken_for_the_build(played: Played, name: str) -> None:
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
    played.settle()
    assert played.read("built.css") == "word " * 30


def test_a_page_that_is_made_while_the_build_is_tested_is_built(played: Played) -> None:
    def slowly() -> None:
        pages = sorted(path.name for path in played.folder.glob("*.md"))
        if played.runs == 2:
            played.save("new.md", "1", "added")
        played.save("index.html", " ".join(pages))

    played.writes = slowly
    played.save("a.md", "1")
    played.settle()
    assert played.read("index.html") == "a.md new.md"


def test_a_build_that_writes_a_date_ends(played: Played) -> None:
    played.writes = lambda: played.save("feed.xml", f"<date>2026-01-01 {played.runs}</date>")
    played.save("a.ts", "1")
    assert played.settle() == [["feed.xml"]]  # the date alone is no news
    assert played.runs == 3
    played.save("a.ts", "2")
    assert played.settle() == [["feed.xml"]]
    assert played.runs == 4


def test_a_build_that_writes_what_it_likes_ends(played: Played) -> None:
    played.writes = lambda: played.save("page.html", chr(played.runs + 64))
    played.save("a.ts", "1")
    assert played.settle() == [["page.html"]] * 3  # at first, when it is doubtful, and when it is sure
    assert played.runs == 1 + SURE_TIMES
    played.save("a.ts", "2")
    assert played.settle() == [["page.html"]]
    assert played.runs == 2 + SURE_TIMES


def test_sources_that_it_writes_itself_start_no_loop(played: Played) -> None:
    played.writes = lambda: played.save("api.ts", f"// {played.runs}")
    played.save("schema.graphql", "1")
    played.settle()
    runs = played.runs
    played.save("schema.graphql", "2")
    played.settle()
    assert played.runs == runs + 1


def test_its_own_files_start_no_loop_whatever_they_are_called(played: Played) -> None:
    def stamped() -> None:
        played.save(f"main.{played.runs}.js", "same", "added")

    played.writes = stamped
    played.save("main.ts", "1")
    played.settle()
    assert played.runs == 3
    played.save("main.ts", "2")
    played.settle()
    assert played.runs == 5


def test_what_it_writes_may_arrive_after_its_end(played: Played) -> None:
    played.save("site.scss", "1")
    assert played.settle() == [["site.scss"]]
    played.now -= 1
    played.save("site.css", "1")  # noticed at the end of that run
    played.writes = lambda: played.save("site.css", "1")
    assert played.settle() == [["site.css"]]
    played.save("site.scss", "2")
    runs = played.runs
    assert played.settle() == [["site.css"]]
    assert played.runs == runs + 1


def test_a_failure_is_told_and_what_it_kept_back_comes_with_the_next_good_run(played: Played) -> None:
    played.fails = Problem("failed", "line 3")
    played.save("one.html", "1")
    assert played.settle() == [played.fails]
    played.save("two.html", "2")
    assert played.settle() == [played.fails]
    played.fails = None
    played.save("three.html", "3")
    assert played.settle() == [["one.html", "three.html", "two.html"]]


def test_after_a_failure_the_delay_counts_from_the_save_that_mended_it(played: Played) -> None:
    played.fails = Problem("failed", "")
    played.save("site.scss", "bad")
    played.settle()
    played.now += 60
    played.fails = None
    mended = played.now
    played.save("site.scss", "good")
    assert played.settle() == [["site.scss"]]
    assert played.seen == mended


def test_a_failing_run_that_writes_is_told_once(played: Played) -> None:
    played.fails = Problem("failed", "")
    played.writes = lambda: played.save("error.log", "oh")
    played.save("one.html", "1")
    assert played.settle() == [played.fails]
    played.fails = None
    played.save("one.html", "2")
    assert played.settle() == [["error.log", "one.html"]]


def test_an_output_that_somebody_edits_is_a_source_again(played: Played) -> None:
    played.writes = lambda: played.save("site.css", "a")
    played.save("site.scss", "1")
    played.settle()
    played.writes = lambda: None
    runs = played.runs
    played.now += 60
    played.save("site.css", "edited by hand")
    assert played.settle() == [["site.css"]]
    assert played.runs == runs + 1


def lists_pages(played: Played) -> Callable[[], None]:
    return lambda: played.save(
        "index.txt", " ".join(sorted(path.stem for path in played.folder.glob("*.md")))
    )


def test_pages_that_are_made_in_quick_succession_are_all_built(played: Played) -> None:
    played.writes = lists_pages(played)
    for name in "abcdefgh":
        played.save_soon(f"{name}.md", name * 9, "added")
        played.settle()
        assert played.read("index.txt").endswith(name)


def test_pages_that_are_made_while_a_slow_build_runs_are_all_built(played: Played) -> None:
    """Its outputs are not watched."""
    names, built = iter("bcde"), ""

    def slowly() -> None:
        nonlocal built
        built = " ".join(sorted(path.stem for path in played.folder.glob("*.md")))
        if name := next(names, ""):
            played.save(f"{name}.md", name * 9, "added")

    played.writes = slowly
    played.save("a.md", "a")
    played.settle()
    assert built == "a b c d e"


def test_a_page_is_built_that_is_made_beside_files_that_are_called_anew(played: Played) -> None:
    def stamped() -> None:
        pages = " ".join(sorted(path.stem for path in played.folder.glob("*.md")))
        if played.runs == 5:
            played.save("new.md", "new", "added")
        played.save(f"main.{played.runs}.js", "same", "added")
        played.save("index.txt", pages)

    played.writes = stamped
    played.save("a.md", "1")
    played.settle()
    played.save("a.md", "2")
    played.settle()
    assert played.read("index.txt") == "a new"


def test_new_names_for_what_it_likes_end(played: Played) -> None:
    played.writes = lambda: played.save(f"main.{played.runs}.js", chr(played.runs + 64), "added")
    played.save("main.ts", "1")
    played.settle()
    assert played.runs == 1 + SURE_TIMES


def test_numbers_that_are_saved_while_a_slow_build_runs_are_all_built(played: Played) -> None:
    numbers = iter(["1px", "2px", "3px", "4px"])

    def slowly() -> None:
        built = played.read("a.html")
        if number := next(numbers, ""):
            played.save("a.html", number)
        played.save("built.txt", built)

    played.writes = slowly
    played.save("a.html", "0px")
    played.settle()
    assert played.read("built.txt") == "4px"


def test_numbers_that_are_saved_in_quick_succession_are_all_built(played: Played) -> None:
    played.writes = lambda: played.save("built.txt", played.read("a.html"))
    played.save("a.html", "0px")
    played.settle()
    for number in range(1, SURE_TIMES + 1):
        played.save_soon("a.html", f"{number}px")
        played.settle()
        assert played.read("built.txt") == f"{number}px"


def test_somebody_who_goes_on_saving_shows_up_in_the_pause(played: Played) -> None:
    """What is not late is a save, and no sign of a build that comes late."""
    played.writes = lambda: played.save("built.txt", played.read("a.html"))
    played.save("a.html", "0px")
    played.settle()
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
        played.settle()
        assert played.read("built.txt") == played.read("a.html"), number
    assert shown_up


def test_a_file_that_was_saved_twice_as_it_was_is_no_output(played: Played) -> None:
    def slowly() -> None:
        built = played.read("a.html")
        if played.runs <= 2:
            played.save("a.html", "one")
        if played.read("b.html") and built == "one":
            played.save("a.html", "two")
        played.save("built.txt", built)

    played.writes = slowly
    played.save("a.html", "one")
    played.settle()
    played.save("b.html", "y")
    played.settle()
    assert played.read("built.txt") == "two"


def test_a_test_waits_for_a_person_who_cannot_be_taken_for_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Played(tmp_path, delays=DELAYS)
    slept: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    played.seconds = 0.01
    played.writes = lambda: played.save("page.html", chr(played.runs + 64))
    played.save("a.ts", "1")
    played.settle()
    assert max(slept) > LATE_SECONDS


def test_a_save_does_not_wait_for_the_test_of_another_file(played: Played) -> None:
    pauses: list[int] = []
    played.pauses = lambda: pauses.append(played.runs)

    def slowly() -> None:
        if played.runs == 3:
            played.save("b.md", "1")
        played.save("page.html", chr(played.runs + 64))

    played.writes = slowly
    played.save("a.md", "1")
    played.settle()
    assert 2 in pauses
    assert 3 not in pauses


def test_a_save_during_a_run_is_told_once_it_is_built(played: Played) -> None:
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
    assert played.settle() == [["a.html"], ["a.html"]]
    assert seen == ["one", "two"]


def test_what_is_known_as_a_source_is_told_once_for_a_save_during_a_run(played: Played) -> None:
    played.save("b.html", "1")
    assert played.settle() == [["b.html"]]
    played.writes = lambda: played.save("b.html", "2") if played.runs == 2 else None
    played.save("a.html", "1")
    assert played.settle() == [["a.html"], ["b.html"]]


def test_a_new_file_that_comes_during_a_run_is_told_with_the_run_that_builds_it(played: Played) -> None:
    played.writes = lambda: played.save("b.html", "1", "added") if played.runs == 1 else None
    played.save("a.html", "1")
    assert played.settle() == [["a.html", "b.html"], ["b.html"]]


def test_a_save_during_a_run_is_told_though_its_output_is_as_it_was(played: Played) -> None:
    def slowly() -> None:
        if played.runs == 3:
            played.save("b.ts", "2")
        played.save("page.html", "same")

    played.save("b.ts", "1")
    played.writes = slowly
    assert played.settle() == [["page.html"]]
    played.save("a.ts", "1")
    assert played.settle() == [["page.html"], ["page.html"]]


def writes_what_is_new(played: Played) -> Callable[[], None]:
    """A build that leaves alone what would not change."""

    def incremental() -> None:
        if (text := played.read("a.scss")) != played.read("a.css"):
            played.save("a.css", text)

    return incremental


def test_a_build_that_writes_what_has_changed_is_told_once_when_it_is_known(played: Played) -> None:
    played.writes = writes_what_is_new(played)
    played.save("a.scss", "1")
    assert played.settle() == [["a.css"], ["a.css"]]  # it might be a save that the first run did not see
    played.save("a.scss", "2")
    assert played.settle() == [["a.css"]]


def test_a_served_folder_shows_what_it_holds_whatever_has_been_built(tmp_path: Path) -> None:
    played = Played(tmp_path, served=True)
    played.writes = writes_what_is_new(played)
    played.save("a.scss", "1")
    assert played.settle() == [["a.css"]]


def site(played: Played) -> Callable[[], None]:
    def whole() -> None:
        for name in "abc":
            played.save(f"{name}.html", "page " + played.read(f"{name}.ts"))

    return whole


def test_of_a_site_that_is_written_again_pages_are_told_what_differs(played: Played) -> None:
    played.writes = site(played)
    played.save("a.ts", "one")
    assert played.settle() == [["a.html", "b.html", "c.html"]]  # and not once more for the test
    played.save("b.ts", "two")
    assert played.settle() == [["b.html"]]
    played.save("b.ts", "two")
    assert played.settle() == [["a.html", "b.html", "c.html"]]  # no save goes without a line


def test_names_that_follow_what_files_hold_are_told_once(played: Played) -> None:
    def hashed() -> None:
        for old in played.folder.glob("main.*.js"):
            played.delete(old.name)
        text = played.read("main.ts")
        played.save(f"main.{text}.js", text, "added")
        played.save("index.html", f"main.{text}.js")

    played.writes = hashed
    for text in ("one", "two", "three"):
        played.save("main.ts", text)
        told = played.settle()
        assert len(told) == 1
        assert "index.html" in str(told[0])


def test_what_a_failed_run_wrote_is_told_though_it_is_as_it_was_before(played: Played) -> None:
    """A page that was loaded meanwhile shows the failure."""
    played.writes = site(played)
    played.save("a.ts", "one")
    played.settle()
    played.writes = lambda: played.save("a.html", "oh")
    played.fails = Problem("failed", "")
    played.save("b.ts", "bad")
    assert played.settle() == [played.fails]
    played.writes, played.fails = site(played), None
    played.save("b.ts", "good")
    assert played.settle() == [["a.html", "b.html"]]


def test_what_comes_late_of_a_failed_run_is_told_with_the_next_good_one(played: Played) -> None:
    played.writes = site(played)
    played.save("a.ts", "one")
    played.settle()
    played.writes, played.fails = lambda: None, Problem("failed", "")
    played.save("b.ts", "bad")
    assert played.settle() == [played.fails]
    played.save_soon("a.html", "oh")
    assert played.settle() == []
    played.fails = None
    played.save("c.css", "1")
    assert played.settle() == [["a.html", "b.ts", "c.css"]]


def test_what_comes_late_as_it_was_is_no_news(played: Played) -> None:
    played.writes = site(played)
    played.save("a.ts", "one")
    played.settle()
    played.save_soon("a.html", "page one")
    played.save("b.html", "other")
    assert played.settle() == [["b.html"]]


def test_an_output_that_somebody_edited_is_told_when_the_build_restores_it(played: Played) -> None:
    played.writes = site(played)
    played.save("a.ts", "one")
    played.settle()
    played.save("a.html", "edited")
    assert ["a.html"] in played.settle()
    assert played.read("a.html") == "page one"


def test_what_was_away_for_a_while_is_told_though_it_is_as_it_was(played: Played) -> None:
    """A page that was loaded meanwhile has missed it."""
    played.writes = site(played)
    played.save("a.ts", "one")
    played.settle()

    async def cleaned() -> None:
        played.delete("a.html")
        await asyncio.sleep(0.15)
        site(played)()

    played.works = cleaned
    played.writes = lambda: None
    played.save("b.ts", "two")
    assert played.settle() == [["a.html", "b.html"]]


def test_a_number_that_changes_in_a_source_is_told(played: Played) -> None:
    """Though outputs that differ in no more than a date are not."""

    def slowly() -> None:
        text = played.read("a.css")
        if played.runs == 1:
            played.save("a.css", "width: 2px")
        played.save("out.css", f"{text} in {played.runs}")

    played.writes = slowly
    played.save("a.css", "width: 1px")
    told = played.settle()
    assert "2px" in played.read("out.css")
    assert ["a.css", "out.css"] in told[1:]


def test_a_date_is_told_with_the_next_save(played: Played) -> None:
    played.writes = lambda: played.save("feed.xml", f"at {played.runs}")
    played.save("a.ts", "1")
    assert played.settle() == [["feed.xml"]]
    played.writes = lambda: played.save("a.html", "page")
    played.save("a.ts", "2")
    assert played.settle()[0] == ["a.html", "feed.xml"]


def test_the_last_state_of_what_it_likes_is_told(played: Played) -> None:
    seen = ""

    def look() -> None:
        nonlocal seen
        seen = played.read("page.html")

    played.writes = lambda: played.save("page.html", chr(played.runs + 64))
    played.told = look
    played.save("a.ts", "1")
    played.settle()
    assert seen == played.read("page.html")


def test_outputs_are_late_by_the_seconds_between_two_looks(tmp_path: Path) -> None:
    played = Played(tmp_path, poll=0.5)
    played.tick = 0.1
    played.save("site.scss", "1")
    played.settle()
    for number in range(3):
        runs = played.runs
        played.now = played.ended + 0.7
        played.save("site.css", "1")
        played.settle()
        assert played.runs - runs <= (1 if number < 2 else 0)


@given(
    st.lists(st.sets(st.sampled_from([*SOURCES, "new.html"])), max_size=SURE_TIMES - 1),
    st.sampled_from(["", "built.css", "built.txt"]),
    st.booleans(),
    st.booleans(),
)
def test_pages_are_told_after_the_run_that_built_what_was_saved_last(
    saves: list[set[str]], output: str, dated: bool, known: bool
) -> None:
    """``output`` is watched, where it has a name; ``known`` says that the sources were saved before."""
    with TemporaryDirectory() as folder:
        played = Played(Path(folder))
        built = seen = ""

        def slowly() -> None:
            nonlocal built
            built = " ".join(played.read(name) for name in (*SOURCES, "new.html"))
            for name in sorted(saves[played.runs - 1]) if 0 < played.runs <= len(saves) else ():
                kind: Kind = "modified" if (played.folder / name).exists() or name != "new.html" else "added"
                played.save(name, name + "x" * played.runs, kind)
            if output:
                played.save(output, built + (f" {played.runs}" if dated else ""))

        def look() -> None:
            nonlocal seen
            seen = built

        played.told = look
        if known:
            for name in SOURCES:
                played.save(name, "x")
            played.settle()
            played.runs = 0
        played.writes = slowly
        played.save("a.md", "y")
        played.settle()
        assert seen == " ".join(played.read(name) for name in (*SOURCES, "new.html"))
