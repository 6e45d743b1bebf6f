"""Leaves out of what pages are told what they were told already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from livereload_loc.changes import FileChange
from livereload_loc.pipeline.steps.build.contents import File, FileDigest
from livereload_loc.pipeline.steps.build.outputs import Changes


class ReportedContents:
    """What files held when pages were told of them last: a build writes most of its files as they were."""

    def __init__(self) -> None:
        self._told: dict[File, FileDigest] = {}

    def forget(self, changes: Iterable[FileChange]) -> None:
        """Whatever the changed files hold is news the next time: pages may show something else by now."""
        for change in changes:
            self._told.pop(change.file, None)

    def of(self, changes: Iterable[FileChange], found: Mapping[File, FileDigest]) -> Changes:
        """What of ``changes`` does not hold the same as when pages were told of it; ``found`` is what it
        holds now."""
        return tuple(change for change in changes if self._told.get(change.file) != found[change.file])

    def dated(self, changes: Iterable[FileChange], found: Mapping[File, FileDigest]) -> Changes:
        """What of ``changes`` holds the same but for digits."""
        return tuple(
            change
            for change in changes
            if (told := self._told.get(change.file)) and told.but_digits == found[change.file].but_digits
        )

    def tell(self, changes: Iterable[FileChange], found: Mapping[File, FileDigest]) -> None:
        """Take note that pages are told of ``changes``."""
        for change in changes:
            self._told[change.file] = found[change.file]
