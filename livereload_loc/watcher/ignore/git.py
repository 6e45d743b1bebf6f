"""Finds the git repository around a folder, its lock and its own excludes."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GitRepository:
    """A work tree: its ``top`` folder, and the folder ``git`` with its git files.

    That is ``.git``, or the folder that a file ``.git`` names: for linked work trees and submodules.
    """

    top: str
    git: str

    def lock(self) -> object | None:
        """Return a token of the present ``index.lock``, None where there is none.

        The lock exists while git rewrites the tree (checkout, rebase, stash), and stays behind when git is
        killed. Another lock has another token.
        """
        try:
            status = os.lstat(os.path.join(self.git, "index.lock"))
        except OSError:
            return None
        return self.git, status.st_ino, status.st_mtime_ns

    def exclude(self) -> str:
        """Return the path of ``info/exclude``, which linked work trees share (gitrepository-layout(5))."""
        common = _first_line(os.path.join(self.git, "commondir"))
        return os.path.normpath(os.path.join(self.git, common, "info", "exclude"))


def repository_at(folder: str) -> GitRepository | None:
    """Return the repository whose top is ``folder``."""
    git = os.path.join(folder, ".git")
    if os.path.isdir(git):
        return GitRepository(folder, git)
    line = _first_line(git)
    if not line.startswith("gitdir:"):
        return None
    git = os.path.normpath(os.path.join(folder, line.removeprefix("gitdir:").strip()))
    return GitRepository(folder, git) if os.path.isdir(git) else None


def repository_around(folder: str) -> GitRepository | None:
    """Return the innermost repository that ``folder`` lies in."""
    while True:
        found = repository_at(folder)
        if found is not None:
            return found
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def _first_line(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.readline(4096).rstrip("\r\n")
    except OSError:
        return ""
