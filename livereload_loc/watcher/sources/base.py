"""The interface of file event sources. An event says where to look, never what is there now."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class RawFileEvent(NamedTuple):
    """Something happened to the entry ``name`` of ``folder`` (a real path); without a name, to the folder.

    ``written``: its content was written. ``replaced``: the entry was created, moved or deleted, so a
    folder of the same name may be a different one. ``open``: whether a writer still has it open, None where
    the system does not say.
    """

    folder: str
    name: str
    written: bool
    replaced: bool
    open: bool | None


@dataclass(slots=True)
class PollResult:
    """The events of one wait. ``lost``: some are missing, so everything has to be scanned."""

    events: list[RawFileEvent] = field(default_factory=list)
    lost: bool = False


class FileEventSource(Protocol):
    """Reports what happens in single folders. All methods but :meth:`wake` belong to one thread."""

    def add(self, folder: str) -> None:
        """Report what happens to the entries of ``folder``, a real path, from the return of this call on.

        Adding it twice does no harm. Raises OSError where the system refuses: ENOSPC or EMFILE when one of
        its limits is reached, EACCES, ENOENT.
        """

    def remove(self, folder: str) -> None:
        """Report ``folder`` no longer; does no harm when it was never added."""

    def wait(self, seconds: float, interval: float) -> PollResult:
        """Return what has happened since the last call, after at most ``seconds`` of waiting.

        A source that has to poll the system does so every ``interval`` seconds.
        """

    def wake(self) -> None:
        """End the current or the next :meth:`wait` at once. From any thread."""

    def close(self) -> None: ...


class NullSource:
    """Reports nothing and only waits, for a watch that polls everything."""

    def __init__(self) -> None:
        self._woken = threading.Event()

    def add(self, folder: str) -> None: ...

    def remove(self, folder: str) -> None: ...

    def wait(self, seconds: float, interval: float) -> PollResult:
        if self._woken.wait(seconds):
            self._woken.clear()
        return PollResult()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None: ...
