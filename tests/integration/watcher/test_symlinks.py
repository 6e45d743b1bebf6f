"""Symbolic links: a saved target is told under the path that the pages know."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from livereload_loc.watcher.sources.inotify import InotifySource
from livereload_loc.watcher.system import WatchSystem
from tests.support.in_loop import in_loop
from tests.support.watching import Watching, either_source, watching


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    (folder / "page.html").write_text("old")
    (folder / "deep" / "page.html").write_text("old")
    return folder


@in_loop
async def test_a_linked_folder(site: Path, outside: Path) -> None:
    (site / "linked").symlink_to(outside)
    async with watching(site) as seen:
        (outside / "deep" / "page.html").write_text("new")
        await seen.one(**{"linked/deep/page.html": "modified"})
        (outside / "new.html").write_text("new")
        await seen.one(**{"linked/new.html": "added"})


@either_source
@in_loop
async def test_a_linked_file(site: Path, outside: Path, watching: Watching) -> None:
    (site / "linked.html").symlink_to(outside / "page.html")
    async with watching(site) as seen:
        for times in range(3):
            (outside / "page.html").write_text("in place" * times)
            await seen.one(**{"linked.html": "modified"})
            (outside / "aside").write_text("renamed over" * times)
            (outside / "aside").rename(outside / "page.html")
            await seen.one(**{"linked.html": "modified"})


@in_loop
async def test_a_chain_of_links(site: Path, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "middle").mkdir()
    (tmp_path / "middle" / "link.html").symlink_to("../outside/page.html")
    (site / "linked.html").symlink_to("../middle/link.html")
    async with watching(site) as seen:
        (outside / "page.html").write_text("saved")
        await seen.one(**{"linked.html": "modified"})
        (tmp_path / "middle" / "next").symlink_to("../outside/deep/page.html")
        (tmp_path / "middle" / "next").rename(tmp_path / "middle" / "link.html")
        await seen.one(**{"linked.html": "modified"})
        (outside / "deep" / "page.html").write_text("saved")
        await seen.one(**{"linked.html": "modified"})


@in_loop
async def test_a_link_that_is_set_elsewhere(site: Path, outside: Path) -> None:
    (site / "linked").symlink_to(outside)
    async with watching(site) as seen:
        (site / "next").symlink_to(outside / "deep")
        (site / "next").rename(site / "linked")
        await seen.all_of(["linked/page.html", "linked/deep/page.html"])
        (outside / "deep" / "page.html").write_text("saved")
        await seen.one(**{"linked/page.html": "modified"})


@in_loop
async def test_a_folder_far_above_the_target_is_replaced(site: Path, tmp_path: Path) -> None:
    for version in ("one", "two"):
        (tmp_path / version / "deep" / "er").mkdir(parents=True)
        (tmp_path / version / "deep" / "er" / "page.html").write_text(version)
    (tmp_path / "current").symlink_to("one")
    (site / "linked.html").symlink_to(tmp_path / "current" / "deep" / "er" / "page.html")
    async with watching(site) as seen:
        (tmp_path / "next").symlink_to("two")
        (tmp_path / "next").rename(tmp_path / "current")
        await seen.one(**{"linked.html": "modified"})
        (tmp_path / "two" / "deep" / "er" / "page.html").write_text("saved")
        await seen.one(**{"linked.html": "modified"})


@in_loop
async def test_links_that_lead_nowhere_until_later(site: Path, outside: Path) -> None:
    (site / "one.html").symlink_to(outside / "later.html")
    (site / "two.html").symlink_to(outside / "later" / "page.html")
    async with watching(site) as seen:
        (outside / "later.html").write_text("new")
        await seen.one(**{"one.html": "added"})
        (outside / "later").mkdir()
        (outside / "later" / "page.html").write_text("new")
        assert await seen.batch() == {"two.html": "added"}
        (outside / "later" / "page.html").write_text("saved")
        await seen.one(**{"two.html": "modified"})
        shutil.rmtree(outside / "later")
        await seen.one(**{"two.html": "deleted"})
        (outside / "later").mkdir()
        (outside / "later" / "page.html").write_text("again")
        assert await seen.batch() == {"two.html": "added"}
        (outside / "later" / "page.html").write_text("saved")
        await seen.one(**{"two.html": "modified"})


@in_loop
async def test_loops_are_not_followed(site: Path, outside: Path) -> None:
    (site / "self").symlink_to(site)
    (site / "css" / "up").symlink_to("..")
    (outside / "back").symlink_to(site)
    (site / "out").symlink_to(outside)
    (site / "knot").symlink_to("knot")
    async with watching(site) as seen:
        assert seen.watcher.files == 7
        (site / "index.html").write_text("new")
        await seen.one(**{"index.html": "modified"})


@in_loop
async def test_one_folder_in_two_places(site: Path) -> None:
    (site / "styles").symlink_to("css")
    async with watching(site) as seen:
        (site / "css" / "site.css").write_text("new")
        await seen.one(**{"css/site.css": "modified", "styles/site.css": "modified"})


@in_loop
async def test_a_link_as_root(site: Path, tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to("site")
    other = shutil.copytree(site, tmp_path / "other")
    async with watching(link) as seen:
        assert seen.watcher.roots == (str(link),)
        (site / "index.html").write_text("new")
        await seen.one(**{"index.html": "modified"})
        (tmp_path / "next").symlink_to("other")
        (tmp_path / "next").rename(link)
        await seen.all_of(["index.html", "css/site.css"])
        (other / "css" / "site.css").write_text("saved")
        await seen.one(**{"css/site.css": "modified"})


@in_loop
async def test_a_link_to_a_file_as_root(site: Path, tmp_path: Path) -> None:
    link = tmp_path / "page.html"
    link.symlink_to("site/index.html")
    async with watching(link) as seen:
        (site / "index.html").write_text("new")
        await seen.one(**{"page.html": "modified"})
        (site / "aside").write_text("renamed over")
        (site / "aside").rename(site / "index.html")
        await seen.one(**{"page.html": "modified"})


class LateTarget(InotifySource):
    """Has the target of ``link`` appear just before its folder is subscribed to."""

    def __init__(self, link: Path, target: Path) -> None:
        super().__init__()
        self.link, self.target = link, target

    def add(self, folder: str) -> None:
        if folder == str(self.target.parent) and self.link.is_symlink() and not self.target.exists():
            self.target.mkdir()
            (self.target / "page.html").write_text("old")
        super().add(folder)


@pytest.mark.parametrize("found_by", ["an event", "a scan"])
@in_loop
async def test_the_target_appears_while_the_link_is_looked_at(
    site: Path, tmp_path: Path, found_by: str
) -> None:
    outside, link = tmp_path / "outside", site / "new" / "linked"
    aside = tmp_path / "aside" if found_by == "a scan" else link.parent
    aside.mkdir()
    async with watching(site, system=WatchSystem(LateTarget(link, outside))) as seen:
        (aside / link.name).symlink_to(outside)
        if aside != link.parent:
            aside.rename(link.parent)
        await seen.one(**{"new/linked/page.html": "added"})
        (outside / "page.html").write_text("saved")
        await seen.one(**{"new/linked/page.html": "modified"})


@in_loop
async def test_a_target_that_is_neither_file_nor_folder_for_a_while(site: Path, outside: Path) -> None:
    (site / "linked.html").symlink_to(outside / "page.html")
    async with watching(site) as seen:
        os.mkfifo(outside / "aside")
        (outside / "aside").rename(outside / "page.html")
        await seen.one(**{"linked.html": "deleted"})
        (outside / "aside").write_text("new")
        (outside / "aside").rename(outside / "page.html")
        await seen.one(**{"linked.html": "added"})
