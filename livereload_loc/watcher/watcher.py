"""The watcher for asyncio: runs the worker in a thread, and yields what it reports."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from livereload_loc.changes import Batch
from livereload_loc.watcher.notices import WatchEvent

if TYPE_CHECKING:
    from livereload_loc.watcher.sources.base import FileEventSource
    from livereload_loc.watcher.system import WatchSystem
    from livereload_loc.watcher.worker import WatchWorker

# Seconds after a change, or after Watcher.attend(), for which the user counts as active.
AT_WORK = 300.0

# Seconds to wait for the thread to end.
_END = 0.1


class Watcher:
    """Watches ``paths``: folders with everything below them, and single files.

    >>> async with Watcher(["content"]) as watcher:  # doctest: +SKIP
    ...     async for event in watcher:
    ...         print(event)

    Once entered, it yields every save as a :class:`Batch` as soon as its files are complete, and the events
    of :mod:`~livereload_loc.watcher.notices`. Use it once, in one event loop, with one reader.

    ``ignore`` has patterns in the syntax of gitignore(5), relative to each root; a pattern with ``!``
    watches what would be ignored otherwise. ``gitignore=False`` disregards git's own files.
    ``poll_ms`` polls everything at this interval, in milliseconds, instead of using file events.
    ``attended`` returns whether any page is open; it is called from the watcher's thread.
    ``system`` replaces the interface to the operating system.

    On Linux each watched folder takes one inotify watch. Ignored folders (``node_modules``, ``.git``) take
    none and are not read, except for a few dozen (dotfolders, ``ignore``) that are watched to report
    ``IgnoredSave``. On macOS and Windows the system watches
    whole trees.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        ignore: Sequence[str] = (),
        gitignore: bool = True,
        poll_ms: int | None = None,
        attended: Callable[[], bool] | None = None,
        system: WatchSystem | None = None,
    ) -> None:
        # The outermost first: of roots that overlap, the first names the files.
        self.roots: tuple[str, ...] = tuple(sorted({os.path.abspath(path) for path in paths}, key=len))
        self.ignore, self.gitignore = tuple(ignore), gitignore
        self._poll = None if poll_ms is None else poll_ms / 1000
        self._attended, self._system = attended, system
        self._at_work_until = 0.0
        self._worker: WatchWorker | None = None
        self._events: asyncio.Queue[WatchEvent | BaseException | None] = asyncio.Queue()
        self._started: Future[None] = Future()
        self._ended: Future[None] = Future()

    @property
    def files(self) -> int:
        """The number of watched files."""
        return 0 if self._worker is None else self._worker.tree.files

    @property
    def polled(self) -> tuple[str, ...]:
        """The roots that are polled, as a whole or in part."""
        if self._poll is not None:
            return self.roots
        folders = () if self._worker is None else self._worker.subscriptions.polled.copy()
        return tuple(sorted({folder.root.path for folder in folders}))

    def attend(self) -> None:
        """Record that the user is active: poll the system often for some minutes. From any thread."""
        self._at_work_until = time.monotonic() + AT_WORK

    async def __aenter__(self) -> Watcher:
        """Raises :class:`~livereload_loc.errors.NoSuchPath` where a path does not exist."""
        from livereload_loc.watcher.system import this_system  # ``loc-dev count`` does not need them
        from livereload_loc.watcher.worker import WatchWorker

        self._loop = asyncio.get_running_loop()
        system = self._system or this_system(self.roots, self._poll is not None)
        worker = self._worker = WatchWorker(
            self.roots, system, self._at_work, self.ignore, self.gitignore, self._poll
        )
        for future in (self._started, self._ended):
            future.set_running_or_notify_cancel()  # so that a cancelled waiter does not cancel it
        arguments = worker, system.source
        threading.Thread(target=self._run, args=arguments, name="loc-dev watch", daemon=True).start()
        try:
            await asyncio.wrap_future(self._started)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._worker is not None:
            self._worker.stop()
        # A thread that hangs in the file system (a dead network mount) is left behind; it is a daemon.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.wrap_future(self._ended), _END)
        self._events.put_nowait(None)

    def __aiter__(self) -> AsyncIterator[WatchEvent]:
        return self

    async def __anext__(self) -> WatchEvent:
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            raise StopAsyncIteration
        if isinstance(event, BaseException):
            raise event
        return event

    def _at_work(self) -> bool:
        return time.monotonic() < self._at_work_until and (self._attended is None or self._attended())

    def _run(self, worker: WatchWorker, source: FileEventSource) -> None:
        """Run ``worker`` in the thread."""
        from livereload_loc.watcher.scanner import WatchStopped

        try:
            for event in worker.start():
                self._put(event)
            self._started.set_result(None)
            for event in worker.run():
                if isinstance(event, Batch):
                    self.attend()
                self._put(event)
        except WatchStopped:
            pass
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
            self._put(error)
            self._put(None)
        finally:
            source.close()
            self._ended.set_result(None)

    def _put(self, event: WatchEvent | BaseException | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._events.put_nowait, event)
        except RuntimeError:  # the loop is closed: nobody waits any more
            if self._worker is not None:
                self._worker.stop()


async def watch(
    *paths: str | os.PathLike[str],
    ignore: Sequence[str] = (),
    gitignore: bool = True,
    poll_ms: int | None = None,
) -> AsyncIterator[Batch]:
    """Yield the batches of a :class:`Watcher`.

    ``paths`` are folders with all below them, and single files; ``poll_ms`` is in milliseconds.

    >>> import pathlib, tempfile
    >>> async def first(folder: str) -> None:
    ...     asyncio.get_running_loop().call_later(0.5, pathlib.Path(folder, "a.css").write_text, "a { }")
    ...     async for batch in watch(folder):
    ...         print([(change.kind, change.path) for change in batch.changes])
    ...         break
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     asyncio.run(first(folder))
    [('added', 'a.css')]

    Raises:
        NoSuchPath: one of the paths does not exist.
    """
    async with Watcher(paths, ignore=ignore, gitignore=gitignore, poll_ms=poll_ms) as watcher:
        async for event in watcher:
            if isinstance(event, Batch):
                yield event
