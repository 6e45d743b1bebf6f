"""Large trees: 20,000 files in 2,000 folders, and ignored ones that are larger still."""

from __future__ import annotations

from pathlib import Path

import pytest

from livereload_loc.watcher.sources.inotify import InotifySource
from livereload_loc.watcher.system import WatchSystem
from tests.support.in_loop import in_loop
from tests.support.watching import watching


@pytest.fixture
def large_site(tmp_path: Path) -> Path:
    """A site of hard links to one file: a busy disk takes minutes for so many files."""
    page, site = tmp_path / "page.html", tmp_path / "site"
    page.write_text("old")
    for i in range(2000):
        folder = site / f"d{i % 20}" / f"e{i}"
        folder.mkdir(parents=True)
        for j in range(10):
            (folder / f"page{j}.html").hardlink_to(page)
    return site


@in_loop
async def test_twenty_thousand_files(large_site: Path) -> None:
    async with watching(large_site) as seen:
        assert seen.watcher.files == 20_000
        (large_site.parent / "new.html").write_text("new")
        (large_site.parent / "new.html").rename(large_site / "d7" / "e1987" / "page3.html")
        await seen.one(**{"d7/e1987/page3.html": "modified"})


class RecordingSource(InotifySource):
    """Remembers which folders were added."""

    def __init__(self) -> None:
        super().__init__()
        self.added: set[str] = set()

    def add(self, folder: str) -> None:
        self.added.add(folder)
        super().add(folder)


@in_loop
async def test_ignored_trees_cost_nothing(site: Path) -> None:
    for i in range(300):
        folder = site / "node_modules" / f"package{i}" / "lib"
        folder.mkdir(parents=True)
        (folder / "x.js").write_text("old")
    source = RecordingSource()
    async with watching(site, system=WatchSystem(source)) as seen:
        assert source.added == {str(site.parent), str(site), str(site / "css"), str(site / "js")}
        assert seen.watcher.files == 5
