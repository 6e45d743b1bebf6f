"""Reads rules in the syntax of gitignore(5), each with its line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class IgnoreRule(NamedTuple):
    """A matching rule: its line (from 1), its text, and whether it ignores (one with ``!`` does not)."""

    line: int
    text: str
    ignores: bool


class GitignoreFile:
    """The rules in ``lines``, relative to the folder ``base``, from the file ``path``."""

    def __init__(self, base: str, path: str, lines: Sequence[str]) -> None:
        self.base, self.path = base, path
        self._lines = lines
        self._numbers: list[int] = []
        self._prefix = len(base.rstrip(os.sep)) + 1
        self._spec: GitIgnoreSpec | None = None

    def match(self, path: str, is_folder: bool) -> IgnoreRule | None:
        """Return the last rule that matches ``path``, an absolute path below ``base``."""
        if self._spec is None:
            self._spec = self._parse()
        inner = path[self._prefix :].replace(os.sep, "/")
        result = self._spec.check_file(inner + "/" if is_folder else inner)
        if result.include is None or result.index is None:
            return None
        line = self._numbers[result.index]
        return IgnoreRule(line + 1, self._lines[line].strip(), result.include)

    def _parse(self) -> GitIgnoreSpec:
        from pathspec import GitIgnoreSpec  # takes 45 ms, so only where there are rules
        from pathspec.patterns.gitignore.base import GitIgnorePatternError
        from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

        patterns = []
        for number, line in enumerate(self._lines):
            try:
                pattern = GitIgnoreSpecPattern(line.rstrip("\r"))
            except (GitIgnorePatternError, ValueError):  # git skips it as well
                continue
            if pattern.include is not None:
                patterns.append(pattern)
                self._numbers.append(number)
        return GitIgnoreSpec(patterns)
