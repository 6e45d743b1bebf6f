"""The frames of the reload socket, and what is refused."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.errors import BadMessage
from livereload_loc.protocol import PageAnswer, PageHello, Problem, Update, hello, parse, solved


def test_frames_travel_as_the_protocol_says() -> None:
    assert json.loads(hello("r1", 12)) == {"type": "hello", "run": "r1", "seq": 12}
    assert json.loads(hello("r1", 12, in_place="on"))["inPlace"] == "on"
    assert json.loads(Update(13, "css", ("styles/site.css",)).frame()) == {
        "type": "update",
        "seq": 13,
        "action": "css",
        "paths": ["styles/site.css"],
    }
    assert json.loads(Update(14, "reload", (), everyone=True).frame())["all"] is True
    assert json.loads(Update(15, "reload", ("a.html",), unseen=True).frame())["unseen"] is True
    assert json.loads(Problem("Build", "<b>").frame()) == {
        "type": "problem",
        "title": "Build",
        "detail": "<b>",
    }
    assert json.loads(solved()) == {"type": "solved"}


def test_what_pages_say_is_read() -> None:
    assert parse('{"type":"page","url":"/about/","seq":12,"run":"r","age":840}') == PageHello(
        "/about/", 12, "r", 840.0
    )
    assert parse('{"type":"page","url":"/","seq":null,"run":null,"age":0.5}') == PageHello(
        "/", None, None, 0.5
    )
    assert parse('{"type":"applied","seq":13,"did":"css","why":"used"}') == PageAnswer(13, "css", "used")
    assert parse('{"type":"applied","seq":13,"did":"nothing"}') == PageAnswer(13, "nothing", "")
    long = json.dumps({"type": "applied", "seq": 13, "did": "reload", "why": "w" * 2_000})
    assert parse(long) == PageAnswer(13, "reload", "w" * 200)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "1",
        "null",
        "{}",
        '{"type":"reload"}',
        '{"type":["page"]}',
        '{"type":"page"}',
        '{"type":"page","url":7}',
        '{"type":"page","url":"/","seq":"12"}',
        '{"type":"page","url":"/","seq":-1}',
        '{"type":"page","url":"/","seq":1.5}',
        '{"type":"page","url":"/","seq":true}',
        '{"type":"page","url":"/","seq":9007199254740992}',
        '{"type":"page","url":"/","run":5}',
        '{"type":"page","url":"/","age":-1}',
        '{"type":"page","url":"/","age":NaN}',
        '{"type":"page","url":"/","age":Infinity}',
        '{"type":"page","url":"/","age":"840"}',
        '{"type":"page","url":"/","age":true}',
        '{"type":"applied","seq":1,"did":"rm -rf"}',
        '{"type":"applied","seq":1,"did":["css"]}',
        '{"type":"applied","did":"css"}',
        '{"type":"applied","seq":1,"did":"css","why":{}}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"type":"page","url":"/","seq":' + "9" * 5000 + "}",
    ],
)
def test_what_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(BadMessage):
        parse(text)


def test_long_texts_are_cut() -> None:
    page = parse(json.dumps({"type": "page", "url": "/" + "x" * 9999, "seq": None, "run": None, "age": 0}))
    assert isinstance(page, PageHello)
    assert len(page.url) == 2048


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
near_misses = st.fixed_dictionaries(
    {"type": st.sampled_from(["page", "applied", "other"])},
    optional=dict.fromkeys(("url", "seq", "run", "age", "did", "why"), json_values),
)


@given(st.text() | json_values.map(json.dumps) | near_misses.map(json.dumps))
def test_nothing_a_page_sends_raises_anything_else(text: str) -> None:
    with contextlib.suppress(BadMessage):
        parse(text)


@given(st.text(st.characters(), max_size=50), st.text(st.characters(), max_size=50))
def test_any_problem_can_travel(title: str, detail: str) -> None:
    frame = Problem(title, detail).frame()
    assert frame.isascii()
    assert json.loads(frame)["title"] == title
