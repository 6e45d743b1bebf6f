"""What the system tells of changes: only hints where to look, never what is there by now.

:class:`FileEventSource` is what the two sources, :mod:`inotify` and :mod:`portable`, have in common.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class RawFileEvent(NamedTuple):
    """Something happened to the entry ``name`` of ``folder`` (a real path), or to the folder itself
    where ``name`` is empty.

    ``wrote``: its content was written. ``fresh``: the entry was put there or taken away, so that a
    folder of the same name may be another one than before. ``open``: whether a writer has it open still,
    None where nothing was said of that.
    """

    folder: str
    name: str
    wrote: bool
    fresh: bool
    open: bool | None


@dataclass(slots=True)
class PollResult:
    """What one look brought. ``lost``: some hints are missing, everything has to be looked through."""

    hints: list[RawFileEvent] = field(default_factory=list)
    lost: bool = False


class FileEventSource(Protocol):
    """A source of hints. All methods but :meth:`wake` belong to one thread."""

    def add(self, folder: str) -> None:
        """Hear of the entries of ``folder``, a real path; twice is harmless.

        Whatever happens to them once this returns is told. OSError where that can't be had: ENOSPC or
        EMFILE when a limit of the system is reached, EACCES, ENOENT.
        """

    def drop(self, folder: str) -> None:
        """Hear no more of ``folder``; harmless when it was never added."""

    def wait(self, seconds: float, step: float) -> PollResult:
        """What has happened since the last call, after at most ``seconds`` of waiting.

        ``step``: a source that can't be waited for is to be asked so often, in seconds.
        """

    def wake(self) -> None:
        """End the current or the next :meth:`wait` at once. From any thread."""

    def close(self) -> None: ...


class NullSource:
    """The :class:`FileEventSource` of those who poll: it sees nothing, and only waits."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def add(self, folder: str) -> None: ...

    def drop(self, folder: str) -> None: ...

    def wait(self, seconds: float, step: float) -> PollResult:
        if self._woken.wait(seconds):
            self._woken.clear()
        return PollResult()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None: ...
