"""Digests of files: enough to tell whether a write changed anything."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from livereload_loc.changes import FileChange

# The key of a file, as in FileChange.file.
File = tuple[str, str]

_PIECE = 1 << 20
_DIGITS = b"0123456789"
_EMPTY = hashlib.blake2b(digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Digests of one file; empty if it cannot be read."""

    exact: bytes = b""
    but_digits: bytes = b""
    """The digest without digits: two runs of a build may differ in a date, a time, a duration."""

    @property
    def has_text(self) -> bool:
        """Whether the file could be read, and holds more than digits."""
        return self.but_digits not in (b"", _EMPTY)


async def read(changes: Iterable[FileChange]) -> Mapping[File, FileDigest]:
    """Read all of the changed files in a thread, and return their digests."""
    files = tuple(changes)
    return await asyncio.to_thread(lambda: {change.file: _digest(change) for change in files})


def _digest(change: FileChange) -> FileDigest:
    exact, but_digits = hashlib.blake2b(digest_size=16), hashlib.blake2b(digest_size=16)
    try:
        with open(change.location, "rb") as file:
            while piece := file.read(_PIECE):
                exact.update(piece)
                but_digits.update(piece.translate(None, _DIGITS))
    except OSError:
        return FileDigest()
    return FileDigest(exact.digest(), but_digits.digest())
