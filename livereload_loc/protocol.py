"""The messages of the reload socket: JSON text frames, one object each, with the key ``type``.

Pages only send facts about themselves: nothing in them makes the server read, write or run anything. A frame
that is not one of ours raises :class:`BadMessage`.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from livereload_loc.changes import Action
from livereload_loc.errors import BadMessage

# What a page did about an update.
Did = Literal["css", "image", "in-place", "same", "reload", "nothing"]
# Which pages show in place what was saved: those without scripts of their own and those that ask for it,
# none, or all.
InPlace = Literal["on", "off", "always"]
# The longest frame that a page may send, in bytes.
MAX_FRAME = 16 * 1024
_MAX_TEXT = 2048
_MAX_WHY = 200
_MAX_SEQ = 2**53 - 1  # beyond it a JSON number is no longer exact in a browser (RFC 8259, section 6)


@dataclass(frozen=True, slots=True)
class Update:
    """A numbered update for all pages.

    With ``everyone`` each page applies it, whatever it uses. ``unseen``: what the pages at these paths have
    loaded has changed without their knowledge, so that only a reload helps.
    """

    seq: int
    action: Action
    paths: tuple[str, ...]
    everyone: bool = False
    unseen: bool = False

    def frame(self) -> str:
        message = {"type": "update", "seq": self.seq, "action": self.action, "paths": self.paths}
        flags = {"all": self.everyone, "unseen": self.unseen}
        return _encode({**message, **{name: True for name, is_set in flags.items() if is_set}})


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem for the overlay in the pages and for the terminal: plain text, never markup."""

    title: str
    detail: str
    printed: bool = False
    """Whether the terminal has shown ``detail`` already; not sent to pages."""

    def frame(self) -> str:
        return _encode({"type": "problem", "title": self.title, "detail": self.detail})


@dataclass(frozen=True, slots=True)
class PageHello:
    """A page introduces itself.

    ``seq`` is the last update that it knows of server run ``run``; ``age`` is the time since its navigation
    began, in milliseconds.
    """

    url: str
    seq: int | None
    run: str | None
    age: float


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """A page says what it did about update ``seq``, and why."""

    seq: int
    did: Did
    why: str


def hello(run: str, seq: int, *, exact: bool = False, in_place: InPlace = "off") -> str:
    """Return the first frame for a page: the server's run, and the number of its last update.

    ``exact`` says that the paths of updates are URL paths.
    """
    message: dict[str, object] = {"type": "hello", "run": run, "seq": seq}
    if exact:
        message["exact"] = True
    if in_place != "off":
        message["inPlace"] = in_place
    return _encode(message)


def solved() -> str:
    """Return the frame that removes the overlay."""
    return _encode({"type": "solved"})


def parse(text: str) -> PageHello | PageAnswer:
    """Read a frame from a page.

    Raises:
        BadMessage: it is no JSON object of a known type, or a field is missing or out of range.
    """
    message = parse_object(text)
    match message.get("type"):
        case "page":
            run = message.get("run")
            return PageHello(
                url=_text(message, "url"),
                seq=None if message.get("seq") is None else _seq(message),
                run=None if run is None else _text(message, "run"),
                age=_age(message),
            )
        case "applied":
            did = message.get("did")
            if did not in get_args(Did):
                raise BadMessage("an answer whose did is unknown")
            return PageAnswer(
                seq=_seq(message), did=cast(Did, did), why=_text(message, "why", default="")[:_MAX_WHY]
            )
        case _:
            raise BadMessage("a frame of an unknown type")


def parse_object(text: str) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        BadMessage: the text is no JSON object.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("a frame that is not JSON") from None
    if not isinstance(message, dict):
        raise BadMessage("a frame that is not an object")
    return message


def _encode(message: dict[str, object]) -> str:
    # ASCII: a lone surrogate in a title would make a frame that is not UTF-8, and end the socket.
    return json.dumps(message, separators=(",", ":"))


def _text(message: dict[str, Any], key: str, default: str | None = None) -> str:
    value = message.get(key, default)
    if not isinstance(value, str):
        raise BadMessage(f"a frame whose {key} is not text")
    return value[:_MAX_TEXT]


def _seq(message: dict[str, Any]) -> int:
    value = message.get("seq")
    if type(value) is not int or not 0 <= value <= _MAX_SEQ:
        raise BadMessage("a frame whose seq is not a whole number")
    return value


def _age(message: dict[str, Any]) -> float:
    value = message.get("age", 0)
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        raise BadMessage("a frame whose age is not a time")
    return float(value)
