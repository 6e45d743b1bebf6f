"""A folder as the guesses see it, and a guess. Both are plain data, so that made-up folders can be judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FolderView:
    """The files of a folder, as paths below it with ``/``, and the texts of those that were worth reading.

    All of it may be hostile: a text may be anything, and one that is too large or cannot be read is missing.
    """

    files: Collection[str]
    texts: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The text of a file; empty where there is none to be had."""
        return self.texts.get(path, "")

    def first(self, *paths: str) -> str:
        """The first of ``paths`` that is there; empty where none is."""
        return next((path for path in paths if path in self.files), "")


@dataclass(frozen=True, slots=True)
class DetectionContext:
    """What a guess needs to know of the machine.

    ``python`` gives the interpreter to run a package with, ``port`` the first free port from a number on.
    """

    python: Callable[[str], str]
    port: Callable[[int], int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to run: ``loc-dev WORDS OPTIONS -- COMMAND``, after ``first`` has been run to its end."""

    kind: str
    why: str
    """What was found, in a few words."""
    words: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    """Names of options, as they stand in a file, and values."""
    command: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    """A build that makes the folder which is served."""

    def argv(self, further: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The arguments of ``loc-dev``, with what the user wants ``further`` behind our own options."""
        own = [word for name, value in self.options for word in (f"--{name}", value)]
        return (*self.words, *own, *further, *(("--", *self.command) if self.command else ()))
