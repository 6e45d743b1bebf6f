"""The short name of a program, which is shown before its lines."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

_PYTHON = re.compile(r"(python|pypy)[\d.]*")


def short_name(argv: Sequence[str]) -> str:
    """Return what a person calls the program that ``argv`` starts: for Python, its module or script."""
    program = os.path.basename(argv[0])
    if not _PYTHON.fullmatch(program):
        return program
    words = iter(argv[1:])
    for word in words:
        if word == "-m":
            return next(words, "").partition(".")[0] or program
        if word in ("-W", "-X"):
            next(words, None)  # their values
        elif word.startswith("-c"):
            break
        elif not word.startswith("-"):
            return os.path.basename(word)
    return program
