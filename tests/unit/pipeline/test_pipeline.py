"""The flow of a change through the steps to the pages, with a played watcher."""

from __future__ import annotations

import pytest

from livereload_loc.changes import Batch, ServedFolder
from livereload_loc.events import (
    ChangeIgnored,
    Event,
    ProblemFound,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice
from tests.support.in_loop import in_loop
from tests.support.played_pipeline import Messages, PlayedPipeline, saved
from tests.support.played_steps import PlayedStep


@in_loop
async def test_a_batch_is_sent_and_accounted_for() -> None:
    async with PlayedPipeline() as played:
        played.open_page()
        played.save("a.css")
        await played.sent(1)
        played.now = 0.014
        played.answer(1, "css")
        summary = await played.first(UpdateSummary)
        assert (summary.line, summary.ms, summary.seq) == ("a.css: 1 tab swapped", 14.0, 1)
        assert played.of(UpdateSent) == [UpdateSent(("a.css",), "css", 1, seq=1)]


@in_loop
async def test_what_nobody_uses_is_followed_by_one_for_all() -> None:
    async with PlayedPipeline() as played:
        messages = Messages(played.hub)
        played.open_page()
        played.save("data.css")
        assert "all" not in await messages.next()
        played.answer(1, "nothing")
        update = await messages.next()
        assert (update["all"], update["action"], update["paths"]) == (True, "reload", ["data.css"])
        played.answer(2, "reload")
        assert (await played.first(UpdateSummary)).line == "data.css: 1 tab reloaded"
        assert len(played.of(UpdateSummary)) == 1


@in_loop
async def test_what_was_deleted_is_said_to_be_in_the_line_alone() -> None:
    async with PlayedPipeline() as played:
        played.open_page()
        played.see(saved("old.css", kind="deleted"))
        await played.sent(1)
        played.answer(1, "nothing")
        await played.sent(2)
        played.answer(2, "reload")
        assert (await played.first(UpdateSummary)).line == "old.css deleted: 1 tab reloaded"
        assert played.of(UpdateSent)[1].paths == ("old.css",)


@in_loop
async def test_a_step_may_change_the_batch() -> None:
    @PlayedStep
    async def build(batch: Batch, queue: StepQueue) -> Batch:
        return saved("out/site.css")

    async with PlayedPipeline(build) as played:
        played.save("src/site.scss")
        assert await played.first(UpdateSent) == UpdateSent(("out/site.css",), "css", 0, seq=1)


@in_loop
async def test_what_the_watcher_reports_is_passed_on() -> None:
    async with PlayedPipeline() as played:
        played.see(IgnoredSave("notes.txt", "ignored by .gitignore:4", noise=False, count=1))
        played.see(WatchNotice("polling", "raise the limit"))
        await played.first(ProblemFound)
        assert played.reports == [
            ChangeIgnored("notes.txt", "ignored by .gitignore:4", noise=False),
            ProblemFound("polling", "raise the limit"),
        ]


@in_loop
async def test_what_a_reporter_raises_comes_out_as_it_is() -> None:
    def broken(report: Event) -> None:
        raise BrokenPipeError

    played = PlayedPipeline()
    played.save("a.css")
    with pytest.raises(BrokenPipeError):
        await ReloadPipeline(played.hub, played, broken).run()


@pytest.mark.parametrize(
    ("paths", "update"),
    [
        (("public/a.css",), {"action": "css", "paths": ["a.css"]}),
        (("src/a.css",), {"action": "reload", "paths": ["src/a.css"], "all": True}),
        (("a.md", "public/a.css"), {"action": "reload", "paths": ["a.css", "a.md"], "all": True}),
    ],
)
@in_loop
async def test_what_lies_beside_the_served_folder_concerns_all(
    paths: tuple[str, ...], update: dict[str, object]
) -> None:
    async with PlayedPipeline(exact=True, site=ServedFolder("/project/public", "/project/public")) as played:
        messages = Messages(played.hub)
        played.see(saved(*paths, root="/project"))
        assert await messages.next() == {"type": "update", "seq": 1, **update}
