"""The contents of the files that browsers load, as pages know them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from livereload_loc.changes import IMAGE_SUFFIXES, FileChange

# What is read at the start is bounded: so many files, so many bytes of one, and of all.
MAX_FILES, MAX_FILE_BYTES, MAX_BYTES = 5_000, 1 << 20, 64 << 20

# Seconds after the start, or after a save, until contents are read.
IDLE_SECONDS = 1.0

_TEXTS = frozenset(["css", "html", "htm", "xhtml", "js", "mjs", "cjs", "json", "webmanifest", "txt", "xml"])
_LOADED = IMAGE_SUFFIXES | _TEXTS | frozenset(["wasm", "woff", "woff2", "ttf", "otf", "eot"])
_SKIPPED = ("node_modules", "__pycache__")


class KnownContent(NamedTuple):
    """The content of one file: a digest, and the file's ctime, None once pages were told of the content."""

    digest: bytes
    ctime_ns: int | None


class KnownContents:
    """Records the contents that pages know: what they were last told of, and what is below ``paths``."""

    def __init__(self, paths: Sequence[str], *, idle: float = IDLE_SECONDS) -> None:
        self._idle = idle
        self._paths = [os.path.abspath(path) for path in paths]
        self._known: dict[str, KnownContent] = {}

    async def read_all(self) -> None:
        """Read the files below the watched paths once the start is over."""
        await asyncio.sleep(self._idle)
        self._add(await asyncio.to_thread(lambda: dict(self._walk())))

    def forget(self, changes: Iterable[FileChange]) -> None:
        """Forget the contents of files whose change is told unread."""
        for change in changes:
            self._known.pop(change.location, None)

    async def read_later(self, changes: Iterable[FileChange]) -> None:
        """Read files that pages were told of a moment ago."""
        await asyncio.sleep(self._idle)
        paths = [change.location for change in changes if is_loaded(change.path)]
        self._add(await asyncio.to_thread(_read_all, paths))

    async def take(self, changes: Iterable[FileChange]) -> frozenset[FileChange]:
        """Record that pages are told what ``changes`` hold now, and return those that hold what they held.

        What was read after its last change proves nothing: pages may have loaded what was there before.
        """
        paths = {change: change.location for change in changes}
        found = await asyncio.to_thread(_read_all, filter(is_loaded, paths.values()))
        same = set()
        for change, path in paths.items():
            before, now = self._known.pop(path, None), found.get(path)
            if now:
                self._known[path] = now._replace(ctime_ns=None)
            if before and now and before.digest == now.digest and before.ctime_ns != now.ctime_ns:
                same.add(change)
        return frozenset(same)

    def _add(self, found: Mapping[str, KnownContent]) -> None:
        """Record what was ``found`` in files that have not changed meanwhile: pages may be told already."""
        for path, content in found.items():
            with contextlib.suppress(OSError):
                if path not in self._known and os.stat(path).st_ctime_ns == content.ctime_ns:
                    self._known[path] = content

    def _walk(self) -> Iterator[tuple[str, KnownContent]]:
        files, size = 0, 0
        for root in self._paths:
            for folder, folders, names in os.walk(root):
                folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
                for path in (os.path.join(folder, name) for name in names if is_loaded(name)):
                    if files >= MAX_FILES or size >= MAX_BYTES:
                        return
                    content, length = _read(path)
                    files, size = files + 1, size + length
                    if content:
                        yield path, content


def is_loaded(path: str) -> bool:
    """Return whether browsers load such a file as it is."""
    return path.rpartition(".")[2].lower() in _LOADED


def _read_all(paths: Iterable[str]) -> dict[str, KnownContent]:
    return {path: content for path in paths if (content := _read(path)[0])}


def _read(path: str) -> tuple[KnownContent | None, int]:
    """Return the content of a file, None where it is too large or cannot be read, and how much was read."""
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > MAX_FILE_BYTES:
                return None, 0
            data = file.read(MAX_FILE_BYTES)
    except OSError:
        return None, 0
    return KnownContent(hashlib.blake2b(data, digest_size=16).digest(), status.st_ctime_ns), len(data)
