"""Lines out of what a program writes to its terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.process.terminal_lines import MAX_LINE, LineOutput, LineSplitter

COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
PIECES = st.sampled_from(
    [
        *(b"text", b"\xc3\xa9", b"\xff", b"\t", b" ", b"m", b"[", b"31", b";", b"K", b"\\", b"]0;"),
        *(b"\n", b"\r\n", b"\r", b"\b", b"\x1b", b"\x1b[", b"\x1b[31m", b"\x1b[0m", b"\x1b[2K", b"\x1b[1G"),
        *(b"\x1b]8;;http://x\x1b\\", b"\x1b]0;title\x07", b"\x07", b"\x00", b"\x9b", b"\xc2\x9b", b"\x1bP"),
        *(b"\x1b[2J", b"\x1b[?25l", b"\x1b(B", b"\x1b7", b"\x1b[6n", b"\x18", b"x" * (MAX_LINE // 3)),
    ]
)


def lines(*chunks: bytes) -> list[str]:
    """The lines of a program that wrote these and ended."""
    reader = LineSplitter()
    found = [line for chunk in chunks for line in reader.feed(chunk)]
    return found + reader.feed(b"", final=True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"", []),
        (b"one\ntwo\r\nthree", ["one", "two", "three"]),
        (b"\n\n", ["", ""]),
        (b"10 %\r20 %\r\n", ["20 %"]),
        (b"long line\rshort\n", ["short"]),
        (b"10 %\x1b[2K\x1b[1Gdone\n", ["done"]),
        (b"| \b\b/\n", ["/"]),
        (b"abc\b\b\b\b\bx\n", ["x"]),
        (b"\x1b]0;title\x07text\n", ["text"]),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n", ["link"]),
        (b"\x1b]never ended\ntext\n", ["", "text"]),
        (b"\x1b[2J\x1b[H\x1b[?1049htext\x1b[6n\n", ["text"]),
        (b"\x1b[31mred\nstill\x1b[0m\n", ["\x1b[31mred\x1b[0m", "\x1b[31mstill\x1b[0m"]),
        (b"\x1b[38;5;208morange\x1b[m plain\n", ["\x1b[38;5;208morange\x1b[0m plain"]),
        (b"a\x1b[31\x1b[32mb\n", ["a\x1b[32mb\x1b[0m"]),
        (b"\xc3\xa9\xff\n", ["\u00e9\ufffd"]),
        (b"a\x00\x07b\n", ["ab"]),
        (b"x" * MAX_LINE + b"yz\n", ["x" * MAX_LINE, "yz"]),
        (b"x" * MAX_LINE + b"\n", ["x" * MAX_LINE]),
    ],
)
def test_lines(written: bytes, expected: list[str]) -> None:
    assert lines(written) == expected


@given(st.lists(PIECES, max_size=12), st.data())
def test_however_the_bytes_are_cut_the_lines_are_the_same(pieces: list[bytes], data: st.DataObject) -> None:
    written = b"".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(written)), max_size=6)))
    ends = [*cuts, len(written)]
    chunks = [written[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
    assert lines(*chunks) == lines(written)


@given(st.lists(PIECES | st.binary(max_size=6), max_size=12))
def test_nothing_but_colours_steers_the_terminal(pieces: list[bytes]) -> None:
    for line in lines(*pieces):
        plain = COLOUR.sub("", line)
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", plain)
        assert len(plain) <= MAX_LINE
        found = COLOUR.findall(line)
        assert not found or found[-1] == "\x1b[0m", "a colour runs on"


def test_a_prompt_is_given_and_what_follows_is_another_line() -> None:
    reader = LineSplitter()
    assert reader.feed(b"Continue? ") == []
    assert reader.unfinished
    assert reader.flush() == ["Continue? "]
    assert reader.flush() == []
    assert reader.feed(b"\nyes\n") == ["yes"], "the end of the prompt is no line of its own"


def test_a_line_that_is_written_over_is_known_as_such() -> None:
    reader = LineSplitter()
    reader.feed(b"10 %")
    assert not reader.progress
    reader.feed(b"\r")
    assert reader.progress
    reader.feed(b"20 %\n")
    assert not reader.progress


def test_of_several_empty_lines_one_is_given() -> None:
    given: list[str] = []
    output = LineOutput(given.append)
    output.write(b"one\n\n\n")  # what follows comes in another piece
    output.write(b"\n \t\n\x1b[32m  \x1b[0m\r\n\ntwo\n\nthree\n", final=True)
    assert given == ["one", "", "two", "", "three"]


def test_an_endless_sequence_takes_no_memory() -> None:
    reader = LineSplitter()
    for start in (b"\x1b]", b"\x1b["):
        reader.feed(start)
        for _ in range(100):
            assert reader.feed(b"1" * 10_000) == []
    assert sum(len(str(value)) for value in vars(reader).values()) < 10_000
