"""The watch as asyncio sees it: an async context manager and an async iterator over its thread."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from livereload_loc.changes import Batch
from livereload_loc.watcher.notices import IgnoredSave, WatchNotice

if TYPE_CHECKING:
    from livereload_loc.watcher.worker import WatchWorker

Event = Batch | IgnoredSave | WatchNotice

AT_WORK = 300.0
"""Seconds after a change, or after :meth:`Watcher.attend`, for which somebody counts as working."""

_END = 0.1


class Watcher:
    """Watches ``paths``, folders with everything below them and single files.

    >>> async with Watcher(["content"]) as watcher:  # doctest: +SKIP
    ...     async for event in watcher:
    ...         print(event)

    Once entered, every save is told as a :class:`Batch` as soon as its files are whole, in between come
    :class:`IgnoredSave` and :class:`WatchNotice`. Use it once, in one event loop, with one reader.

    ``ignore`` has patterns in the syntax of gitignore(5), relative to each root; a pattern with ``!``
    watches what would be ignored otherwise. ``gitignore=False`` passes over git's own files.
    ``poll_ms`` looks through everything so often, in milliseconds, instead of asking the system.
    ``attended`` says whether anybody looks at a page; it is called from the watcher's thread.

    On Linux each watched folder takes one inotify watch, and ignored folders (``node_modules``, ``.git``)
    take none and are not read; a few dozen that somebody may wonder about (dotfolders, ``ignore``) are
    heard of for the sake of :class:`IgnoredSave`. On macOS and Windows the system watches whole trees.
    """

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        *,
        ignore: Sequence[str] = (),
        gitignore: bool = True,
        poll_ms: int | None = None,
        attended: Callable[[], bool] = lambda: True,
    ) -> None:
        # The outermost first: of roots that overlap, the first names the files.
        self.roots: tuple[str, ...] = tuple(sorted({os.path.abspath(path) for path in paths}, key=len))
        self.ignore, self.gitignore = tuple(ignore), gitignore
        self._poll = None if poll_ms is None else poll_ms / 1000
        self._attended = attended
        self._at_work_until = 0.0
        self._lookout: WatchWorker | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: asyncio.Queue[Event | BaseException | None] = asyncio.Queue()
        self._armed: asyncio.Future[None] | None = None
        self._ended = asyncio.Event()
        self._stopping = False

    @property
    def files(self) -> int:
        """How many files are watched."""
        return 0 if self._lookout is None else self._lookout.tree.files

    @property
    def polled(self) -> tuple[str, ...]:
        """The roots that are looked through again and again, all or a part of them, since the system does
        not tell of their changes, or was not to be asked."""
        if self._poll is not None:
            return self.roots
        folders = () if self._lookout is None else self._lookout.tree.hearing.polled.copy()
        return tuple(sorted({folder.root for folder in folders}))

    def attend(self) -> None:
        """Somebody is at work now: look often for the next minutes. From any thread."""
        self._at_work_until = time.monotonic() + AT_WORK

    async def __aenter__(self) -> Watcher:
        """Raises :class:`~livereload_loc.errors.NoSuchPath` where a path does not exist."""
        self._loop = asyncio.get_running_loop()
        self._armed = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name="loc-dev watch", daemon=True)
        self._thread.start()
        try:
            await self._armed
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._end()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            raise StopAsyncIteration
        if isinstance(event, BaseException):
            raise event
        return event

    async def _end(self) -> None:
        self._stopping = True
        if self._lookout is not None:
            self._lookout.stop()
        thread = self._thread
        if thread is not None:
            # A thread that hangs in the file system (a dead network mount) is left behind; it is a daemon.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _END)
                thread.join(_END)
        self._events.put_nowait(None)

    def _at_work(self) -> bool:
        return time.monotonic() < self._at_work_until and self._attended()

    def _run(self) -> None:
        """The thread. Imports what it needs itself: nobody waits for it who does not watch."""
        from livereload_loc.watcher.worker import WatchStopped, WatchWorker, WorkerOptions

        error: BaseException | None = None
        lookout: WatchWorker | None = None
        try:
            options = WorkerOptions(self.ignore, self.gitignore, self._poll)
            lookout = self._lookout = WatchWorker(self.roots, options, self._emit, self._at_work)
            if self._stopping:
                lookout.stop()
            lookout.arm()
            self._call(self._arm, None)
            lookout.run()
        except WatchStopped:
            pass
        except BaseException as caught:
            error = caught
        finally:
            if lookout is not None:
                lookout.eye.close()
        if error is not None:
            self._call(self._arm, error)
            self._call(self._events.put_nowait, error)
            self._call(self._events.put_nowait, None)
        self._call(self._ended.set)

    def _arm(self, error: BaseException | None) -> None:
        if self._armed is None or self._armed.done():
            return
        if error is None:
            self._armed.set_result(None)
        else:
            self._armed.set_exception(error)

    def _emit(self, event: Event) -> None:
        if isinstance(event, Batch):
            self.attend()
        self._call(self._events.put_nowait, event)

    def _call(self, function: Callable[..., None], *values: object) -> None:
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(function, *values)
        except RuntimeError:  # the loop is closed: nobody waits any more
            if self._lookout is not None:
                self._lookout.stop()


async def watch(
    *paths: str | os.PathLike[str],
    ignore: Sequence[str] = (),
    gitignore: bool = True,
    poll_ms: int | None = None,
) -> AsyncIterator[Batch]:
    """The batches of a :class:`Watcher`, for as long as they are asked for.

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
