"""Decides which entries are ignored, and by which rule.

The user's ``--ignore`` comes first, then what is never part of a page (dotfiles, leftovers, installed
packages), then git's files. These do not apply to pages, style sheets, scripts, images and fonts: build
output is ignored by git and is what browsers load.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from livereload_loc.changes import IMAGE_SUFFIXES
from livereload_loc.watcher.ignore.git import GitRepository, repository_around, repository_at
from livereload_loc.watcher.ignore.gitignore import GitignoreFile

# Suffixes of what browsers load: pages, style sheets, scripts, images, fonts.
BROWSED = IMAGE_SUFFIXES | frozenset({
    "html", "htm", "xhtml", "shtml", "css", "js", "mjs", "cjs", "wasm", "woff", "woff2", "ttf", "otf", "eot",
})  # fmt: skip

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
    """The reason why something is ignored; ``noise``: not worth reporting."""

    why: str
    noise: bool


VIRTUAL_ENVIRONMENT = IgnoreReason("virtual environment", True)


@dataclass(frozen=True, slots=True)
class FolderRules:
    """The rules for the entries of one folder.

    ``files`` are git's rule files from the nearest to the farthest. ``hidden`` is why git ignores the folder
    itself, and with it all that it holds.
    """

    files: tuple[GitignoreFile, ...] = ()
    hidden: IgnoreReason | None = None
    repository: GitRepository | None = None


class IgnoreRules:
    """The rules of one root; ``patterns`` are in the syntax of gitignore(5), relative to the root."""

    def __init__(self, root: str, patterns: Sequence[str] = (), gitignore: bool = True) -> None:
        self.root = root
        self._git = gitignore
        self._user = GitignoreFile(root, "--ignore", patterns) if patterns else None

    def at_root(self) -> FolderRules:
        """Return the rules in the root.

        The root is always watched; if git's rules ignore it, they do not apply below it either.
        """
        repository = repository_around(self.root)
        rules = FolderRules(self._above(repository), None, repository)
        if self._by_git(self.root, True, rules):
            rules = FolderRules((), None, repository)
        return self._own(self.root, rules)

    def below(self, folder: str, rules: FolderRules) -> FolderRules:
        """Return the rules inside ``folder``, an entry of the folder that ``rules`` are for."""
        repository = repository_at(folder)
        if repository is not None and self._git:  # git's rules do not apply in another repository
            files = _rule_files([repository.exclude()], folder)
            return self._own(folder, FolderRules(files, None, repository))
        return self._own(
            folder, FolderRules(rules.files, self._by_git(folder, True, rules), rules.repository)
        )

    def ignore_reason(self, path: str, is_folder: bool, rules: FolderRules) -> IgnoreReason | None:
        """Return what ignores ``path``, an entry of the folder that ``rules`` are for; None: it is watched.

        A folder that only git ignores is watched, for the build output in it.
        """
        if self._user is not None:
            rule = self._user.match(path, is_folder)
            if rule is not None:
                return IgnoreReason(f"ignored by --ignore {rule.text!r}", False) if rule.ignores else None
        name = os.path.basename(path)
        return _never(name) or (None if is_folder else self._by_git(path, False, rules))

    def rule_files(self, rules: FolderRules) -> list[str]:
        """Return the paths of rule files outside the root, whether they exist or not."""
        if not self._git or rules.repository is None:
            return []
        return [rules.repository.exclude(), *self._upwards(rules.repository)]

    def _above(self, repository: GitRepository | None) -> tuple[GitignoreFile, ...]:
        if repository is None or not self._git:
            return ()
        near = _rule_files(self._upwards(repository), None)
        return near + _rule_files([repository.exclude()], repository.top)

    def _upwards(self, repository: GitRepository) -> list[str]:
        """Return the .gitignore files between the root and the top of its repository, the nearest first."""
        found = []
        folder = self.root
        while folder != repository.top:
            folder = os.path.dirname(folder)
            found.append(os.path.join(folder, ".gitignore"))
        return found

    def _own(self, folder: str, rules: FolderRules) -> FolderRules:
        """Return ``rules`` with the .gitignore in ``folder``, which adds nothing in an ignored one."""
        if not self._git or rules.hidden:
            return rules
        own = _rule_files([os.path.join(folder, ".gitignore")], None)
        return FolderRules(own + rules.files, None, rules.repository) if own else rules

    def _by_git(self, path: str, is_folder: bool, rules: FolderRules) -> IgnoreReason | None:
        suffix = os.path.splitext(path)[1][1:].lower()
        if not self._git or (not is_folder and suffix in BROWSED):
            return None
        if rules.hidden:
            return rules.hidden
        for file in rules.files:
            rule = file.match(path, is_folder)
            if rule is not None:
                shown = os.path.relpath(file.path, self.root).replace(os.sep, "/")
                return IgnoreReason(f"ignored by {shown}:{rule.line}", False) if rule.ignores else None
        return None


def _rule_files(paths: Sequence[str], base: str | None) -> tuple[GitignoreFile, ...]:
    """Return those of ``paths`` that exist; patterns are relative to ``base``, or to their own folder."""
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
        return IgnoreReason("editor's temporary file", True)
    if name.startswith("."):
        return IgnoreReason("dotfile", name in _NOISE)
    if name in _INSTALLED:
        return IgnoreReason(name, True)
    if _SOURCE_MAP.fullmatch(name):
        return IgnoreReason("source map", True)
    if name == "loc-dev.toml":
        return IgnoreReason("takes effect at the next start of loc-dev", False)
    return None
