"""The way of a change through the gates to the pages, with everything around it played."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from livereload_loc.access import Refusal
from livereload_loc.changes import Batch, FileChange, ServedFolder
from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.pipeline.hub import Hub
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.pipeline.steps.base import PipelineStep, StepContext
from livereload_loc.pipeline.updates import FOLLOW_UP_SECONDS
from livereload_loc.protocol import PageAnswer, Problem
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice
from tests.support.steps import PlayedGate


def saved(*paths: str) -> Batch:
    return Batch(tuple(FileChange("/site", path, "modified") for path in paths), seen=0.0)


class Played:
    """A watch that plays what it is given, and the reports that come of it."""

    def __init__(self, *gates: PipelineStep, exact: bool = False, site: ServedFolder | None = None) -> None:
        self.events: asyncio.Queue[Batch | IgnoredSave | WatchNotice] = asyncio.Queue()
        self.reports: list[Event] = []
        self.attended = 0
        self.now = 0.0
        self.hub = Hub(run="run-1", exact=exact)
        self.stages = ReloadPipeline(
            self.hub, self, self.reports.append, gates=gates, site=site, clock=lambda: self.now
        )

    def attend(self) -> None:
        self.attended += 1

    async def __aiter__(self) -> AsyncIterator[Batch | IgnoredSave | WatchNotice]:
        while True:
            yield await self.events.get()

    def of(self, kind: type | tuple[type, ...]) -> list[Event]:
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await asyncio.sleep(0.001)


def play(
    scenario: Callable[[Played], Awaitable[None]],
    *gates: PipelineStep,
    exact: bool = False,
    site: ServedFolder | None = None,
) -> None:
    async def run() -> None:
        played = Played(*gates, exact=exact, site=site)
        carrying = asyncio.ensure_future(played.stages.run())
        try:
            await scenario(played)
        finally:
            carrying.cancel()
            await asyncio.gather(carrying, return_exceptions=True)

    asyncio.run(run())


def test_a_batch_is_told_and_accounted_for() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/about/")
        await played.events.put(saved("a.css"))
        await played.until(lambda: played.hub.seq == 1)
        played.now = 0.014
        played.stages.applied(1, "/about/", PageAnswer(1, "css", ""))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        assert played.of(UpdateSent) == [UpdateSent(("a.css",), "css", 1, seq=1)]
        assert played.of(UpdateSummary) == [UpdateSummary("a.css: 1 tab swapped", 14.0, seq=1)]

    play(scenario)


def test_without_pages_the_line_says_so() -> None:
    async def scenario(played: Played) -> None:
        await played.events.put(saved("a.css"))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        assert played.of(UpdateSummary) == [UpdateSummary("a.css: no page is open", 0.0, seq=1)]

    play(scenario)


def test_what_nobody_uses_is_followed_by_one_for_all() -> None:
    async def scenario(played: Played) -> None:
        with played.hub.subscribe() as mailbox:
            played.stages.came(1, "/")
            await played.events.put(saved("data.css"))
            await played.until(lambda: played.hub.seq == 1)
            played.stages.applied(1, "/", PageAnswer(1, "nothing", ""))
            await played.until(lambda: played.hub.seq == 2)
            frames = aiter(mailbox)
            told = [json.loads(await anext(frames)) for _ in range(2)]
            assert "all" not in told[0]
            assert (told[1]["all"], told[1]["action"], told[1]["paths"]) == (True, "reload", ["data.css"])
            played.stages.applied(1, "/", PageAnswer(2, "reload", ""))
            await played.until(lambda: bool(played.of(UpdateSummary)))
            assert [report.line for report in played.of(UpdateSummary)] == ["data.css: 1 tab reloaded"]  # type: ignore[attr-defined]

    play(scenario)


def test_what_was_deleted_is_said_to_be_in_the_line_alone() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        await played.events.put(Batch((FileChange("/site", "old.css", "deleted"),), seen=0.0))
        await played.until(lambda: played.hub.seq == 1)
        played.stages.applied(1, "/", PageAnswer(1, "nothing", ""))
        await played.until(lambda: played.hub.seq == 2)
        played.stages.applied(1, "/", PageAnswer(2, "reload", ""))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        assert played.of(UpdateSummary)[0].line == "old.css deleted: 1 tab reloaded"  # type: ignore[attr-defined]
        assert played.of(UpdateSent)[1].paths == ("old.css",)  # type: ignore[attr-defined]

    play(scenario)


def test_where_paths_are_urls_a_page_is_right_about_what_it_uses() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        await played.events.put(saved("a.css"))
        await played.until(lambda: played.hub.seq == 1)
        played.stages.applied(1, "/", PageAnswer(1, "nothing", ""))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        assert played.hub.seq == 1

    play(scenario, exact=True)


def test_a_page_that_left_in_between_is_waited_for_no_longer_than_it_takes() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        await played.events.put(saved("index.html"))
        await played.until(lambda: played.hub.seq == 1)
        played.stages.went(1, "/")
        played.stages.came(2, "/")
        played.stages.applied(2, "/", PageAnswer(1, "reload", ""))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        assert played.of(UpdateSummary)[0].line == "index.html: 1 tab reloaded"  # type: ignore[attr-defined]
        assert played.stages.pages == {2: "/"}

    play(scenario)


def test_a_gate_may_change_the_batch() -> None:
    @PlayedGate
    async def build(batch: Batch, way: StepContext) -> Batch:
        return saved("out/site.css")

    async def scenario(played: Played) -> None:
        await played.events.put(saved("src/site.scss"))
        await played.until(lambda: bool(played.of(UpdateSent)))
        assert played.of(UpdateSent) == [UpdateSent(("out/site.css",), "css", 0, seq=1)]

    play(scenario, build)


def test_a_problem_goes_to_the_pages_and_away_with_the_next_good_batch() -> None:
    outcomes: list[Problem | None] = [Problem("Build failed", "line 3"), None]

    @PlayedGate
    async def build(batch: Batch, way: StepContext) -> Batch | Problem:
        return outcomes.pop(0) or batch

    async def scenario(played: Played) -> None:
        with played.hub.subscribe() as mailbox:
            frames = aiter(mailbox)
            await played.events.put(saved("a.css"))
            assert json.loads(await anext(frames))["title"] == "Build failed"
            assert played.of(ProblemFound) == [ProblemFound("Build failed", "line 3", shown=True)]
            assert played.hub.seq == 0
            await played.events.put(saved("a.css"))
            assert [json.loads(await anext(frames))["type"] for _ in range(2)] == ["solved", "update"]
            assert played.of(ProblemSolved) == [ProblemSolved("Build failed")]

    play(scenario, build)


def test_of_two_problems_the_one_that_stays_is_shown_again_once_the_other_is_over() -> None:
    class Stands:
        """A gate that stops nothing, with a problem that the test sets."""

        problem: Problem | None = None

        async def __call__(self, batch: Batch, way: StepContext) -> Batch:
            return batch

    build, restart = Stands(), Stands()
    failed, away = Problem("failed", ""), Problem("away", "")

    async def scenario(played: Played) -> None:
        for turn, problems in enumerate([(None, away), (failed, away), (None, away), (None, None)], 1):
            build.problem, restart.problem = problems
            await played.events.put(saved("a.css"))
            await played.until(lambda turn=turn: played.hub.seq == turn)  # type: ignore[misc]
        said = [
            what.title if isinstance(what, ProblemFound) else "solved"
            for what in played.of((ProblemFound, ProblemSolved))
        ]
        assert said == ["away", "failed", "away", "solved"]

    play(scenario, build, restart)


def test_what_the_watcher_says_is_passed_on() -> None:
    async def scenario(played: Played) -> None:
        await played.events.put(IgnoredSave("notes.txt", "ignored by .gitignore:4", noise=False, count=1))
        await played.events.put(WatchNotice("polling", "raise the limit"))
        await played.until(lambda: len(played.reports) == 2)
        assert played.reports == [
            ChangeIgnored("notes.txt", "ignored by .gitignore:4", noise=False),
            ProblemFound("polling", "raise the limit"),
        ]

    play(scenario)


def test_a_page_that_comes_wakes_the_watcher_and_is_reported() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        played.stages.went(1, "/")
        assert played.attended == 1
        assert played.of(ClientChanged) == [
            ClientChanged("joined", "/", 1, number=1),
            ClientChanged("left", "/", 0, number=1),
        ]

    play(scenario)


def test_a_refusal_names_its_cure() -> None:
    async def scenario(played: Played) -> None:
        played.stages.refused(
            Refusal(403, "pages of http://x.example are foreign", "--allow-origin", "http://x.example")
        )
        report = played.of(ProblemFound)[0]
        assert isinstance(report, ProblemFound)
        assert "--allow-origin http://x.example" in report.detail

    play(scenario)


def test_a_file_that_each_reload_writes_is_named_and_told_after_a_calm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("livereload_loc.pipeline.pipeline.CALM", 0.01)

    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")

        async def reload_and_write(turn: int) -> None:
            await played.until(lambda: played.hub.seq == turn)
            played.now += 1
            played.stages.applied(1, "/", PageAnswer(turn, "reload", ""))
            played.now += 0.1
            await played.events.put(saved("db.sqlite3"))

        await played.events.put(saved("db.sqlite3"))
        for turn in range(1, 6):
            await reload_and_write(turn)
        await played.until(lambda: bool(played.of(ProblemFound)))
        trouble = played.of(ProblemFound)[0]
        assert isinstance(trouble, ProblemFound)
        assert "db.sqlite3" in trouble.title
        assert "--ignore '/db.sqlite3'" in trouble.detail
        for turn in (6, 7):  # it is told once more, and once more, to see whether it comes again
            await reload_and_write(turn)
        await played.until(lambda: bool(played.of(ChangeIgnored)))
        assert played.hub.seq == 7
        played.now += 10
        await played.events.put(saved("db.sqlite3"))  # nobody reloaded: somebody's save
        await played.until(lambda: played.hub.seq == 8)

    play(scenario)


def test_a_page_that_answers_late_may_still_be_the_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("livereload_loc.pipeline.updates.FOLLOW_UP_SECONDS", 0.01)

    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        await played.events.put(saved("data.css"))
        await played.until(lambda: played.hub.seq == 1)
        await asyncio.sleep(0.05)
        assert played.hub.seq == 1
        played.stages.applied(1, "/", PageAnswer(1, "nothing", ""))
        await played.until(lambda: played.hub.seq == 2)

    play(scenario)


def test_what_a_page_does_not_use_that_was_only_just_coming_is_told_again() -> None:
    async def scenario(played: Played) -> None:
        await played.events.put(saved("data.css"))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        for page in (1, 2):
            played.stages.came(page, "/")
            played.stages.applied(page, "/", PageAnswer(1, "nothing", ""))
        await played.until(lambda: played.hub.seq == 2)
        await asyncio.sleep(2 * FOLLOW_UP_SECONDS)
        assert played.of(UpdateSent)[1:] == [UpdateSent(("data.css",), "reload", 2, seq=2, follows=1)]

    play(scenario)


def test_what_one_of_those_uses_that_were_only_just_coming_is_not_told_again() -> None:
    async def scenario(played: Played) -> None:
        await played.events.put(saved("data.css"))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        for page, did in enumerate(("nothing", "css"), 1):
            played.stages.came(page, "/")
            played.stages.applied(page, "/", PageAnswer(1, did, ""))  # type: ignore[arg-type]
        await asyncio.sleep(2 * FOLLOW_UP_SECONDS)
        assert played.hub.seq == 1

    play(scenario)


def test_what_a_reporter_raises_comes_out_as_it_is() -> None:
    async def run() -> None:
        played = Played()

        def broken(report: Event) -> None:
            raise BrokenPipeError

        stages = ReloadPipeline(played.hub, played, broken)
        await played.events.put(saved("a.css"))
        with pytest.raises(BrokenPipeError):
            await asyncio.wait_for(stages.run(), 10)

    asyncio.run(run())


def test_a_refusal_is_said_once() -> None:
    async def scenario(played: Played) -> None:
        for _ in range(3):
            played.stages.refused(Refusal(403, "pages of http://x.example are foreign"))
        assert len(played.of(ProblemFound)) == 1

    play(scenario)


def test_an_answer_to_an_update_that_never_was_is_not_reported() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        played.stages.applied(1, "/", PageAnswer(99, "reload", ""))
        assert [type(report) for report in played.reports] == [ClientChanged]

    play(scenario)


def test_the_user_may_have_all_pages_reload() -> None:
    async def scenario(played: Played) -> None:
        with played.hub.subscribe() as mailbox:
            played.stages.came(1, "/")
            await played.until(lambda: played.stages.reload_all() or played.hub.seq > 0)
            told = json.loads(await anext(aiter(mailbox)))
            assert (told["all"], told["action"], told["paths"]) == (True, "reload", [])
            played.stages.applied(1, "/", PageAnswer(1, "reload", ""))
            await played.until(lambda: bool(played.of(UpdateSummary)))
            assert played.of(UpdateSummary) == [UpdateSummary("all pages: 1 tab reloaded", 0.0, 1)]

    play(scenario)


def test_a_pause_keeps_saves_and_tells_them_as_one() -> None:
    async def scenario(played: Played) -> None:
        played.stages.pause()
        for paths in (("a.css",), ("b.css",), ("a.css",)):
            await played.events.put(saved(*paths))
        await played.events.put(WatchNotice("read so far", ""))
        await played.until(lambda: bool(played.of(ProblemFound)))
        assert played.hub.seq == 0
        played.stages.pause()
        assert played.of(PauseChanged) == [PauseChanged(True), PauseChanged(False, 2)]
        assert played.of(UpdateSent) == [UpdateSent(("a.css", "b.css"), "css", 0, 1)]
        await played.events.put(saved("c.css"))
        await played.until(lambda: played.hub.seq == 2)

    play(scenario)


def test_a_pause_is_nobodys_delay() -> None:
    async def scenario(played: Played) -> None:
        played.stages.came(1, "/")
        played.stages.pause()
        await played.events.put(saved("a.css"))
        await played.events.put(WatchNotice("read so far", ""))
        await played.until(lambda: bool(played.of(ProblemFound)))
        played.now = 60.0
        played.stages.pause()
        played.now = 60.02
        played.stages.applied(1, "/", PageAnswer(1, "css", ""))
        await played.until(lambda: bool(played.of(UpdateSummary)))
        assert played.of(UpdateSummary) == [UpdateSummary("a.css: 1 tab swapped", 20.0, 1)]

    play(scenario)


def test_a_pause_in_which_nothing_was_saved() -> None:
    async def scenario(played: Played) -> None:
        played.stages.pause()
        played.stages.pause()
        assert played.of(PauseChanged) == [PauseChanged(True), PauseChanged(False)]
        assert played.hub.seq == 0

    play(scenario)


@pytest.mark.parametrize(
    ("root", "paths", "told"),
    [
        ("/project", ("public/a.css",), {"action": "css", "paths": ["a.css"]}),
        ("/project", ("src/a.css",), {"action": "reload", "paths": ["src/a.css"], "all": True}),
        ("/project", ("a.md", "public/a.css"), {"action": "reload", "paths": ["a.css", "a.md"], "all": True}),
    ],
)
def test_what_lies_beside_the_served_folder_concerns_all(
    root: str, paths: tuple[str, ...], told: dict[str, object]
) -> None:
    async def scenario(played: Played) -> None:
        with played.hub.subscribe() as mailbox:
            await played.events.put(
                Batch(tuple(FileChange(root, path, "modified") for path in paths), seen=0.0)
            )
            async for frame in mailbox:
                assert json.loads(frame) == {"type": "update", "seq": 1, **told}
                return

    play(scenario, exact=True, site=ServedFolder("/project/public", "/project/public"))
