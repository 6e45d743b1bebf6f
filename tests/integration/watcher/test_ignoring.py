"""What is not watched, what is watched all the same, and what is said of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from livereload_loc.watcher.ignore.rules import IgnoreRules
from livereload_loc.watcher.notices import IgnoredSave
from livereload_loc.watcher.sources.base import PollResult
from livereload_loc.watcher.sources.inotify import InotifySource
from livereload_loc.watcher.system import WatchSystem
from tests.support.in_loop import in_loop
from tests.support.watching import Seen, watching


def write(path: Path, content: str = "new") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


async def expect(seen: Seen, path: str, why: str, noise: bool = False) -> None:
    await seen.until(lambda: any((i.path, i.why, i.noise) == (path, why, noise) for i in seen.ignored))


@in_loop
async def test_ignored_saves_are_said_with_their_rule(site: Path) -> None:
    write(site / ".gitignore", "# rules\n\n*.log\nprivate/\n")
    for name in (
        ".env",
        ".well-known/x.json",
        "private/x.txt",
        "a.log",
        "drafts/x.html",
        "node_modules/x.js",
    ):
        write(site / name, "old")
    async with watching(site, ignore=["drafts"]) as seen:
        write(site / ".env")
        await expect(seen, ".env", "dotfile")
        write(site / "a.log")
        await expect(seen, "a.log", "ignored by .gitignore:3")
        write(site / "private" / "x.txt")
        await expect(seen, "private/x.txt", "ignored by .gitignore:4")
        write(site / "drafts" / "x.html")
        await expect(seen, "drafts/x.html", "ignored by --ignore 'drafts'")
        write(site / "site.css.map")
        await expect(seen, "site.css.map", "source map", noise=True)
        write(site / "loc-dev.toml")
        await expect(seen, "loc-dev.toml", "takes effect at the next start of loc-dev")
        write(site / "index.html~")
        await expect(seen, "index.html~", "editor's temporary file", noise=True)
        write(site / "node_modules" / "x.js")
        write(site / ".gitignore.swp")
        await seen.nothing()


@in_loop
async def test_dotfolders_that_someone_may_wonder_about_are_heard_of(site: Path) -> None:
    write(site / ".well-known" / "deep" / "x.json")
    write(site / ".git" / "HEAD")
    async with watching(site) as seen:
        write(site / ".git" / "HEAD", "noise")
        write(site / ".well-known" / "deep" / "x.json", "newer")
        await expect(seen, ".well-known/deep/x.json", "dotfile")
        assert [ignored.path for ignored in seen.ignored] == [".well-known/deep/x.json"]


@in_loop
async def test_ignored_files_of_a_new_folder_are_said(site: Path) -> None:
    """No event names them, since they were written before the folder was watched."""
    new = site.parent / "new"
    write(new / "sub" / ".env")
    async with watching(site) as seen:
        (new / "sub").rename(site / "sub")
        await expect(seen, "sub/.env", "dotfile")
        for _ in range(2):
            seen.ignored.clear()
            write(new / ".env")
            shutil.rmtree(site)
            new.rename(site)
            await expect(seen, ".env", "dotfile")


class LossySource(InotifySource):
    """Loses events once it ``loses``."""

    loses = False

    def wait(self, seconds: float, interval: float) -> PollResult:
        result = super().wait(seconds, interval)
        lost, self.loses = self.loses, False
        return PollResult(result.events, lost)


@in_loop
async def test_ignored_files_are_not_said_because_events_were_lost(site: Path) -> None:
    write(site / ".env")
    source = LossySource()
    async with watching(site, system=WatchSystem(source)) as seen:
        source.loses = True
        source.wake()
        await seen.nothing()
        assert seen.ignored == []


@in_loop
async def test_many_ignored_saves_are_put_together(site: Path) -> None:
    async with watching(site) as seen:
        for i in range(300):
            write(site / f".{i}", "new")
        await seen.until(lambda: sum(ignored.count for ignored in seen.ignored) >= 300)
        assert len(seen.ignored) < 10
        assert isinstance(seen.ignored[0], IgnoredSave)


@in_loop
async def test_build_output_is_watched_though_git_ignores_it(site: Path) -> None:
    write(site / ".gitignore", "dist/\n*.min.js\n")
    write(site / "dist" / "index.html", "old")
    write(site / "dist" / "data.bin", "old")
    write(site / "app.min.js", "old")
    subprocess.run(["git", "init"], cwd=site, check=True, capture_output=True)
    async with watching(site) as seen:
        assert seen.watcher.files == 7
        write(site / "dist" / "data.bin")
        write(site / "dist" / "index.html")
        assert await seen.batch() == {"dist/index.html": "modified"}
        write(site / "app.min.js")
        await seen.one(**{"app.min.js": "modified"})


@pytest.mark.parametrize("hidden", [".hidden/site", "node_modules/site", "dist"])
@in_loop
async def test_a_root_that_is_named_is_watched(tmp_path: Path, hidden: str) -> None:
    write(tmp_path / ".gitignore", "dist\n")
    write(tmp_path / hidden / "notes.txt", "old")
    subprocess.run(["git", "init"], cwd=tmp_path, check=True, capture_output=True)
    async with watching(tmp_path / hidden) as seen:
        write(tmp_path / hidden / "notes.txt")
        await seen.one(**{"notes.txt": "modified"})


@in_loop
async def test_rules_above_the_root_and_their_change(tmp_path: Path) -> None:
    subprocess.run(["git", "init"], cwd=tmp_path, check=True, capture_output=True)
    write(tmp_path / ".gitignore", "*.one\n")
    for name in ("a.one", "a.two", "a.three"):
        write(tmp_path / "web" / "site" / name, "old")
    root = tmp_path / "web" / "site"
    async with watching(root) as seen:
        write(root / "a.one")
        await expect(seen, "a.one", "ignored by ../../.gitignore:1")
        write(tmp_path / ".gitignore", "*.two\n")
        await seen.nothing()
        write(root / "a.one", "newer")
        await seen.one(**{"a.one": "modified"})
        write(tmp_path / "web" / ".gitignore", "\n*.one\n")
        await seen.nothing()
        write(root / "a.one", "newest")
        await expect(seen, "a.one", "ignored by ../.gitignore:2")
        write(tmp_path / ".git" / "info" / "exclude", "*.three\n")
        await seen.nothing()
        write(root / "a.three")
        await expect(seen, "a.three", "ignored by ../../.git/info/exclude:1")


@in_loop
async def test_a_changed_gitignore_holds_at_once(site: Path) -> None:
    write(site / "sub" / "x.txt", "old")
    async with watching(site) as seen:
        write(site / "sub" / ".gitignore", "*.txt\n")
        await seen.nothing()
        write(site / "sub" / "x.txt")
        await expect(seen, "sub/x.txt", "ignored by sub/.gitignore:1")
        write(site / "notes.txt")
        assert await seen.batch() == {"notes.txt": "modified"}
        (site / "sub" / ".gitignore").unlink()
        await seen.nothing()
        write(site / "sub" / "x.txt", "newer")
        await seen.one(**{"sub/x.txt": "modified"})


@in_loop
async def test_without_gitignore(site: Path) -> None:
    write(site / ".gitignore", "*.txt\n")
    async with watching(site, gitignore=False) as seen:
        write(site / "notes.txt")
        await seen.one(**{"notes.txt": "modified"})


@in_loop
async def test_the_users_word_wins(site: Path) -> None:
    write(site / ".gitignore", "*.txt\n")
    write(site / ".well-known" / "x.json", "old")
    async with watching(site, ignore=["*.html", "!about.html", "!.well-known/", "!notes.txt"]) as seen:
        write(site / "index.html")
        await expect(seen, "index.html", "ignored by --ignore '*.html'")
        for name in ("about.html", ".well-known/x.json", "notes.txt"):
            write(site / name)
            await seen.one(**{name: "modified"})


@in_loop
async def test_a_virtual_environment_by_any_name(site: Path) -> None:
    write(site / "old_env" / "pyvenv.cfg")
    write(site / "old_env" / "lib" / "x.py", "old")
    async with watching(site) as seen:
        assert seen.watcher.files == 5
        write(site / "old_env" / "lib" / "x.py")
        write(site / "env" / "lib" / "x.py")
        write(site / "env" / "pyvenv.cfg")
        await expect(seen, "env", "virtual environment", noise=True)
        await seen.skip()  # a busy machine may halt the test before it says that this is one
        write(site / "env" / "lib" / "x.py", "newer")
        await seen.nothing()


CASES = {
    "plain": ("*.log\n", ["a.log", "sub/b.log", "a.txt"]),
    "negation": ("*.txt\n!keep.txt\n", ["a.txt", "keep.txt", "sub/keep.txt"]),
    "anchored": ("/a.txt\nsub/b.txt\n", ["a.txt", "sub/a.txt", "sub/b.txt", "deep/sub/b.txt"]),
    "folder": ("out/\n", ["out/a.txt", "sub/out/a.txt", "out.txt"]),
    "no way back into a folder": ("out/\n!out/keep.txt\n", ["out/keep.txt"]),
    "a way back": ("out/*\n!out/keep.txt\n", ["out/keep.txt", "out/a.txt"]),
    "only one folder": ("/*\n!/src/\n", ["a.txt", "src/a.txt", "src/deep/a.txt", "lib/a.txt"]),
    "two stars": ("**/logs/**\na/**/z.txt\n", ["logs/a.txt", "x/logs/y/a.txt", "a/z.txt", "a/b/c/z.txt"]),
    "odd": (
        "\\#a.txt\n\\!b.txt\nc\\ \n[ab]?.txt\n# d.txt\n\n",
        ["#a.txt", "!b.txt", "c ", "ax.txt", "d.txt"],
    ),
    "windows": ("*.log\r\nout/\r\n", ["a.log", "out/a.txt", "a.txt"]),
    "bom": ("\ufeff*.log\n", ["a.log", "a.txt"]),
    "nonsense": ("[\n!\n/\n*.log\n", ["a.log", "a.txt"]),
    "no newline": ("*.log", ["a.log"]),
}


@pytest.mark.parametrize(("rules", "names"), CASES.values(), ids=CASES)
def test_rules_are_read_as_git_reads_them(tmp_path: Path, rules: str, names: list[str]) -> None:
    subprocess.run(["git", "init"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / ".gitignore").write_bytes(rules.encode())
    for name in names:
        write(tmp_path / name)
    said = subprocess.run(
        ["git", "check-ignore", "-z", "--stdin"],
        input="\0".join(names), cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    ignore = IgnoreRules(str(tmp_path))
    ours = set()
    for name in names:
        place, folder = ignore.at_root(), tmp_path
        for part in name.split("/")[:-1]:
            folder = folder / part
            place = ignore.below(str(folder), place)
        if ignore.ignore_reason(str(tmp_path / name), False, place):
            ours.add(name)
    assert ours == set(said.stdout.split("\0")) - {""}
