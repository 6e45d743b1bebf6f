"""What a person asks for: a pause, and a reload of all pages."""

from __future__ import annotations

from livereload_loc.events import (
    PauseChanged,
    ProblemFound,
    UpdateSent,
    UpdateSummary,
)
from livereload_loc.watcher.notices import WatchNotice
from tests.support.in_loop import in_loop
from tests.support.played_pipeline import Messages, PlayedPipeline


@in_loop
async def test_the_user_may_have_all_pages_reload() -> None:
    async with PlayedPipeline() as played:
        messages = Messages(played.hub)
        played.open_page()
        played.pipeline.reload_all()
        update = await messages.next()
        assert (update["all"], update["action"], update["paths"]) == (True, "reload", [])
        played.answer(1, "reload")
        assert (await played.first(UpdateSummary)).line == "all pages: 1 tab reloaded"


@in_loop
async def test_a_pause_keeps_saves_and_sends_them_as_one() -> None:
    async with PlayedPipeline() as played:
        played.pipeline.toggle_pause()
        for path in ("a.css", "b.css", "a.css"):
            played.save(path)
        played.see(WatchNotice("read so far", ""))
        await played.first(ProblemFound)
        assert played.hub.seq == 0
        played.pipeline.toggle_pause()
        assert played.of(PauseChanged) == [PauseChanged(True), PauseChanged(False, 2)]
        assert played.of(UpdateSent) == [UpdateSent(("a.css", "b.css"), "css", 0, 1)]
        played.save("c.css")
        await played.sent(2)


@in_loop
async def test_a_pause_is_nobodys_delay() -> None:
    async with PlayedPipeline() as played:
        played.open_page()
        played.pipeline.toggle_pause()
        played.save("a.css")
        played.see(WatchNotice("read so far", ""))
        await played.first(ProblemFound)
        played.now = 60.0
        played.pipeline.toggle_pause()
        played.now = 60.02
        played.answer(1, "css")
        summary = await played.first(UpdateSummary)
        assert (summary.line, summary.ms) == ("a.css: 1 tab swapped", 20.0)


@in_loop
async def test_a_pause_in_which_nothing_was_saved() -> None:
    async with PlayedPipeline() as played:
        played.pipeline.toggle_pause()
        played.pipeline.toggle_pause()
        assert played.of(PauseChanged) == [PauseChanged(True), PauseChanged(False)]
        assert played.hub.seq == 0
