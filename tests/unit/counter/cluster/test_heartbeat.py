"""What nodes send each other and store, and what is neither."""

from __future__ import annotations

import json

import pytest

from livereload_loc.counter.cluster.heartbeat import parse_heartbeat, parse_row


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"node":1,"seq":1,"counts":{}}',
        '{"node":"a","seq":"1","counts":{}}',
        '{"node":"a","seq":1,"counts":[]}',
        '{"node":"a","seq":1,"counts":{"a":-1}}',
        '{"node":"a","seq":1,"counts":{"a":true}}',
        "[" * 100_000,
        json.dumps({"node": "a", "seq": 1, "counts": {"a": 1.5}}),
    ],
)
def test_what_is_no_heartbeat_is_ignored(text: str) -> None:
    assert parse_heartbeat(text) is None


@pytest.mark.parametrize(
    "fields", [{}, {b"a": b"1"}, {b"": b"x"}, {b"": b"1", b"a": b"x"}, {b"": b"1", b"\xff": b"1"}]
)
def test_what_is_no_row_is_ignored(fields: dict[bytes, bytes]) -> None:
    assert parse_row(fields) is None
