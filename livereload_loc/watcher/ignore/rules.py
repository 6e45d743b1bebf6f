"""Which entries are not watched, and by which rule.

The user's ``--ignore`` speaks first, then what is never part of a page (dotfiles, leftovers, installed
packages), then git's files. Whether git ignores a page, style sheet, script, image or font does not
matter: build output is ignored by git and is what browsers load.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from livereload_loc.changes import IMAGE_SUFFIXES
from livereload_loc.watcher.ignore.git import GitRepository, around, at
from livereload_loc.watcher.ignore.gitignore import GitignoreFile

BROWSED = IMAGE_SUFFIXES | frozenset({
    "html", "htm", "xhtml", "shtml", "css", "js", "mjs", "cjs", "wasm", "woff", "woff2", "ttf", "otf", "eot",
})  # fmt: skip
"""Suffixes of what browsers load: pages, style sheets, scripts, images, fonts."""

_LEFTOVER = re.compile(r"4913|.*~|#.*#|\.#.*|.*\.sw.|.*\.swpx|___jb_.*___", re.DOTALL)
_SOURCE_MAP = re.compile(r".*\.(?:css|m?js)\.map", re.DOTALL)
_INSTALLED = frozenset({"node_modules", "__pycache__"})
_NOISE = frozenset({
    ".git", ".hg", ".svn", ".jj", ".venv", ".tox", ".nox", ".cache", ".mypy_cache", ".ruff_cache",
    ".pytest_cache", ".hypothesis", ".gitignore", ".idea", ".vscode", ".vs", ".DS_Store", ".sass-cache",
    ".parcel-cache", ".next", ".nuxt", ".svelte-kit", ".turbo", ".gradle", ".ipynb_checkpoints", ".terraform",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class IgnoreReason:
    """Why something is ignored; ``noise``: nobody wonders."""

    why: str
    noise: bool


VIRTUAL_ENVIRONMENT = IgnoreReason("a virtual environment", True)


@dataclass(frozen=True, slots=True)
class FolderRules:
    """The rules that hold for the entries of one folder.

    ``files``: git's rule files from the nearest to the farthest. ``hidden``: what ignores the folder
    itself for git, and with it all that it holds.
    """

    files: tuple[GitignoreFile, ...] = ()
    hidden: IgnoreReason | None = None
    repository: GitRepository | None = None


class IgnoreRules:
    """The rules of one root. ``patterns`` are in the syntax of gitignore(5), relative to the root."""

    def __init__(self, root: str, patterns: Sequence[str] = (), gitignore: bool = True) -> None:
        self.root = root
        self._git = gitignore
        self._user = GitignoreFile(root, "--ignore", patterns) if patterns else None

    def at_root(self) -> FolderRules:
        """The root itself is watched whatever ignores it: then the rules above it are void below it."""
        repository = around(self.root)
        place = FolderRules(self._above(repository), None, repository)
        if self._by_git(self.root, True, place):
            place = FolderRules((), None, repository)
        return self._own(self.root, place)

    def below(self, folder: str, place: FolderRules) -> FolderRules:
        """The rules inside ``folder``, an entry of the folder that ``place`` belongs to."""
        repository = at(folder)
        if repository is not None and self._git:  # git's rules end at the border of a repository
            files = _rule_files([repository.exclude()], folder)
            return self._own(folder, FolderRules(files, None, repository))
        return self._own(
            folder, FolderRules(place.files, self._by_git(folder, True, place), place.repository)
        )

    def verdict(self, path: str, is_folder: bool, place: FolderRules) -> IgnoreReason | None:
        """What ignores ``path``, an entry of the folder of ``place``; None where it is watched.

        A folder that only git ignores is watched, for the build output in it.
        """
        if self._user is not None:
            rule = self._user.match(path, is_folder)
            if rule is not None:
                return IgnoreReason(f"ignored by --ignore {rule.text!r}", False) if rule.ignores else None
        name = os.path.basename(path)
        return _never(name) or (None if is_folder else self._by_git(path, False, place))

    def rule_files(self, place: FolderRules) -> list[str]:
        """Where rules stand, or may come to stand, outside of the root."""
        if not self._git or place.repository is None:
            return []
        return [place.repository.exclude(), *self._upwards(place.repository)]

    def _above(self, repository: GitRepository | None) -> tuple[GitignoreFile, ...]:
        if repository is None or not self._git:
            return ()
        near = _rule_files(self._upwards(repository), None)
        return near + _rule_files([repository.exclude()], repository.top)

    def _upwards(self, repository: GitRepository) -> list[str]:
        """The .gitignore files between the root and the top of its repository, the nearest first."""
        found = []
        folder = self.root
        while folder != repository.top:
            folder = os.path.dirname(folder)
            found.append(os.path.join(folder, ".gitignore"))
        return found

    def _own(self, folder: str, place: FolderRules) -> FolderRules:
        """With the .gitignore in ``folder``; inside of an ignored folder there is nothing to add."""
        if not self._git or place.hidden:
            return place
        own = _rule_files([os.path.join(folder, ".gitignore")], None)
        return FolderRules(own + place.files, None, place.repository) if own else place

    def _by_git(self, path: str, is_folder: bool, place: FolderRules) -> IgnoreReason | None:
        if not self._git or (not is_folder and _suffix(path) in BROWSED):
            return None
        if place.hidden:
            return place.hidden
        for file in place.files:
            rule = file.match(path, is_folder)
            if rule is not None:
                return self._named(file, rule.line) if rule.ignores else None
        return None

    def _named(self, file: GitignoreFile, line: int) -> IgnoreReason:
        shown = os.path.relpath(file.path, self.root).replace(os.sep, "/")
        return IgnoreReason(f"ignored by {shown}:{line}", False)


def _rule_files(paths: Sequence[str], base: str | None) -> tuple[GitignoreFile, ...]:
    """Those of ``paths`` that exist; their patterns are relative to ``base``, or to their own folder."""
    found = []
    for path in paths:
        try:
            with open(path, encoding="utf-8-sig", errors="surrogateescape") as file:
                lines = file.read().split("\n")
        except OSError:
            continue
        found.append(GitignoreFile(base or os.path.dirname(path), path, lines))
    return tuple(found)


def _never(name: str) -> IgnoreReason | None:
    if _LEFTOVER.fullmatch(name):
        return IgnoreReason("an editor's temporary file", True)
    if name.startswith("."):
        return IgnoreReason("a dotfile", name in _NOISE)
    if name in _INSTALLED:
        return IgnoreReason(name, True)
    if _SOURCE_MAP.fullmatch(name):
        return IgnoreReason("a source map", True)
    if name == "loc-dev.toml":
        return IgnoreReason("it counts from the next start of loc-dev", False)
    return None


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1][1:].lower()
