"""What programs write unchanged is no change; what a person saves is one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from livereload_loc.changes import Batch, FileChange, Kind
from livereload_loc.events import ChangeIgnored, Event
from livereload_loc.httputil.requested import RequestedFiles
from livereload_loc.httputil.tasks import background
from livereload_loc.pipeline.steps.known_contents import KnownContents
from livereload_loc.pipeline.steps.queue import StepQueue
from livereload_loc.pipeline.steps.unchanged import FOLLOWS_SECONDS, UnchangedStep
from tests.support.in_loop import in_loop

PAGES = [f"{number}.html" for number in range(40)]


class Site:
    """A folder whose contents are known, and the step that looks at its batches."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.folder, self.reports, self.now = folder, list[Event](), 100.0
        self.contents = KnownContents([str(folder)], idle=0.0)
        self.step = UnchangedStep(
            self.contents,
            self.reports.append,
            clock=lambda: self.now,
            **options,  # type: ignore[arg-type]
        )
        self.queue = StepQueue([self.step], lambda batch: None)

    def write(self, *names: str, text: str = "", kind: Kind = "modified") -> Batch:
        """Write files by renaming new ones over them."""
        for name in names:
            self.folder.joinpath("new").write_text(text or f"this is {name}")
            os.replace(self.folder / "new", self.folder / name)
        return self.batch(*names, kind=kind)

    def batch(self, *names: str, kind: Kind = "modified") -> Batch:
        changes = tuple(FileChange(str(self.folder), name, kind) for name in names)
        return Batch(changes, seen=self.now)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let the step read contents later."""
        async with background(self.queue.run()):
            await asyncio.sleep(0)
            yield

    async def told(self, batch: Batch) -> set[str]:
        """What is left of ``batch``."""
        return {change.path for change in (await self.step(batch, self.queue)).changes}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Site]:
    def make(**options: object) -> Site:
        site = Site(tmp_path, **options)
        site.write(*PAGES)
        return site

    return make


@in_loop
async def test_a_site_built_as_a_whole_tells_what_is_new(make: Callable[..., Site]) -> None:
    site = make()
    await site.contents.read_all()
    site.write("site.css", text="p { order: 2 }")
    assert await site.told(Batch((*site.write(*PAGES).changes, *site.batch("site.css").changes), 100.0)) == {
        "site.css"
    }
    ignored = [event for event in site.reports if isinstance(event, ChangeIgnored)]
    assert [(event.path, event.count, event.noise) for event in ignored] == [("0.html", 40, True)]
    site.write(PAGES[7], text="new")
    assert await site.told(site.batch(*PAGES, "site.css")) == {PAGES[7]}


@in_loop
async def test_a_build_that_changes_nothing_is_said_to_be_ignored(make: Callable[..., Site]) -> None:
    site = make()
    await site.contents.read_all()
    assert await site.told(site.write(*PAGES)) == set()
    (ignored,) = site.reports
    assert isinstance(ignored, ChangeIgnored)
    assert (ignored.count, ignored.noise) == (40, False)


@in_loop
async def test_what_was_not_read_before_it_changed_is_told(make: Callable[..., Site]) -> None:
    site = make()
    assert await site.told(site.write(*PAGES)) == set(PAGES)
    assert await site.told(site.write(*PAGES)) == set(), "it is known from then on"
    site = make()
    batch = site.write(*PAGES)
    await site.contents.read_all()  # what pages have loaded may be older
    assert await site.told(batch) == set(PAGES)


@in_loop
async def test_what_browsers_do_not_load_is_told(make: Callable[..., Site]) -> None:
    site, sources = make(), [f"{number}.py" for number in range(9)]
    site.write(*sources)
    await site.contents.read_all()
    assert await site.told(site.write(*sources)) == set(sources)


@in_loop
async def test_a_persons_save_is_told_whatever_it_holds(make: Callable[..., Site]) -> None:
    site = make()
    await site.contents.read_all()
    async with site.running():
        assert await site.told(site.write(PAGES[0])) == {PAGES[0]}
        site.now += 10
        assert await site.told(site.write(*PAGES[:5])) == set(PAGES[:5])


@in_loop
async def test_what_follows_a_storm_belongs_to_it(make: Callable[..., Site]) -> None:
    site = make()
    await site.contents.read_all()
    async with site.running():
        await site.told(site.write(*PAGES))
        site.now += FOLLOWS_SECONDS / 2
        assert await site.told(site.write(PAGES[3])) == set()
        site.now += 2 * FOLLOWS_SECONDS
        assert await site.told(site.write(PAGES[3])) == {PAGES[3]}


@in_loop
async def test_what_a_command_makes_of_a_save_is_compared(make: Callable[..., Site]) -> None:
    site = make(has_command=True)
    await site.contents.read_all()
    async with site.running():
        assert await site.told(site.write("post.md")) == {"post.md"}
        site.now += 1
        site.write(PAGES[0], PAGES[2])
        site.write(PAGES[1], text="new")
        assert await site.told(site.batch(*PAGES[:3])) == {PAGES[1]}
        site.now += 5
        assert await site.told(site.write(PAGES[1], text="new")) == {PAGES[1]}


@pytest.mark.parametrize("away", [0.2, 0.8])
@in_loop
async def test_a_generator_that_empties_its_folder_first(make: Callable[..., Site], away: float) -> None:
    site = make()
    await site.contents.read_all()
    gone = site.batch(*PAGES, kind="deleted")
    site.now += away
    site.queue.put(site.write("site.css", kind="added"))
    site.queue.put(site.write(*PAGES, kind="added"))
    assert await site.told(gone) == {"site.css", *(PAGES if away > 0.3 else ())}, "a page may show 404"


@in_loop
async def test_a_served_file_that_nobody_missed_may_be_away_for_longer(make: Callable[..., Site]) -> None:
    requested = RequestedFiles()
    site = make(requested=requested)
    await site.contents.read_all()
    gone = site.batch(*PAGES, kind="deleted")
    site.now += 0.8
    requested.add_missing("/4.html", 99.0)
    requested.add_missing("/3.html", 100.1)
    site.queue.put(site.write(*PAGES, kind="added"))
    assert await site.told(gone) == {"3.html"}


@in_loop
async def test_a_save_ends_the_wait_for_deleted_files(make: Callable[..., Site]) -> None:
    site = make()
    site.write("mine.html")
    await site.contents.read_all()
    gone = site.batch(*PAGES, kind="deleted")
    site.queue.put(site.write("mine.html", text="new"))
    assert await site.told(gone) == {"mine.html", *PAGES}
