"""What each key does, and what is none."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import cast

import pytest

from livereload_loc.events import Event
from livereload_loc.pipeline.pipeline import ReloadPipeline
from livereload_loc.terminal.printer import TerminalPrinter
from livereload_loc.terminal.shortcuts import Shortcuts


class Played:
    """The pipeline, the terminal and its screen: notes what is called."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.screen = self

    def __getattr__(self, name: str) -> Callable[[], None]:
        return lambda: self.called.append(name)


def shortcuts(played: Played, *, watching: bool = True) -> Shortcuts:
    reports: list[Event] = []
    pipeline = cast(ReloadPipeline, played) if watching else None
    return Shortcuts("http://localhost:1", pipeline, cast(TerminalPrinter, played), reports.append)


def pressed(key: bytes) -> list[str]:
    played = Played()
    shortcuts(played).typed(key)
    return played.called


@pytest.mark.parametrize(
    ("key", "does"),
    [
        (b"h", "show_keys"),
        (b"H", "show_keys"),
        (b"u", "show_addresses"),
        (b"c", "clear"),
        (b"\n", "print_blank"),
        (b"r", "reload_all"),
        (b"p", "toggle_pause"),
        (b"\x1b[C\x1b[1;5Ar", "reload_all"),
        (b"rr", "reload_all"),
    ],
)
def test_each_key_does_one_thing(key: bytes, does: str) -> None:
    assert pressed(key) == [does]


@pytest.mark.parametrize("keys", [b"\x1b[C", b"\x1bOP", b"hello", b"x", b"\x00", b"\xff", b"\x1b"])
def test_arrows_and_what_is_pasted_do_nothing(keys: bytes) -> None:
    assert pressed(keys) == []


def test_without_a_watch_there_is_nothing_to_reload_or_to_pause() -> None:
    played = Played()
    for key in (b"r", b"p"):
        shortcuts(played, watching=False).typed(key)
    assert played.called == []


def test_q_is_what_ctrl_c_is() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        pressed(b"q")
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]
