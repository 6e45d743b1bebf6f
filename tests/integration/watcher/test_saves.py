"""A save is told once, whole, at once; what is no save is not told."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from livereload_loc.watcher.debounce import STORM_QUIET
from tests.support.in_loop import in_loop
from tests.support.watching import TRIES, Watching, either_source, watching


@either_source
@in_loop
async def test_a_save_in_place(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        (site / "index.html").write_text("new")
        await seen.one(**{"index.html": "modified"})


@in_loop
async def test_a_batch_names_root_path_and_time(site: Path) -> None:
    async with watching(site) as seen:
        before = time.monotonic()
        (site / "css" / "site.css").write_text("new")
        await seen.batch()
        (change,) = seen.batches[0].changes
        assert (change.root, change.path) == (str(site), "css/site.css")
        assert before <= seen.batches[0].seen <= time.monotonic()


@either_source
@in_loop
async def test_a_save_of_equal_size_in_the_same_instant(site: Path, watching: Watching) -> None:
    page = site / "index.html"
    async with watching(site) as seen:
        for content in ("one", "two", "six"):
            page.write_text(content)
            assert await seen.batch() == {"index.html": "modified"}


@in_loop
async def test_a_save_right_after_the_start(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("one")
    async with watching(tmp_path) as seen:
        page.write_text("two")
        await seen.one(**{"page.html": "modified"})


@in_loop
async def test_other_content_of_equal_size_with_the_old_mtime(site: Path) -> None:
    page = site / "index.html"
    old = page.stat()
    async with watching(site) as seen:
        with page.open("r+") as file:
            file.write("THE")
            file.flush()
            os.utime(page, ns=(old.st_atime_ns, old.st_mtime_ns))
        await seen.one(**{"index.html": "modified"})


@either_source
@in_loop
async def test_a_save_by_rename(site: Path, watching: Watching) -> None:
    def save() -> None:
        (site / "aside.tmp").write_text("renamed over")
        (site / "aside.tmp").rename(site / "index.html")

    async with watching(site) as seen:
        await seen.one_of_steps("index.html", save)


@either_source
@in_loop
async def test_new_and_deleted_files(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        (site / "new.html").write_text("new")
        await seen.one(**{"new.html": "added"})
        (site / "new.html").unlink()
        await seen.one(**{"new.html": "deleted"})


@in_loop
async def test_touch_is_a_change(site: Path) -> None:
    async with watching(site) as seen:
        (site / "index.html").touch()
        await seen.one(**{"index.html": "modified"})


@either_source
@in_loop
async def test_permissions_are_none(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        (site / "index.html").chmod(0o600)
        (site / "css").chmod(0o700)
        await seen.nothing()
        (site / "index.html").write_text("saved")
        await seen.batch()
        (site / "index.html").chmod(0o644)
        await seen.nothing()


@in_loop
async def test_a_folder_and_its_mtime_are_none(site: Path) -> None:
    async with watching(site) as seen:
        (site / "empty").mkdir()
        os.utime(site)
        os.utime(site / "css")
        await seen.nothing()


@in_loop
async def test_an_open_writer_is_waited_for_and_delays_no_other(site: Path) -> None:
    async with watching(site) as seen:
        with (site / "index.html").open("w") as file:
            file.write("half ")
            file.flush()
            await seen.nothing()
            (site / "about.html").write_text("whole")
            assert await seen.batch() == {"about.html": "modified"}
            file.write("whole")
        await seen.one(**{"index.html": "modified"})


@in_loop
async def test_a_file_that_stays_open_is_told_after_two_seconds(site: Path) -> None:
    async with watching(site) as seen:
        with (site / "notes.txt").open("a") as file:
            print("a line", file=file, flush=True)
            await seen.nothing(1)
            assert await seen.batch() == {"notes.txt": "modified"}
            print("another", file=file, flush=True)
            assert await seen.batch() == {"notes.txt": "modified"}


SLOW_WRITER = """
import sys, time

path, times = sys.argv[1:]
for i in range(int(times)):
    sys.stdin.readline()
    with open(path, "w") as file:
        time.sleep(0.03)
        file.write(f"<p>{i}")
        file.flush()
        time.sleep(0.03)
        file.write("</p>")
"""


@in_loop
async def test_a_slow_writer_never_shows_half_a_page(site: Path) -> None:
    page = site / "index.html"
    times = 50
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_WRITER, str(page), str(times)],
        stdin=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as writer:
        assert writer.stdin is not None
        async with watching(site) as seen:
            for i in range(times):
                print(file=writer.stdin, flush=True)
                assert await seen.batch() == {"index.html": "modified"}
                assert page.read_text() == f"<p>{i}</p>"
            await seen.nothing()


@either_source
@in_loop
async def test_a_storm_is_told_once(site: Path, watching: Watching) -> None:
    names = [f"page{i}.html" for i in range(300)]
    for name in names:
        (site / name).write_text("old")
    async with watching(site) as seen:
        for times in range(TRIES):
            for name in names:
                (site / name).write_text("new" * times)
            batches = await seen.all_of(names)
            await seen.nothing()
            if batches == 1:
                return
    raise AssertionError("it is never one")


@pytest.mark.parametrize("milliseconds", [2, 5, 10])
@in_loop
async def test_each_build_but_one_is_told_once(site: Path, milliseconds: int) -> None:
    names = [f"page{i}.html" for i in range(10)]
    for name in names:
        (site / name).write_text("old")
    async with watching(site) as seen:
        # How often builds were told right after another one. More than once counts if nothing halted the two.
        later: list[int] = []
        smooth = False
        for times in range(12 * TRIES):
            pauses = []
            for name in names:
                before = time.monotonic()
                (site / name).write_text(f"new {times}")
                await asyncio.sleep(milliseconds / 1000)
                pauses.append(time.monotonic() - before)
            told = await seen.all_of(names)
            await seen.nothing()
            was_smooth, smooth = smooth, max(pauses) < STORM_QUIET / 2
            if times and (told == 1 or (smooth and was_smooth)):
                later.append(told)
            if len(later) == 3:
                assert later.count(1) >= 2, later
                return
    raise AssertionError("a busy machine has halted it again and again")


@either_source
@in_loop
async def test_a_new_tree(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        for depth in range(1, 8):
            folder = site.joinpath(*(f"d{i}" for i in range(depth)))
            folder.mkdir()
            (folder / "page.html").write_text("new")
        paths = ["/".join([*(f"d{i}" for i in range(n)), "page.html"]) for n in range(1, 8)]
        await seen.all_of(paths)
        (site / paths[-1]).write_text("newer")
        await seen.one(**{paths[-1]: "modified"})


@either_source
@in_loop
async def test_a_tree_that_is_moved_within_in_and_out(site: Path, tmp_path: Path, watching: Watching) -> None:
    (site / "css" / "deep").mkdir()
    (site / "css" / "deep" / "x.css").write_text("x")
    async with watching(site) as seen:
        (site / "css").rename(site / "styles")
        assert await seen.batch() == {
            "css/site.css": "deleted",
            "css/deep/x.css": "deleted",
            "styles/site.css": "added",
            "styles/deep/x.css": "added",
        }
        (site / "styles" / "deep" / "x.css").write_text("y")
        await seen.one(**{"styles/deep/x.css": "modified"})
        (site / "styles").rename(tmp_path / "outside")
        assert await seen.batch() == {"styles/site.css": "deleted", "styles/deep/x.css": "deleted"}
        (tmp_path / "outside" / "site.css").write_text("unseen")
        await seen.nothing()
        (tmp_path / "outside").rename(site / "css")
        assert await seen.batch() == {"css/site.css": "added", "css/deep/x.css": "added"}
        (site / "css" / "deep" / "x.css").write_text("z")
        await seen.one(**{"css/deep/x.css": "modified"})


@either_source
@in_loop
async def test_a_folder_that_is_replaced_by_another(site: Path, tmp_path: Path, watching: Watching) -> None:
    shutil.copytree(site / "css", tmp_path / "other")
    async with watching(site) as seen:
        for times in range(3):
            (tmp_path / "other" / "site.css").write_text("other" * times)
            shutil.rmtree(site / "css")
            shutil.copytree(tmp_path / "other", site / "css")
            await seen.all_of(["css/site.css"])
        (site / "css" / "site.css").write_text("saved")
        await seen.one(**{"css/site.css": "modified"})


@either_source
@in_loop
async def test_a_file_becomes_a_folder_and_a_folder_a_file(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        (site / "notes.txt").unlink()
        (site / "notes.txt").mkdir()
        (site / "notes.txt" / "page.html").write_text("new")
        await seen.all_of(["notes.txt", "notes.txt/page.html"])
        shutil.rmtree(site / "notes.txt")
        (site / "notes.txt").write_text("a file again")
        await seen.all_of(["notes.txt", "notes.txt/page.html"])
        (site / "notes.txt").write_text("saved")
        await seen.one(**{"notes.txt": "modified"})


@in_loop
async def test_a_fifo_hangs_nobody(site: Path) -> None:
    async with watching(site) as seen:
        os.mkfifo(site / "pipe.html")
        (site / "index.html").write_text("new")
        await seen.one(**{"index.html": "modified"})
