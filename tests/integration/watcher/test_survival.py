"""What ends other watchers: roots that go and come, odd names, folders that can't be read, overflow."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from livereload_loc.errors import NoSuchPath
from livereload_loc.watcher.sources.base import NullSource, PollResult
from livereload_loc.watcher.system import WatchSystem
from livereload_loc.watcher.watcher import Watcher
from tests.support.in_loop import in_loop
from tests.support.watching import Child, Watching, either_source, watching

ROOT = os.geteuid() == 0
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] if ROOT else []
CLOSED = 0o700 if ROOT else 0
"""The mode of a folder that the child can't read."""


@in_loop
async def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(NoSuchPath) as caught:
        await Watcher([tmp_path, tmp_path / "missing"]).__aenter__()
    assert caught.value.path == str(tmp_path / "missing")


@either_source
@in_loop
async def test_a_root_that_is_removed_and_made_again(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        for times in range(3):
            shutil.rmtree(site)
            site.mkdir()
            (site / "index.html").write_text("again" * times)
            await seen.all_of(["index.html"])
            (site / "index.html").write_text("saved" * times)
            await seen.all_of(["index.html"])
        assert seen.notices == []


@either_source
@in_loop
async def test_a_root_that_is_away_for_a_while(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        away = site.rename(site.parent / "away")
        assert len(await seen.batch()) == 5
        await seen.until(lambda: [n.title for n in seen.notices] == [f"{site} is gone"])
        away.rename(site)
        assert await seen.batch() == dict.fromkeys(
            ["index.html", "about.html", "css/site.css", "js/main.js", "notes.txt"], "added"
        )
        assert seen.notices[1].title == f"{site} is back"
        (site / "css" / "site.css").write_text("saved")
        await seen.one(**{"css/site.css": "modified"})


@either_source
@in_loop
async def test_a_root_that_is_swapped_for_a_new_build(site: Path, watching: Watching) -> None:
    build = site.parent / "build"
    async with watching(site) as seen:
        for times in range(3):
            shutil.copytree(site, build)
            (build / "index.html").write_text("built" * times)
            site.rename(site.parent / f"old{times}")
            build.rename(site)
            await seen.all_of(["index.html"])
        (site / "index.html").write_text("saved")
        await seen.all_of(["index.html"])
        assert all(change.kind == "modified" for batch in seen.batches for change in batch.changes)


@in_loop
async def test_the_folder_around_a_root_goes_and_comes(tmp_path: Path) -> None:
    root = tmp_path / "outer" / "inner" / "site"
    root.mkdir(parents=True)
    (root / "index.html").write_text("old")
    async with watching(root) as seen:
        (tmp_path / "outer").rename(tmp_path / "elsewhere")
        assert await seen.batch() == {"index.html": "deleted"}
        (tmp_path / "elsewhere").rename(tmp_path / "outer")
        assert await seen.batch() == {"index.html": "added"}
        (root / "index.html").write_text("saved")
        await seen.one(**{"index.html": "modified"})


@either_source
@in_loop
async def test_a_root_that_becomes_a_file_and_a_folder_again(site: Path, watching: Watching) -> None:
    async with watching(site) as seen:
        shutil.rmtree(site)
        site.write_text("a file")
        await seen.all_of(["site"])
        site.write_text("a saved file")
        await seen.all_of(["site"])
        site.unlink()
        site.mkdir()
        (site / "index.html").write_text("again")
        await seen.all_of(["index.html"])
        (site / "index.html").write_text("saved")
        await seen.all_of(["index.html"])


@either_source
@in_loop
async def test_a_single_file(site: Path, watching: Watching) -> None:
    page = site / "index.html"

    def make_again() -> None:
        page.unlink()
        page.write_text("made again")

    async with watching(page) as seen:
        assert (seen.watcher.roots, seen.watcher.files) == ((str(page),), 1)
        (site / "about.html").write_text("not watched")
        (site / "new.html").write_text("not watched")
        await seen.nothing()
        for times in range(3):
            page.write_text("in place" * times)
            await seen.one(**{"index.html": "modified"})
            (site / "aside").write_text("renamed over" * times)
            (site / "aside").rename(page)
            await seen.one(**{"index.html": "modified"})
            await seen.one_of_steps("index.html", make_again)


@either_source
@in_loop
async def test_a_single_file_that_is_away_for_a_while(site: Path, watching: Watching) -> None:
    page = site / "index.html"
    async with watching(page) as seen:
        for times in range(2):
            page.unlink()
            assert await seen.batch() == {"index.html": "deleted"}
            page.write_text("back" * times)
            assert await seen.batch() == {"index.html": "added"}
        assert {notice.title for notice in seen.notices} <= {f"{page} is gone", f"{page} is back"}


@in_loop
async def test_names_that_are_not_utf8(site: Path) -> None:
    odd = site / "\udcff.html"  # b"\xff.html"
    async with watching(site) as seen:
        odd.write_text("new")
        assert await seen.batch() == {"\udcff.html": "added"}
        (site / "index.html").write_text("saved")
        assert await seen.batch() == {"index.html": "modified"}
        (site / "\udcfe").mkdir()
        (site / "\udcfe" / "page.html").write_text("new")
        assert await seen.batch() == {"\udcfe/page.html": "added"}
        odd.rename(site / "\udcfd.html")
        assert await seen.batch() == dict(
            zip(("\udcff.html", "\udcfd.html"), ("deleted", "added"), strict=True)
        )


@in_loop
async def test_names_of_every_kind(site: Path) -> None:
    names = [
        "a b.html",
        "tab\t.html",
        "line\nbreak.html",
        "ünï.html",
        "[x].html",
        "\\.html",
        "'\".html",
        "-r.html",
    ]
    async with watching(site) as seen:
        for name in names:
            (site / name).write_text("new")
        await seen.all_of(names)


@in_loop
async def test_deep_folders(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 400)
    deep.mkdir(parents=True)
    (deep / "page.html").write_text("old")
    async with watching(tmp_path) as seen:
        (deep / "page.html").write_text("new")
        await seen.one(**{"d/" * 400 + "page.html": "modified"})


@pytest.fixture
def open_site(site: Path) -> Iterator[Path]:
    """A site that nobody (the user) may read, but not write."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield site.rename(Path(folder) / "site")


def test_unreadable_folders_spoil_nothing(open_site: Path) -> None:
    locked = open_site / "locked"
    locked.mkdir()
    (locked / "page.html").write_text("old")
    locked.chmod(CLOSED)
    (open_site / "secret.html").write_text("old")
    (open_site / "secret.html").chmod(0o600)
    with Child(open_site, prefix=AS_NOBODY) as child:
        child.until(lambda: f"{locked} cannot be read" in child.notices())
        (open_site / "index.html").write_text("saved")
        child.until(lambda: "index.html" in child.paths())
        (open_site / "secret.html").write_text("saved")
        child.until(lambda: "secret.html" in child.paths())
        late = open_site / "late"
        late.mkdir(mode=CLOSED)
        child.until(lambda: f"{late} cannot be read" in child.notices())
        late.chmod(0o755)
        (late / "page.html").write_text("new")
        child.until(lambda: "late/page.html" in child.paths())
        locked.chmod(0o755)
        (locked / "page.html").write_text("saved")
        child.until(lambda: "locked/page.html" in child.paths())


def test_a_slow_writer_of_another_users_file(open_site: Path) -> None:
    """No lease is granted for it: the event that says it was closed has to do."""
    page = open_site / "index.html"
    with Child(open_site, prefix=AS_NOBODY) as child:
        with page.open("w") as file:
            for part in range(5):
                file.write(f"part {part}")
                file.flush()
                time.sleep(0.1)
            assert child.paths() == set()
        child.until(lambda: "index.html" in child.paths())


def test_an_unreadable_root(open_site: Path) -> None:
    open_site.chmod(CLOSED)
    with Child(open_site, prefix=AS_NOBODY) as child:
        child.until(lambda: f"{open_site} cannot be read" in child.notices())
        open_site.chmod(0o755)
        child.until(lambda: "index.html" in child.paths())


def test_overflow(site: Path) -> None:
    """More events than the kernel keeps, while the watcher can't take them."""
    names = [f"page{i}.html" for i in range(300)]
    for name in names:
        (site / name).write_text("old")
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    with Child(site) as child:
        os.kill(child.process.pid, signal.SIGSTOP)
        for number in range(limit + 1):
            os.utime(site / names[number % len(names)])
        for name in names:
            (site / name).write_text("new")
        (site / "css" / "site.css").write_text("new")
        (site / "later").mkdir()
        (site / "later" / "page.html").write_text("new")
        os.kill(child.process.pid, signal.SIGCONT)
        child.until(lambda: child.paths() >= {*names, "css/site.css", "later/page.html"})
        (site / "later" / "page.html").write_text("newer")
        count = len(child.said)
        child.until(lambda: {"batch": ["later/page.html"]} in child.said[count:])


class BrokenSource(NullSource):
    """Fails at a root, or while it is waited for."""

    def __init__(self, started: bool) -> None:
        super().__init__()
        self.started = started

    def add(self, folder: str) -> None:
        if not self.started:
            raise ZeroDivisionError

    def wait(self, seconds: float, interval: float) -> PollResult:
        if seconds:
            raise ZeroDivisionError
        return PollResult()


@in_loop
async def test_what_fails_in_the_thread_is_raised(site: Path) -> None:
    async with Watcher([site], system=WatchSystem(BrokenSource(started=True))) as watcher:
        with pytest.raises(ZeroDivisionError):
            await anext(aiter(watcher))


@in_loop
async def test_what_fails_while_it_starts_is_raised(site: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        await Watcher([site], system=WatchSystem(BrokenSource(started=False))).__aenter__()
