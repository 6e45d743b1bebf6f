"""What files hold, for short: enough to tell whether a write changed anything."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from livereload_loc.changes import FileChange

File = tuple[str, str]
"""The root and the path below it, as in :attr:`FileChange.file`."""

_PIECE = 1 << 20
_DIGITS = b"0123456789"
_BLANK = hashlib.blake2b(digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Digests of one file, of nothing where it cannot be read."""

    exact: bytes
    but_digits: bytes
    """Without its digits: what a build writes twice may differ in a date, a time, a duration."""

    @property
    def says_something(self) -> bool:
        """Whether the file could be read, and there is more in it than digits."""
        return self.but_digits not in (b"", _BLANK)


async def read(changes: Iterable[FileChange]) -> Mapping[File, FileDigest]:
    """What the changed files hold now; reads all of each, in a thread."""
    return await asyncio.to_thread(_contents, tuple(changes))


def _contents(changes: Iterable[FileChange]) -> Mapping[File, FileDigest]:
    return {change.file: _content(change) for change in changes}


def _content(change: FileChange) -> FileDigest:
    exact, but_digits = hashlib.blake2b(digest_size=16), hashlib.blake2b(digest_size=16)
    below = os.path.join(change.root, change.path)
    try:
        with open(below if os.path.isdir(change.root) else change.root, "rb") as file:
            while piece := file.read(_PIECE):
                exact.update(piece)
                but_digits.update(piece.translate(None, _DIGITS))
    except OSError:
        return FileDigest(b"", b"")
    return FileDigest(exact.digest(), but_digits.digest())
