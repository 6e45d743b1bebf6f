"""The editors and tools that people save with: one update each, the page whole when it is read then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.in_loop import in_loop
from tests.support.watching import TRIES, watching

PAGE = "<!doctype html>\n<p>old</p>\n"
VIM = ["vim", "-Nu", "NONE", "-es", "-c"]
# In one process, as editors do: the steps of two may be far apart on a busy machine.
PYTHON = [sys.executable, "-c"]

SAVES = {
    "vim, backupcopy=yes": [*VIM, "set backupcopy=yes backup writebackup|%s/old/new/|wq", "index.html"],
    "vim, backupcopy=no": [*VIM, "set backupcopy=no writebackup|%s/old/new/|wq", "index.html"],
    "vim, backupcopy=auto": [*VIM, "set backupcopy=auto|%s/old/new/|wq", "index.html"],
    "emacs": [
        "emacs", "-Q", "--batch", "index.html", "--eval",
        '(progn (goto-char 1) (re-search-forward "old") (replace-match "new") (save-buffer))',
    ],
    "emacs, backup by copying": [
        "emacs", "-Q", "--batch", "index.html", "--eval",
        '(progn (setq backup-by-copying t) (re-search-forward "old") (replace-match "new") (save-buffer))',
    ],
    "sed -i": ["sed", "-i", "s/old/new/", "index.html"],
    "cp": ["cp", "../new.html", "index.html"],
    "cp -p": ["cp", "-p", "../new.html", "index.html"],
    "mv": ["mv", "../new.html", "index.html"],
    "rsync": ["rsync", "../new.html", "index.html"],
    "rsync -a": ["rsync", "-a", "../new.html", "index.html"],
    "rsync --inplace": ["rsync", "--inplace", "../new.html", "index.html"],
    "tee": ["sh", "-c", "tee index.html <../new.html"],
    "install": ["install", "../new.html", "index.html"],
    "dd": ["dd", "if=../new.html", "of=index.html", "bs=7", "status=none"],
    "git apply": ["git", "apply", "../new.patch"],
    "truncate, then append": [
        *PYTHON,
        "import os\nnew = open('../new.html').read()\n"
        "os.truncate('index.html', 0)\nopen('index.html', 'a').write(new)",
    ],
    "unlink, then write": [
        *PYTHON,
        "import os\nnew = open('../new.html').read()\n"
        "os.unlink('index.html')\nopen('index.html', 'w').write(new)",
    ],
    "write aside, rename": ["sh", "-c", "cat ../new.html >.index.tmp; mv .index.tmp index.html"],
    "write aside under a plain name, rename": [
        *PYTHON,
        "import os, shutil\n"
        "shutil.copy('../new.html', 'index.html.tmp')\nos.replace('index.html.tmp', 'index.html')",
    ],
}  # fmt: skip


def lay_out(site: Path) -> Path:
    """Write the page as it was, and beside the site what the tools take the new one from."""
    page, new = site / "index.html", site.parent / "new.html"
    for age, (file, content) in enumerate(((new, PAGE.replace("old", "new")), (page, PAGE))):
        file.write_text(content)
        os.utime(file, (1_700_000_000 - age, 1_700_000_000 - age))  # rsync looks at it
    (site.parent / "new.patch").write_text(
        "--- a/index.html\n+++ b/index.html\n@@ -1,2 +1,2 @@\n <!doctype html>\n-<p>old</p>\n+<p>new</p>\n"
    )
    return page


async def updates_of(save: list[str], page: Path) -> list[dict[str, str]]:
    """Return the updates of a save; with the last of them, the page is whole."""
    async with watching(page.parent) as seen:
        with subprocess.Popen(
            save, cwd=page.parent, env={**os.environ, "GIT_CEILING_DIRECTORIES": "/"}
        ) as tool:
            updates = [await seen.batch()]
            if updates != [{"index.html": "modified"}]:
                updates.append(await seen.batch())
            assert page.read_text() == PAGE.replace("old", "new")
        assert tool.returncode == 0
        await seen.nothing()
        return updates


@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES)
@in_loop
async def test_a_save_is_one_update_of_a_whole_page(site: Path, save: list[str]) -> None:
    for _ in range(TRIES):
        updates = await updates_of(save, lay_out(site))
        if updates == [{"index.html": "modified"}]:
            return
        assert "index.html" in updates[-1]  # the tool was halted: what it had done by then came first
    raise AssertionError("it is never one")


def git(folder: Path, *arguments: str) -> None:
    name = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


@in_loop
async def test_a_checkout_is_one_update(tmp_path: Path) -> None:
    names = [f"page{i}.html" for i in range(100)]
    git(tmp_path, "init")
    for branch in ("old", "new"):
        git(tmp_path, "checkout", "--orphan", branch)
        for name in names:
            (tmp_path / name).write_text(f"{branch} {name}")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-m", branch)
    async with watching(tmp_path) as seen:
        for times in range(2 * TRIES):
            git(tmp_path, "checkout", ("old", "new")[times % 2])
            if await seen.batch() == dict.fromkeys(names, "modified"):
                await seen.nothing()
                return
            await seen.skip()  # it took longer than a lock holds
    raise AssertionError("it is never one")


@in_loop
async def test_a_lock_of_git_holds_its_repository_and_no_other(tmp_path: Path) -> None:
    for name in ("locked", "free"):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init")
        (tmp_path / name / "index.html").write_text("old")
    async with watching(tmp_path / "locked", tmp_path / "free") as seen:
        lock = tmp_path / "locked" / ".git" / "index.lock"
        lock.touch()
        (tmp_path / "locked" / "index.html").write_text("new")
        await seen.nothing()
        (tmp_path / "free" / "index.html").write_text("new")
        await seen.batch()
        assert [change.root for change in seen.batches[-1].changes] == [str(tmp_path / "free")]
        lock.unlink()
        await seen.batch()
        assert [change.root for change in seen.batches[-1].changes] == [str(tmp_path / "locked")]


@in_loop
async def test_a_stale_lock_holds_for_two_seconds_once(tmp_path: Path) -> None:
    git(tmp_path, "init")
    page = tmp_path / "site" / "index.html"
    page.parent.mkdir()
    page.write_text("old")
    async with watching(page.parent) as seen:
        (tmp_path / ".git" / "index.lock").touch()
        page.write_text("new")
        await seen.nothing(1)
        await seen.batch()
        page.write_text("newer")
        await seen.batch()


@in_loop
async def test_the_lock_of_a_linked_work_tree(tmp_path: Path) -> None:
    git(tmp_path, "init", "main")
    (tmp_path / "main" / "index.html").write_text("old")
    git(tmp_path / "main", "add", ".")
    git(tmp_path / "main", "commit", "-m", "x")
    git(tmp_path / "main", "worktree", "add", "../other")
    async with watching(tmp_path / "other") as seen:
        lock = tmp_path / "main" / ".git" / "worktrees" / "other" / "index.lock"
        lock.touch()
        (tmp_path / "other" / "index.html").write_text("new")
        await seen.nothing()
        lock.unlink()
        await seen.one(**{"index.html": "modified"})
