"""Selects the changes to send after a run: new output and the saves it was for, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from livereload_loc.changes import Batch, FileChange, ServedFolder, merged
from livereload_loc.pipeline.steps.build.contents import File, FileDigest, read
from livereload_loc.pipeline.steps.build.outputs import BuildOutputs, Changes, is_compiled


class OutputSelector:
    """Selects from what was saved and what a run has written; ``site`` is the served folder, if any."""

    def __init__(self, outputs: BuildOutputs, site: ServedFolder | None) -> None:
        self._outputs, self._site = outputs, site
        self._sent: dict[File, FileDigest] = {}  # as last sent to pages; a build writes most files unchanged
        self._postponed: Batch | None = None

    def postpone(self, *batches: Batch | None) -> None:
        """Send ``batches``, which a failed run held back, after the next good one."""
        self._postponed = merged(self._postponed, *batches)
        if self._postponed:
            self.forget(self._postponed.changes)

    def forget(self, changes: Iterable[FileChange]) -> None:
        """Send ``changes`` even if the content is the same: pages may show another one by now."""
        for change in changes:
            self._sent.pop(change.file, None)

    async def select_late(self, batch: Batch) -> Batch:
        """Select from ``batch``, outputs that arrived after the end of the last run, which was good."""
        visible = self._visible((), batch.changes)
        found = await read(visible)
        fresh = self._differing(visible, found)
        if self._outputs.was_test:
            fresh = self._without(self._dated(fresh, found), fresh, batch.seen)
        return self._send(fresh, found, batch.seen)

    async def select(
        self,
        batch: Batch,
        doubted: Changes,
        written: Changes,
        found: Mapping[File, FileDigest],
        *,
        settled: bool,
    ) -> Batch:
        """Select after a good run for ``batch``, which has ``written`` files that hold what was ``found``.

        ``doubted`` is what was in doubt before the run. It is ``settled`` if nothing is after it.
        """
        outputs = self._outputs
        postponed, self._postponed = self._postponed, None
        everything = merged(postponed, Batch(doubted, batch.seen), batch) or batch
        left = outputs.note_left(written)
        stale = {change for change in everything.changes if change.file in left and self._may_lag(change)}
        due = {change for change in stale if change.kind == "added" or outputs.is_saved(change)}
        self.forget(due if outputs.was_test else (*batch.changes, *due))
        built = tuple(change for change in written if not self._is_for_the_next(change))
        visible = self._visible(everything.changes, built)
        found = {**found, **await read(change for change in visible if change.file not in found)}
        fresh = self._differing(visible, found)
        if outputs.repeats(left):
            fresh = self._without(self._repeated(fresh, found, settled), fresh, batch.seen)
        elif not fresh:  # pages are told of each save
            stale = {change for change in stale if change in due or outputs.may_be_missed(change)}
            if stale or not outputs.was_test:
                fresh = tuple(change for change in visible if change in stale) or visible
        # The delay of what failed before counts from the save that fixed it.
        return self._send(fresh, found, batch.seen)

    def _send(self, fresh: Changes, found: Mapping[File, FileDigest], seen: float) -> Batch:
        self._sent |= {change.file: found[change.file] for change in fresh}
        return Batch(fresh, seen)

    def _differing(self, changes: Changes, found: Mapping[File, FileDigest]) -> Changes:
        """Return those of ``changes`` whose content, ``found`` now, was not sent last."""
        return tuple(change for change in changes if self._sent.get(change.file) != found[change.file])

    def _dated(self, changes: Changes, found: Mapping[File, FileDigest]) -> Changes:
        """Return those of ``changes`` whose content differs in digits at most."""
        return tuple(
            change
            for change in changes
            if (last := self._sent.get(change.file)) and last.but_digits == found[change.file].but_digits
        )

    def _visible(self, sources: Changes, written: Changes) -> Changes:
        """Return what pages may show: outputs, and the sources that a server may show as they are.

        Without any output, it returns all sources.
        """
        outputs = tuple(change for change in written if not self._is_hidden(change))
        if not outputs:
            return sources
        files = {change.file for change in outputs}
        kept = (change for change in sources if change.file not in files and not self._is_hidden(change))
        return (*kept, *outputs)

    def _is_hidden(self, change: FileChange) -> bool:
        """Return whether no page shows the file as it is."""
        return is_compiled(change) or (self._site is not None and not self._site.contains(change))

    def _may_lag(self, change: FileChange) -> bool:
        """Return whether a page that updates before the build may show the old state."""
        return self._site is None or self._is_hidden(change)

    def _is_for_the_next(self, change: FileChange) -> bool:
        """Return whether the file was saved during the run, so that the next run builds it."""
        saved = self._outputs.is_saved(change) and not self._outputs.is_tested(change)
        return saved and self._may_lag(change)

    def _repeated(self, fresh: Changes, found: Mapping[File, FileDigest], settled: bool) -> Changes:
        """Return those of ``fresh`` that the build only wrote once more, with another date or at random."""
        if self._outputs.suspects_only and not settled:
            return tuple(filter(self._outputs.is_tested, fresh))
        return self._dated(fresh, found)

    def _without(self, postponed: Changes, fresh: Changes, seen: float) -> Changes:
        """Return ``fresh`` without ``postponed``, which is sent with the next batch."""
        if not postponed:
            return fresh
        self._postponed = merged(self._postponed, Batch(postponed, seen))
        dropped = set(postponed)
        return tuple(change for change in fresh if change not in dropped)
