"""What only the watcher of macOS and Windows may get wrong, as far as Linux can show it."""

from __future__ import annotations

from pathlib import Path

from tests.support.in_loop import in_loop
from tests.support.waiting import until_async
from tests.support.watching import watching_portably


@in_loop
async def test_the_return_of_one_root_loses_nothing_of_another(site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with watching_portably(site, other) as seen:
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
async def test_a_name_that_is_not_utf8(site: Path) -> None:
    async with watching_portably(site) as seen:
        for times in range(3):
            (site / "\udcff.html").write_text("new" * times)
            await seen.all_of(["\udcff.html"])
            (site / "index.html").write_text("saved" * times)
            await seen.all_of(["index.html"])


@in_loop
async def test_rules_that_are_written_in_place(site: Path) -> None:
    (site / ".gitignore").write_text("*.log\n")
    async with watching_portably(site) as seen:
        (site / ".gitignore").write_text("*.txt\n")
        await until_async(lambda: seen.watcher.files == 4)
        (site / "notes.txt").write_text("ignored")
        await seen.nothing()
