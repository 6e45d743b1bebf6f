"""Whatever happens to a tree: in the end the pages know each file as it is."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from pathlib import Path

import pytest

from livereload_loc.changes import Batch
from livereload_loc.watcher.sources.watchfiles import WatchfilesSource
from livereload_loc.watcher.system import WatchSystem
from livereload_loc.watcher.watcher import Watcher
from tests.support.in_loop import in_loop
from tests.support.waiting import until_async

NAMES = ["a.html", "b.css", "c.js", "d", "e", "f.txt"]


class Chaos:
    """Does things to the tree below ``root``, as ``seed`` has it."""

    def __init__(self, root: Path, seed: int, links: bool) -> None:
        self.root, self.random, self.links = root, random.Random(seed), links

    def act(self) -> None:
        acts = (
            [self.write] * 6
            + [self.mkdir] * 4
            + [self.append, self.replace, self.move, self.move, self.remove]
        )
        if self.links:
            acts += [self.link] * 4
        try:
            self.random.choice(acts)(self.place())
        except OSError:
            return  # it can't be done to what is there: the next one will

    def place(self) -> Path:
        path = self.root
        for _ in range(self.random.randint(1, 3)):
            path = path / self.random.choice(NAMES)
        return path

    def content(self) -> str:
        return "".join(self.random.choices("xyz", k=3))  # often the same size, often in the same instant

    def write(self, path: Path) -> None:
        path.write_text(self.content())

    def append(self, path: Path) -> None:
        with path.open("a") as file:
            file.write(self.content())

    def replace(self, path: Path) -> None:
        aside = path.with_name("aside.tmp")
        aside.write_text(self.content())
        aside.rename(path)

    def mkdir(self, path: Path) -> None:
        path.mkdir(parents=True)
        (path / self.random.choice(NAMES)).write_text(self.content())

    def move(self, path: Path) -> None:
        path.rename(self.place())

    def remove(self, path: Path) -> None:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def link(self, path: Path) -> None:
        path.symlink_to(os.path.relpath(self.place(), path.parent))


def actual(root: Path) -> dict[str, str]:
    """All files below ``root`` as a web server would show them, links followed unless they lead back."""
    found: dict[str, str] = {}

    def look(folder: Path, above: list[str]) -> None:
        for entry in sorted(os.listdir(folder)):
            path = folder / entry
            real = os.path.realpath(path)
            if path.is_dir():
                if real not in above:
                    look(path, [*above, real])
            elif path.is_file():
                found[str(path.relative_to(root))] = path.read_text()

    look(root, [os.path.realpath(root)])
    return found


def differ(
    root: Path, known: dict[str, str], wanted: dict[str, str]
) -> dict[str, tuple[str | None, str | None]]:
    """Where ``known`` is wrong: path -> what is known, what is true. A path that leads through a loop of
    links may be known or not."""
    return {
        path: (known.get(path), wanted.get(path))
        for path in {*known, *wanted}
        if known.get(path) != wanted.get(path) and (path in wanted or not (root / path).is_file())
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("how", ["inotify", "portable", "polling"])
@in_loop
async def test_in_the_end_all_is_known(tmp_path: Path, how: str, seed: int) -> None:
    root = tmp_path / "site"
    root.mkdir()
    chaos = Chaos(root, seed, links=how != "portable")  # it knows each folder in one place only
    for _ in range(100):
        chaos.act()
    known = actual(root)

    system = WatchSystem(WatchfilesSource([str(root)])) if how == "portable" else None
    async with Watcher([root], poll_ms=5 if how == "polling" else None, system=system) as watcher:

        async def follow() -> None:
            async for event in watcher:
                for change in event.changes if isinstance(event, Batch) else ():
                    try:
                        known[change.path] = (root / change.path).read_text()
                    except OSError:
                        known.pop(change.path, None)
                    if change.kind == "deleted":
                        known.pop(change.path, None)

        following = asyncio.create_task(follow())
        for i in range(400):
            chaos.act()
            if i % 7 == seed % 7:
                await asyncio.sleep(chaos.random.choice([0, 0.001, 0.005, 0.03]))
        if how == "portable":
            # On Linux notify watches a new folder after it told of it; macOS and Windows watch whole trees.
            for path in actual(root):
                (root / path).touch()
        await until_async(lambda: not differ(root, known, actual(root)), "what is known stays wrong")
        await until_async(lambda: watcher.files == len(actual(root)), "the number of files stays wrong")
    await following
