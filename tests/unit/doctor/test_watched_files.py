"""What a server says of its watch, as the doctor reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from livereload_loc.doctor.watched_files import WatchedFolder


@pytest.mark.parametrize(
    ("status", "watched"),
    [
        ({"watching": ["/a"]}, WatchedFolder(("/a",))),
        ({"watching": ["/a"], "watcher": {"files": 3, "polled": ["/a"]}}, WatchedFolder(("/a",), 3, ("/a",))),
        ({"watching": ["/a"], "watcher": {"files": "many", "polled": None}}, WatchedFolder(("/a",))),
        ({"watching": ["/a"], "watcher": "odd"}, WatchedFolder(("/a",))),
        ({"watching": "/a"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_status_of_any_kind(status: object, watched: WatchedFolder | None) -> None:
    assert WatchedFolder.parse(status) == watched


def test_how_files_are_watched_is_said() -> None:
    said = [finding.text for finding in WatchedFolder(("/a", "/b"), 1234, ("/b",)).findings()]
    assert said[0] == "loc-dev watches /a, /b (1,234 files)"
    assert said[1].startswith("no file events arrive from /b")


def test_a_single_file_and_its_rules(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("")
    (tmp_path / "a.log").write_text("")
    single = WatchedFolder((str(tmp_path / "page.html"),))
    assert single.page("/site/page").text == f"the page is {tmp_path}/page.html"
    found = WatchedFolder((str(tmp_path),), ignore=("*.log",)).file_of("/a.log")
    assert found
    assert found.text == f"/a.log is {tmp_path}/a.log, which is not watched: ignored by --ignore '*.log'"
