"""Reads a folder for the guesses, and looks around on the machine: bounded, whatever is there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from livereload_loc.detect.model import FolderView
from livereload_loc.detect.python_apps import ENTRIES, is_module, order
from livereload_loc.detect.recipes import PROBED, READ
from livereload_loc.errors import LocError
from livereload_loc.server.sockets import listen
from livereload_loc.settings import LOOPBACK

MAX_ENTRIES = 2_000
MAX_FOLDERS = 100
MAX_TEXT = 256 * 1024
MAX_TEXTS = 2 * 1024 * 1024
"""Bytes that are read of one file, and of all together. A module of an app is far smaller."""

PORTS_TRIED = 50

_NOT_OURS = frozenset({"node_modules", "__pycache__", "venv", "env", "tests", "test", "site-packages"})


def look(folder: str) -> FolderView:
    """What there is in ``folder``; what cannot be read is not there."""
    files = set(_files(folder))
    for inside in _folders(folder):
        files |= {f"{inside}/{name}" for name in _modules(os.path.join(folder, inside))}
        if inside == "src":
            for deeper in _folders(os.path.join(folder, inside)):
                path = os.path.join(folder, inside, deeper)
                files |= {f"{inside}/{deeper}/{name}" for name in _modules(path)}
    files |= {path for path in PROBED if os.path.isfile(os.path.join(folder, path))}
    modules = sorted(filter(is_module, files), key=order)
    return FolderView(files, _texts(folder, [*(path for path in READ if path in files), *modules]))


def free_port(start: int, taken: frozenset[int] = frozenset()) -> int:
    """The first port from ``start`` on that nothing listens on, and that is not ``taken``; else ``start``."""
    for port in range(start, start + PORTS_TRIED):
        if port in taken:
            continue
        try:
            for listener in listen(LOOPBACK, port):
                listener.close()
        except LocError:
            continue
        return port
    return start


def interpreter(folder: str, package: str) -> str:
    """The Python to run ``package`` with: that of the folder's virtual environment, or of the active one, or
    ours where it has the package, or python3."""
    for environment in (".venv", "venv"):
        path = f"{environment}/bin/python"
        if os.path.isfile(os.path.join(folder, path)):
            return path
    active = os.path.join(os.environ.get("VIRTUAL_ENV", ""), "bin", "python")
    if os.path.isabs(active) and os.path.isfile(active):
        return _short(active)
    try:
        ours = find_spec(package) is not None
    except (ImportError, ValueError, OSError):
        ours = False
    return _short(sys.executable) if ours and sys.executable else "python3"


def _short(python: str) -> str:
    """The name that means the same, where there is one."""
    return next((name for name in ("python", "python3") if shutil.which(name) == python), python)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            for entry, _ in zip(found, range(MAX_ENTRIES), strict=False):
                yield entry
    except OSError:
        return


def _files(folder: str) -> Iterator[str]:
    for entry in _entries(folder):
        try:
            if entry.is_file():
                yield entry.name
        except OSError:  # a circle of links
            continue


def _folders(folder: str) -> list[str]:
    found = []
    for entry in _entries(folder):
        try:
            if entry.is_dir() and not entry.name.startswith(".") and entry.name not in _NOT_OURS:
                found.append(entry.name)
        except OSError:
            continue
    return sorted(found)[:MAX_FOLDERS]


def _modules(folder: str) -> list[str]:
    if os.path.exists(os.path.join(folder, "pyvenv.cfg")):
        return []
    return [name for name in ("__init__.py", *ENTRIES) if os.path.isfile(os.path.join(folder, name))]


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
