"""A folder as the recipes see it, and what they suggest; plain data, so that tests can make up folders."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FolderView:
    """The files of a folder, as paths below it with ``/``, and the texts of those that were worth reading.

    All of it may be hostile: a text may be anything, and one that is too large or cannot be read is missing.
    """

    files: Collection[str]
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """Return the text of a file; empty where it was not read."""
        return self.texts.get(path, "")

    def first(self, *paths: str) -> str:
        """Return the first of ``paths`` that exists; empty where none does."""
        return next((path for path in paths if path in self.files), "")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to run: ``loc-dev WORDS OPTIONS -- COMMAND``, after ``first`` has ended.

    ``why`` says what was found. ``options`` are pairs of an option's name and its value. ``first`` is a build
    that makes the folder that is served.
    """

    why: str
    words: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    def argv(self, further: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the arguments of ``loc-dev``, with ``further`` options of the user behind our own."""
        own = [word for name, value in self.options for word in (f"--{name}", value)]
        return (*self.words, *own, *further, *(("--", *self.command) if self.command else ()))
