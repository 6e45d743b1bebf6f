"""The watcher that macOS and Windows get, as far as Linux can show it: the same promises, by other means."""

from __future__ import annotations

import shutil
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from livereload_loc.watcher.sources.watchfiles import WatchfilesSource
from livereload_loc.watcher.system import WatchSystem
from tests.support.in_loop import in_loop
from tests.support.watching import Seen, watching


def watching_elsewhere(*paths: Path) -> AbstractAsyncContextManager[Seen]:
    """Watch as on another system, without inotify and leases."""
    return watching(*paths, system=WatchSystem(WatchfilesSource(map(str, paths)), leases=False))


@in_loop
async def test_saves(site: Path) -> None:
    async with watching_elsewhere(site) as seen:
        (site / "index.html").write_text("new")
        await seen.one(**{"index.html": "modified"})
        (site / "aside.tmp").write_text("renamed over")
        (site / "aside.tmp").rename(site / "index.html")
        await seen.one(**{"index.html": "modified"})
        (site / "new").mkdir()
        (site / "new" / "page.html").write_text("new")
        await seen.one(**{"new/page.html": "added"})
        (site / "index.html").unlink()
        await seen.one(**{"index.html": "deleted"})
        (site / "about.html").chmod(0o600)
        await seen.nothing()


@in_loop
async def test_equal_sizes_in_the_same_instant(site: Path) -> None:
    async with watching_elsewhere(site) as seen:
        for content in ("one", "two", "six", "ten"):
            (site / "index.html").write_text(content)
            assert await seen.batch() == {"index.html": "modified"}


@in_loop
async def test_a_storm_is_told_once(site: Path) -> None:
    names = [f"page{i}.html" for i in range(300)]
    for name in names:
        (site / name).write_text("old")
    async with watching_elsewhere(site) as seen:
        for name in names:
            (site / name).write_text("new")
        assert await seen.all_of(names) <= 2
        await seen.nothing()


@in_loop
async def test_a_tree_that_is_moved(site: Path) -> None:
    async with watching_elsewhere(site) as seen:
        (site / "css").rename(site / "styles")
        assert await seen.batch() == {"css/site.css": "deleted", "styles/site.css": "added"}
        (site / "styles" / "site.css").write_text("saved")
        await seen.one(**{"styles/site.css": "modified"})


@in_loop
async def test_a_root_that_goes_and_comes(site: Path) -> None:
    async with watching_elsewhere(site) as seen:
        for times in range(3):
            shutil.rmtree(site)
            site.mkdir()
            (site / "index.html").write_text("again" * times)
            await seen.all_of(["index.html"])
            (site / "index.html").write_text("saved" * times)
            await seen.all_of(["index.html"])


@in_loop
async def test_the_return_of_one_root_loses_nothing_of_another(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with watching_elsewhere(site, other) as seen:
        for times in range(3):
            other.rmdir()
            (site / "index.html").write_text("before" * times)
            other.mkdir()
            (site / "about.html").write_text("after" * times)
            (other / "page.html").write_text("new")
            await seen.all_of(["index.html", "about.html", "page.html"])
            (other / "page.html").unlink()
            await seen.all_of(["page.html"])


@in_loop
async def test_a_single_file(site: Path) -> None:
    page = site / "index.html"
    async with watching_elsewhere(page) as seen:
        for times in range(3):
            page.write_text("in place" * times)
            await seen.one(**{"index.html": "modified"})
            (site / "aside").write_text("renamed over" * times)
            (site / "aside").rename(page)
            await seen.one(**{"index.html": "modified"})


@in_loop
async def test_a_name_that_is_not_utf8(site: Path) -> None:
    async with watching_elsewhere(site) as seen:
        for times in range(3):
            (site / "\udcff.html").write_text("new" * times)
            await seen.all_of(["\udcff.html"])
            (site / "index.html").write_text("saved" * times)
            await seen.all_of(["index.html"])


@in_loop
async def test_a_linked_file_outside(site: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "page.html").write_text("old")
    (site / "linked.html").symlink_to(tmp_path / "outside" / "page.html")
    async with watching_elsewhere(site) as seen:
        (tmp_path / "outside" / "page.html").write_text("new")
        await seen.one(**{"linked.html": "modified"})


@in_loop
async def test_leaving_ends_the_wait_for_events(site: Path) -> None:
    async with watching_elsewhere(site) as seen:
        pass
    assert seen.batches == []
