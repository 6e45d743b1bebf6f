"""The messages of LiveReload protocol 7."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.errors import BadMessage
from livereload_loc.protocol import Problem, Update, hello, solved
from livereload_loc.web.livereload7 import PROBE, PROTOCOL, commands, page_of, reply_to_hello


@pytest.mark.parametrize(
    ("protocols", "common"),
    [
        (["http://livereload.com/protocols/official-6", PROTOCOL], [PROTOCOL]),
        ([PROBE], [PROBE]),
        ([PROBE, PROTOCOL, 7, None], [PROTOCOL, PROBE]),
    ],
)
def test_a_hello_is_answered(protocols: list[object], common: list[str]) -> None:
    answer = json.loads(reply_to_hello(json.dumps({"command": "hello", "protocols": protocols})))
    assert answer == {"command": "hello", "protocols": common, "serverName": "loc-dev"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"command":"info"}',
        '{"command":"hello"}',
        '{"command":"hello","protocols":[]}',
        '{"command":"hello","protocols":["http://livereload.com/protocols/official-6"]}',
        '{"command":"hello","protocols":{}}',
        "[" * 10_000,
    ],
)
def test_what_is_no_hello_is_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        reply_to_hello(text)


def test_the_page_is_known_by_its_info() -> None:
    assert page_of('{"command":"info","plugins":{},"url":"http://localhost/"}') == "http://localhost/"
    assert page_of('{"command":"info","url":7}') is None
    assert page_of('{"command":"other","url":"x"}') is None


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    for read in (reply_to_hello, page_of):
        with contextlib.suppress(BadMessage):
            read(text)


@pytest.mark.parametrize(
    ("update", "paths", "did"),
    [
        (Update(1, "css", ("a.css", "b/c.css")), ["a.css", "b/c.css"], "css"),
        (Update(2, "image", ("a.png",)), ["a.png"], "image"),
        (Update(3, "reload", ("a.css", "a.html")), ["/"], "reload"),
        (Update(4, "reload", ()), ["/"], "reload"),
        (Update(5, "css", ("a.css",), everyone=True), ["/"], "reload"),
    ],
)
def test_an_update_names_what_changed(update: Update, paths: list[str], did: str) -> None:
    told = commands(update.frame())
    assert told
    messages, seq, does = told
    assert [json.loads(message)["path"] for message in messages] == paths
    assert all(json.loads(message)["command"] == "reload" for message in messages)
    assert (seq, does) == (update.seq, did)


@pytest.mark.parametrize("frame", [hello("run", 1), solved(), Problem("t", "d").frame()])
def test_there_is_no_word_for_other_frames(frame: str) -> None:
    assert commands(frame) is None
