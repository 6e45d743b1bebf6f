"""What a server says of its watch, as the doctor reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from livereload_loc.doctor.watched_files import WatcherStatus


@pytest.mark.parametrize(
    ("status", "watched"),
    [
        ({"watching": ["/a"]}, WatcherStatus(("/a",))),
        ({"watching": ["/a"], "watcher": {"files": 3, "polled": ["/a"]}}, WatcherStatus(("/a",), 3, ("/a",))),
        ({"watching": ["/a"], "watcher": {"files": "many", "polled": None}}, WatcherStatus(("/a",))),
        ({"watching": ["/a"], "watcher": "odd"}, WatcherStatus(("/a",))),
        ({"watching": "/a"}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_a_status_of_any_kind(status: object, watched: WatcherStatus | None) -> None:
    assert WatcherStatus.parse(status) == watched


def test_how_files_are_watched_is_said() -> None:
    said = [result.text for result in WatcherStatus(("/a", "/b"), 1234, ("/b",)).results()]
    assert said[0] == "loc-dev watches /a, /b (1,234 files)"
    assert said[1].startswith("no file events arrive from /b")


def test_a_single_file_and_its_rules(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("")
    (tmp_path / "a.log").write_text("")
    single = WatcherStatus((str(tmp_path / "page.html"),))
    assert single.page("/site/page").text == f"the page is {tmp_path}/page.html"
    found = WatcherStatus((str(tmp_path),), ignore=("*.log",)).file_of("/a.log")
    assert found
    assert found.text == f"/a.log is {tmp_path}/a.log, which is not watched: ignored by --ignore '*.log'"
