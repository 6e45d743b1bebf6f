"""The build step, with the watcher and the build itself played."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path

import pytest

from livereload_loc.changes import Batch, FileChange, Kind, merged
from livereload_loc.gates.build import Build
from livereload_loc.gates.outputs import is_compiled
from livereload_loc.messages import Problem


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livereload_loc.gates.build.CALM_SECONDS", 0.0)
    monkeypatch.setattr("livereload_loc.gates.build.EXPECTED_SECONDS", 0.0)


class Played:
    """A folder, a build that does what it is told, and the way on which the watcher puts what it sees."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = 100.0
        self.runs = 0
        self.writes: Callable[[], None] = lambda: None
        self.fails: Problem | None = None
        self.waiting: Batch | None = None
        self.gate = Build(self._run, unseen=self._is_unseen, clock=lambda: self.now)

    def save(self, path: str, content: str, kind: Kind = "modified") -> None:
        (self.folder / path).write_text(content)
        self.waiting = merged(self.waiting, Batch((FileChange(str(self.folder), path, kind),), self.now))

    def settle(self) -> list[list[str] | Problem]:
        """Send on what waits until nothing does; what the pages were told."""

        async def run() -> list[list[str] | Problem]:
            told: list[list[str] | Problem] = []
            for _ in range(10):
                batch = self.take()
                if batch is None:
                    return told
                outcome = await self.gate(batch, self)
                self.now += 1
                if isinstance(outcome, Problem):
                    told.append(outcome)
                elif outcome.changes:
                    told.append(sorted(change.path for change in outcome.changes))
            raise AssertionError("it builds for ever")

        return asyncio.run(run())

    def _is_unseen(self, change: FileChange) -> bool:
        return is_compiled(change) or change.path.endswith(".md")

    async def _run(self) -> Problem | None:
        self.runs += 1
        self.now += 0.5
        self.writes()
        return self.fails

    def take(self) -> Batch | None:
        batch, self.waiting = self.waiting, None
        return batch

    def put(self, batch: Batch) -> None:
        self.waiting = merged(self.waiting, batch)

    def tell(self, batch: Batch) -> None:
        raise AssertionError

    def start(self, work: Coroutine[None, None, None]) -> None:
        raise AssertionError


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
    played.save("page.md", "1")

    def meanwhile() -> None:
        played.save("page.html", str(played.runs))
        if played.runs == 1:
            played.save("other.md", "2")

    played.writes = meanwhile
    assert played.settle() == [["page.html"], ["page.html"]]


def test_without_an_output_in_sight_the_source_is_told(played: Played) -> None:
    played.save("site.scss", "a {}")
    assert played.settle() == [["site.scss"]]
    assert played.runs == 1


def test_what_a_person_saves_while_it_runs_is_built_in_one_further_run(played: Played) -> None:
    played.save("one.scss", "1")

    def meanwhile() -> None:
        played.save("site.css", str(played.runs))
        if played.runs == 1:
            played.save("two.scss", "2")
            played.save("page.html", "3")

    played.writes = meanwhile
    told = played.settle()
    assert played.runs == 2
    assert told == [["page.html", "site.css"], ["site.css"]]


def test_saves_in_quick_succession_are_all_built(played: Played) -> None:
    """Each of them comes so soon after a run that it may be the run's work."""
    played.writes = lambda: played.save("a.css", (played.folder / "a.scss").read_text())
    played.save("a.scss", "0")
    played.settle()
    for number in range(1, 5):
        played.now -= 0.9  # after a run it went on by a second
        played.save("a.scss", str(number))
        assert ["a.css"] in played.settle(), number
        assert (played.folder / "a.css").read_text() == str(number)


def test_saves_while_a_slow_build_runs_are_all_built(played: Played) -> None:
    saves = iter("123")

    def slowly() -> None:
        built = (played.folder / "a.scss").read_text()
        if saved := next(saves, ""):
            played.save("a.scss", saved)
        played.save("a.css", built)

    played.writes = slowly
    played.save("a.scss", "0")
    played.settle()
    assert (played.folder / "a.css").read_text() == "3"


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
    assert played.runs == 2


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
