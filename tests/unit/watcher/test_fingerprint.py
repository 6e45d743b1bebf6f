from __future__ import annotations

import os
from pathlib import Path

import pytest

from livereload_loc.watcher import fingerprint as module
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
    fresh, first = RecentFingerprints(), page.stat()
    fresh.keep(page.as_posix(), first)
    same = frozen(page, "one", first)
    assert signature(same) == signature(first)
    assert not fresh.written(page.as_posix(), same, wrote=True)
    assert fresh.written(page.as_posix(), frozen(page, "two", first), wrote=False)


def test_an_older_file_is_known_by_its_ctime(page: Path) -> None:
    os.utime(page, (1e9, 1e9))
    fresh, first = RecentFingerprints(), page.stat()
    fresh.keep(page.as_posix(), first)
    assert not fresh.written(page.as_posix(), first, wrote=True)
    page.chmod(0o600)
    assert not fresh.written(page.as_posix(), page.stat(), wrote=False)
    later = page.stat()
    while later.st_ctime_ns == first.st_ctime_ns:  # until the clock has moved on
        later = frozen(page, "two", first)
    assert fresh.written(page.as_posix(), later, wrote=True)


def test_of_a_file_not_seen_lately_the_system_is_believed(page: Path) -> None:
    assert RecentFingerprints().written(page.as_posix(), page.stat(), wrote=True)
    assert not RecentFingerprints().written(page.as_posix(), page.stat(), wrote=False)


def test_what_has_grown_old_is_forgotten(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, status = RecentFingerprints(), page.stat()
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    fresh.keep("a", status)
    now[0] = 1.9
    fresh.keep("b", status)
    fresh.purge(2.1)
    assert not fresh.written("b", status, wrote=False)
    assert list(fresh._kept) == ["b"]
