"""Polling: by wish, where the system tells nothing, and where it has no watches left."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from livereload_loc.watcher.sources import mounts
from livereload_loc.watcher.sources.inotify import InotifySource
from livereload_loc.watcher.system import WatchSystem
from tests.support.in_loop import in_loop
from tests.support.waiting import until_async
from tests.support.watching import Child, watching


@in_loop
async def test_by_wish(site: Path) -> None:
    async with watching(site, poll_ms=20) as seen:
        (site / "index.html").write_text("new")
        await seen.one(**{"index.html": "modified"})
        (site / "new").mkdir()
        (site / "new" / "page.html").write_text("new")
        await seen.one(**{"new/page.html": "added"})
        (site / "index.html").unlink()
        await seen.one(**{"index.html": "deleted"})
        assert seen.watcher.polled == (str(site),)
        (site / "css" / "site.css").chmod(0o600)
        os.utime(site / "css")
        await seen.nothing()
        assert seen.notices == []


@in_loop
async def test_polling_sees_equal_sizes_in_the_same_instant(site: Path) -> None:
    async with watching(site, poll_ms=1) as seen:
        for content in ("one", "two", "six", "ten"):
            (site / "index.html").write_text(content)
            assert await seen.batch() == {"index.html": "modified"}


@in_loop
async def test_polling_survives_a_root_that_goes_and_comes(site: Path) -> None:
    async with watching(site, site / "index.html", poll_ms=20) as seen:
        for times in range(2):
            shutil.rmtree(site)
            site.mkdir()
            (site / "index.html").write_text("again" * times)
            await seen.all_of(["index.html"])


@in_loop
async def test_polling_waits_for_open_writers(site: Path) -> None:
    async with watching(site, poll_ms=20) as seen:
        with (site / "index.html").open("w") as file:
            file.write("half")
            file.flush()
            await seen.nothing()
            file.write("whole")
        await seen.one(**{"index.html": "modified"})


@in_loop
async def test_a_file_system_without_events_is_polled_alone(site: Path) -> None:
    """A mount as on a virtual machine: the table names the device that the test's files lie on."""
    device = site.stat().st_dev
    line = f"29 1 {os.major(device)}:{os.minor(device)} / /mnt rw - virtiofs share rw"
    system = WatchSystem(InotifySource(), eventless=mounts.eventless(line))
    shm = Path("/dev/shm") / f"loc-dev-{os.getpid()}"
    shm.mkdir()
    try:
        async with watching(site, shm, system=system) as seen:
            await seen.until(lambda: bool(seen.notices))
            (notice,) = seen.notices
            assert str(site) in notice.title
            assert "virtiofs" in notice.detail
            assert seen.watcher.polled == (str(site),)
            (site / "index.html").write_text("new")
            await seen.one(**{"index.html": "modified"})
            (shm / "page.html").write_text("new")
            await seen.one(**{"page.html": "added"})
    finally:
        shutil.rmtree(shm)


def limited(name: str, value: int) -> list[str]:
    """Run a command in a user namespace of its own with that limit of inotify."""
    command = f'echo {value} > /proc/sys/user/max_inotify_{name} && exec "$@"'
    return ["unshare", "--user", "--map-root-user", "sh", "-c", command, "sh"]


def test_more_folders_than_inotify_allows(site: Path) -> None:
    folders = [site / f"d{i}" for i in range(40)]
    for folder in folders:
        folder.mkdir()
        (folder / "page.html").write_text("old")
    with Child(site, prefix=limited("watches", 20)) as child:
        child.until(lambda: "fs.inotify.max_user_watches" in child.notices())
        for folder in folders:
            (folder / "page.html").write_text("new")
        child.until(lambda: child.paths() >= {f"d{i}/page.html" for i in range(40)})
        (site / "later" / "deep").mkdir(parents=True)
        (site / "later" / "deep" / "page.html").write_text("new")
        child.until(lambda: "later/deep/page.html" in child.paths())
        assert child.notices().count("max_user_watches") <= 2  # once in the title's detail, as name and cure


def test_no_inotify_instance_left(site: Path) -> None:
    with Child(site, prefix=limited("instances", 0)) as child:
        child.until(lambda: "fs.inotify.max_user_instances" in child.notices())
        (site / "css" / "site.css").write_text("new")
        child.until(lambda: "css/site.css" in child.paths())


class FullSource(InotifySource):
    """Has no watch left for one folder, as long as it is ``full``."""

    full = True

    def add(self, folder: str) -> None:
        if self.full and folder.endswith("css"):
            raise OSError(errno.ENOSPC, "No space left on device", folder)
        super().add(folder)


@in_loop
async def test_watches_that_come_free_are_used(site: Path) -> None:
    """Once others gave theirs back, nothing is polled any more."""
    source = FullSource()
    async with watching(site, system=WatchSystem(source, retry=0.05)) as seen:
        await seen.until(lambda: bool(seen.notices))
        assert seen.watcher.polled == (str(site),)
        source.full = False
        await until_async(lambda: not seen.watcher.polled)
        (site / "css" / "site.css").write_text("new")
        await seen.one(**{"css/site.css": "modified"})
        assert len(seen.notices) == 1
