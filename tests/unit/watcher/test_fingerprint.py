from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from livereload_loc.watcher.fingerprint import RecentFingerprints, has_content, signature


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.html"
    page.write_text("one")
    return page


def frozen(page: Path, content: str, at: os.stat_result) -> os.stat_result:
    """Write ``content`` within one tick of a coarse clock."""
    page.write_text(content)
    os.utime(page, ns=(at.st_atime_ns, at.st_mtime_ns))
    return page.stat()


def test_what_a_signature_tells(page: Path) -> None:
    first = page.stat()
    page.chmod(0o600)
    assert signature(page.stat()) == signature(first)
    os.utime(page, ns=(0, first.st_mtime_ns + 1))
    assert signature(page.stat()) != signature(first)
    assert has_content(signature(first))
    page.write_text("")
    assert not has_content(signature(page.stat()))


def test_a_young_file_is_known_by_its_content(page: Path) -> None:
    os.utime(page, (time.time() + 100,) * 2)  # young for as long as the test takes
    recent, first = RecentFingerprints(), page.stat()
    recent.keep(page.as_posix(), first)
    same = frozen(page, "one", first)
    assert signature(same) == signature(first)
    assert not recent.written(page.as_posix(), same, reported=True)
    assert recent.written(page.as_posix(), frozen(page, "two", first), reported=False)


def test_an_older_file_is_known_by_its_ctime(page: Path) -> None:
    os.utime(page, (1e9, 1e9))
    recent, first = RecentFingerprints(), page.stat()
    recent.keep(page.as_posix(), first)
    assert not recent.written(page.as_posix(), first, reported=True)
    page.chmod(0o600)
    assert not recent.written(page.as_posix(), page.stat(), reported=False)
    later = page.stat()
    while later.st_ctime_ns == first.st_ctime_ns:  # until the clock has moved on
        later = frozen(page, "two", first)
    assert recent.written(page.as_posix(), later, reported=True)


def test_of_a_file_not_seen_lately_the_system_is_believed(page: Path) -> None:
    assert RecentFingerprints().written(page.as_posix(), page.stat(), reported=True)
    assert not RecentFingerprints().written(page.as_posix(), page.stat(), reported=False)


def test_what_is_no_longer_recent_is_forgotten(page: Path) -> None:
    os.utime(page, (1e9, 1e9))
    recent, status = RecentFingerprints(iter([0.0, 1.9]).__next__), page.stat()
    recent.keep("a", status)
    recent.keep("b", status)
    recent.purge(2.1)
    assert recent.written("a", status, reported=True)  # the system is believed
    assert not recent.written("b", status, reported=True)
