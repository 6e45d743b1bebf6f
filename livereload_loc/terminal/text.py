"""Makes text fit for a terminal."""

from __future__ import annotations

import os


def printable(text: str, *, newlines: bool = False) -> str:
    """Return ``text`` without characters that control a terminal or cannot be printed."""
    return "".join(
        char if char.isprintable() or (newlines and char in "\n\t") else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def counted(number: int, one: str) -> str:
    """Return a number with its noun, such as ``1 file`` or ``1,234 files``."""
    return f"{number:,} {one if number == 1 else f'{one}s'}"


def short(path: str) -> str:
    """Return a path below the working folder as the user would write it."""
    below = os.path.relpath(path)
    return path if below.startswith("..") or below == "." else below
