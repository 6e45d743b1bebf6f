"""Which colours are on, and what must be written so that a line shows them and no other line does."""

from __future__ import annotations

import pytest

from livereload_loc.process.ansi import ColourState


def shown(*sequences: str) -> str:
    """What stands before text that follows these."""
    colours = ColourState()
    for parameters in sequences:
        colours.set(parameters)
    return colours.change()


@pytest.mark.parametrize(
    ("sequences", "expected"),
    [
        (("31",), "\x1b[31m"),
        (("1;31",), "\x1b[1;31m"),
        (("01", "97", "104"), "\x1b[1;97;104m"),
        (("31", "32"), "\x1b[32m"),
        (("38;5;208",), "\x1b[38;5;208m"),
        (("38;2;1;2;3;1",), "\x1b[38;2;1;2;3;1m"),
        (("48;5;0;31",), "\x1b[48;5;0;31m"),
        (("38:2::1:2:3",), "\x1b[38:2::1:2:3m"),
        (("4:3",), "\x1b[4:3m"),
        (("58;5;1", "59"), ""),
        (("4:3", "4:0"), ""),
        (("1;2;3;4;5;7;8;9", "22;23;24;25;27;28;29"), ""),
        (("31;44", "39"), "\x1b[44m"),
        (("31;44", "49"), "\x1b[31m"),
        (("31", "0"), ""),
        (("31", ""), ""),
        (("31;",), ""),
        (("38", "38;5", "38;2;1;2", "38;9"), ""),
        (("?25", ">4;1", "31 "), ""),
        (("10;11;73;999",), ""),
    ],
)
def test_sequences_are_followed(sequences: tuple[str, ...], expected: str) -> None:
    assert shown(*sequences) == expected


def test_a_change_is_written_once_and_ended_with_the_line() -> None:
    colours = ColourState()
    assert (colours.change(), colours.end()) == ("", "")
    colours.set("31")
    assert (colours.change(), colours.change(), colours.end()) == ("\x1b[31m", "", "\x1b[0m")
    colours.begin()
    assert colours.change() == "\x1b[31m", "the program has not ended it"
    colours.set("1")
    assert colours.change() == "\x1b[0m\x1b[31;1m"
    colours.set("0")
    assert (colours.change(), colours.end()) == ("\x1b[0m", "")
