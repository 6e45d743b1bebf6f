"""What each key does, and what is none."""

from __future__ import annotations

import signal

import pytest

from livereload_loc.events import Event, ScreenCommand
from livereload_loc.terminal.shortcuts import Shortcuts


class Stages:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def reload_all(self) -> None:
        self.asked.append("reload all")

    def toggle_pause(self) -> None:
        self.asked.append("pause")


def pressed(*keys: bytes) -> list[Event | str]:
    pipeline = Stages()
    reports: list[Event] = []
    for key in keys:
        Shortcuts("http://localhost:1", pipeline, reports.append).typed(key)  # type: ignore[arg-type]
    return [*reports, *pipeline.asked]


@pytest.mark.parametrize(
    ("key", "does"),
    [
        (b"h", ScreenCommand("help")),
        (b"H", ScreenCommand("help")),
        (b"u", ScreenCommand("addresses")),
        (b"c", ScreenCommand("clear")),
        (b"\n", ScreenCommand("blank")),
        (b"r", "reload all"),
        (b"p", "pause"),
        (b"\x1b[C\x1b[1;5Ar", "reload all"),
        (b"rr", "reload all"),
    ],
)
def test_each_key_does_one_thing(key: bytes, does: Event | str) -> None:
    assert pressed(key) == [does]


@pytest.mark.parametrize("keys", [b"\x1b[C", b"\x1bOP", b"hello", b"x", b"\x00", b"\xff", b"\x1b"])
def test_arrows_and_what_is_pasted_do_nothing(keys: bytes) -> None:
    assert pressed(keys) == []


def test_without_a_watch_there_is_nothing_to_reload_or_to_pause() -> None:
    reports: list[Event] = []
    keys = Shortcuts("http://localhost:1", None, reports.append)
    for key in (b"r", b"p"):
        keys.typed(key)
    assert reports == []


def test_q_is_what_ctrl_c_is() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        pressed(b"q")
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]
