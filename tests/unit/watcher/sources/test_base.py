"""What every file event source keeps to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from livereload_loc.watcher.sources.base import FileEventSource, NullSource
from livereload_loc.watcher.sources.inotify import InotifySource
from livereload_loc.watcher.sources.watchfiles import WatchfilesSource


@pytest.fixture(params=[InotifySource, NullSource, lambda: WatchfilesSource([])])
def source(request: pytest.FixtureRequest) -> FileEventSource:
    make: Callable[[], FileEventSource] = request.param
    return make()


def test_wake_ends_the_next_wait(source: FileEventSource) -> None:
    source.wake()
    assert source.wait(60, 0.01).events == []
    source.close()


def test_wake_ends_the_current_wait(source: FileEventSource) -> None:
    timer = threading.Timer(0.05, source.wake)
    timer.start()
    assert source.wait(60, 0.01).events == []
    timer.join()
    source.close()


def test_a_closed_source_may_be_woken_and_closed_again(source: FileEventSource) -> None:
    source.close()
    source.wake()
    source.close()


def test_a_folder_may_be_added_twice_and_removed_without_being_added(
    source: FileEventSource, tmp_path: Path
) -> None:
    source.remove(str(tmp_path))
    source.add(str(tmp_path))
    source.add(str(tmp_path))
    source.remove(str(tmp_path))
    source.close()
