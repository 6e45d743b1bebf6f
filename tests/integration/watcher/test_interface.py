"""Roots in each other, the number of watched files, and the watcher as a plain function."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from livereload_loc.watcher.watcher import watch
from tests.support.in_loop import in_loop
from tests.support.watching import Watching, either_source, watching


@in_loop
async def test_roots_in_each_other_tell_a_file_once(site: Path) -> None:
    async with watching(site, site / "css") as seen:
        (site / "css" / "site.css").write_text("new")
        await seen.one(**{"css/site.css": "modified"})


@in_loop
async def test_how_many_files_are_watched(site: Path) -> None:
    async with watching(site) as seen:
        assert seen.watcher.files == 5
        (site / "new.html").write_text("new")
        await seen.batch()
        assert seen.watcher.files == 6


@in_loop
async def test_the_plain_function(site: Path) -> None:
    batches = watch(site)
    waiting = asyncio.ensure_future(anext(batches))
    page = site / "index.html"
    for number in itertools.count():  # nobody says when it has started
        page.write_text(str(number))
        if (await asyncio.wait((waiting,), timeout=0.05))[0]:
            break
    assert waiting.result().changes[0].path == "index.html"
    await batches.aclose()  # type: ignore[attr-defined]


@either_source
@in_loop
async def test_leaving_ends_the_wait_for_events(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        pass
    assert [event async for event in seen.watcher] == []
