"""Reads a folder for the recipes: bounded, whatever it contains."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice

from livereload_loc.detect.model import FolderView
from livereload_loc.detect.python_apps import ENTRIES, modules
from livereload_loc.detect.recipes import PROBED, READ

MAX_ENTRIES = 2_000
MAX_FOLDERS = 100
# Bytes that are read of one file, and of all together. A module with an app is far smaller.
MAX_TEXT = 256 * 1024
MAX_TEXTS = 2 * 1024 * 1024

_NO_SOURCES = frozenset({"node_modules", "__pycache__", "venv", "env", "tests", "test", "site-packages"})


def look(folder: str) -> FolderView:
    """Read ``folder``; what cannot be read is left out."""
    names, packages = _list(folder)
    if "src" in packages:
        packages += [f"src/{name}" for name in _list(os.path.join(folder, "src"))[1]]
    files = set(names)
    for package in packages:
        if not os.path.exists(os.path.join(folder, package, "pyvenv.cfg")):
            files |= _existing(folder, [f"{package}/{name}" for name in ("__init__.py", *ENTRIES)])
    files |= _existing(folder, PROBED)
    return FolderView(files, _texts(folder, [*(path for path in READ if path in files), *modules(files)]))


def _list(folder: str) -> tuple[list[str], list[str]]:
    """Return the names of the files in ``folder``, and of the folders that may hold sources."""
    files, folders = [], []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, MAX_ENTRIES):
            with suppress(OSError):  # a circle of links
                if entry.is_file():
                    files.append(entry.name)
                elif entry.is_dir() and not entry.name.startswith(".") and entry.name not in _NO_SOURCES:
                    folders.append(entry.name)
    return files, sorted(folders)[:MAX_FOLDERS]


def _existing(folder: str, paths: Iterable[str]) -> set[str]:
    return {path for path in paths if os.path.isfile(os.path.join(folder, path))}


def _texts(folder: str, paths: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    left = MAX_TEXTS
    for path in paths:
        try:
            with open(os.path.join(folder, path), "rb") as file:
                data = file.read(min(MAX_TEXT, left) + 1)
        except OSError:
            continue
        if len(data) <= min(MAX_TEXT, left):
            texts[path] = data.decode("utf-8-sig", "replace")
            left -= len(data)
    return texts
