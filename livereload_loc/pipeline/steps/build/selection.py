"""What pages are told of a run: what it built anew, the saves that it was for, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from livereload_loc.changes import Batch, FileChange, merged
from livereload_loc.pipeline.steps.build.contents import File, FileDigest, read
from livereload_loc.pipeline.steps.build.outputs import BuildOutputs, Changes, shown
from livereload_loc.pipeline.steps.build.reported import ReportedContents


class OutputSelector:
    """Chooses among what was saved and what a run has written. ``unseen`` says which files no page shows as
    they are, ``whole`` that pages show nothing but what is watched."""

    def __init__(self, outputs: BuildOutputs, unseen: Callable[[FileChange], bool], whole: bool) -> None:
        self._outputs, self._unseen, self._whole = outputs, unseen, whole
        self._news = ReportedContents()
        self._owed: Batch | None = None

    def owe(self, *batches: Batch | None) -> None:
        """Tell of ``batches``, which a failed run has not shown, after the next good one."""
        self._owed = merged(self._owed, *batches)
        if self._owed:
            self._news.forget(self._owed.changes)

    def missed(self, changes: Iterable[FileChange]) -> None:
        """Tell of ``changes`` though they hold what they held before: they were not there for a while."""
        self._news.forget(changes)

    async def late(self, batch: Batch, *, told: bool) -> Batch:
        """What is told of ``batch``, files of the last run that came late; nothing if that failed and was
        not ``told``."""
        if not told:
            self.owe(batch)
            return Batch((), batch.seen)
        visible = shown((), batch.changes, self._unseen)
        found = await read(visible)
        fresh = self._news.of(visible, found)
        if self._outputs.was_test:
            fresh = self._kept_back(self._news.dated(fresh, found), fresh, batch.seen)
        self._news.tell(fresh, found)
        return Batch(fresh, batch.seen)

    async def after(
        self,
        batch: Batch,
        doubted: Changes,
        written: Changes,
        found: Mapping[File, FileDigest],
        *,
        settled: bool,
    ) -> Batch:
        """What is told after a good run for ``batch`` that has ``written`` files, which hold what was
        ``found``. ``doubted`` is what was in doubt before it; it is ``settled`` if nothing is after it."""
        outputs, news = self._outputs, self._news
        owed, self._owed = self._owed, None
        everything = merged(owed, Batch(doubted, batch.seen), batch) or batch
        left = outputs.left(written)
        stale = {change for change in everything.changes if change.file in left and self._may_lag(change)}
        due = {change for change in stale if change.kind == "added" or outputs.is_saved(change)}
        news.forget(due if outputs.was_test else (*batch.changes, *due))
        told = tuple(change for change in written if not self._is_for_the_next(change))
        showing = shown(everything.changes, told, self._unseen)
        found = {**found, **await read(change for change in showing if change.file not in found)}
        fresh = news.of(showing, found)
        if outputs.repeats(left):
            fresh = self._kept_back(self._repeated(fresh, found, settled), fresh, batch.seen)
        elif not fresh:  # a save is told in any case
            stale = {change for change in stale if change in due or outputs.may_be_missed(change)}
            if stale or not outputs.was_test:
                fresh = tuple(change for change in showing if change in stale) or showing
        news.tell(fresh, found)
        return Batch(fresh, batch.seen)  # what failed before counts from the save that mended it

    def _may_lag(self, change: FileChange) -> bool:
        """Whether pages that are told of a save, before the run that builds it, may show the old state."""
        return not self._whole or self._unseen(change)

    def _is_for_the_next(self, change: FileChange) -> bool:
        """Whether somebody saved the file while a run went on: the next one builds it, and is told."""
        saved = self._outputs.is_saved(change) and not self._outputs.is_tested(change)
        return saved and self._may_lag(change)

    def _repeated(self, fresh: Changes, found: Mapping[File, FileDigest], settled: bool) -> Changes:
        """What of ``fresh`` the build has but written once more in another way, with another date or as it
        likes: pages need not be told of each."""
        if self._outputs.suspects_only and not settled:
            return tuple(filter(self._outputs.is_tested, fresh))
        return self._news.dated(fresh, found)

    def _kept_back(self, kept: Changes, fresh: Changes, seen: float) -> Changes:
        """``fresh`` without ``kept``, which comes with the next that is told."""
        if not kept:
            return fresh
        self._owed = merged(self._owed, Batch(kept, seen))
        back = set(kept)
        return tuple(change for change in fresh if change not in back)
