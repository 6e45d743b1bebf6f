"""What happens, as the terminal and ``--json`` are told: plain facts, told once, printed by ``console``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from livereload_loc.protocol import Did


@dataclass(frozen=True, slots=True)
class Ready:
    """The socket accepts and the watch is armed."""

    url: str
    script: str
    pid: int
    watching: tuple[str, ...]
    files: int
    serves: bool = False
    """Whether pages come from here, with the tag in them."""
    lan: tuple[str, ...] = ()
    """The URLs under which other devices of the local network reach us, the likeliest first."""
    keys: bool = False
    """Whether keys are heard."""
    qr: bool = False
    """Whether to show a QR code of the address for other devices."""


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """The folders are large or slow, and still being read; ``files`` were found so far."""

    watching: tuple[str, ...]
    files: int = 0


@dataclass(frozen=True, slots=True)
class UpdateSent:
    """An update was told to ``pages`` pages."""

    paths: tuple[str, ...]
    action: str
    pages: int
    seq: int = 0
    follows: int = 0
    """The number of the update in whose place this one is told, if there is one."""
    why: str = ""
    """What led to it, where it was no save."""


@dataclass(frozen=True, slots=True)
class UpdateApplied:
    """A page answered; ``ms`` milliseconds passed on the server's clock since the save was seen."""

    paths: tuple[str, ...]
    page: str
    did: Did
    ms: float
    seq: int = 0
    number: int = 0
    """That of the page's socket."""


@dataclass(frozen=True, slots=True)
class UpdateSummary:
    """The line that accounts for every tab of an update; ``ms`` is that of the slowest answer."""

    line: str
    ms: float
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ChangeIgnored:
    """A save that concerns no page, and why; ``noise`` where nobody would wonder."""

    path: str
    why: str
    noise: bool = False
    count: int = 1
    """So many files had the same reason."""


@dataclass(frozen=True, slots=True)
class ClientChanged:
    """A page came or went; ``clients`` are left."""

    state: Literal["joined", "left"]
    page: str
    clients: int
    number: int = 0
    """That of its socket."""
    browser: str = ""


@dataclass(frozen=True, slots=True)
class TotalChanged:
    """The pages of a site are told that so many are there."""

    site: str
    total: int


@dataclass(frozen=True, slots=True)
class ProblemFound:
    """Something that the user should know or mend."""

    title: str
    detail: str
    said: bool = False
    """Whether ``detail`` has come line by line already, as :class:`ProcessOutput`."""
    shown: bool = False
    """Whether the pages show it, until it is :class:`ProblemSolved`."""


@dataclass(frozen=True, slots=True)
class ProblemSolved:
    """The trouble that the pages showed, called ``title``, is over."""

    title: str


@dataclass(frozen=True, slots=True)
class ProcessOutput:
    """A line that a program of the user's wrote, ``name`` for short; colours are left in it, all else that
    steers a terminal is not."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Info:
    """Something for people that is good to know; nothing is wrong."""

    text: str


@dataclass(frozen=True, slots=True)
class PauseChanged:
    """The user holds saves back, or lets them go on; ``files`` were held back until now."""

    on: bool
    files: int = 0


@dataclass(frozen=True, slots=True)
class ScreenCommand:
    """The user wants to see something in the terminal."""

    what: Literal["help", "addresses", "clear", "blank", "redraw"]


Event = (
    ScreenCommand
    | PauseChanged
    | Info
    | ProcessOutput
    | Ready
    | ScanProgress
    | UpdateSent
    | UpdateApplied
    | UpdateSummary
    | ChangeIgnored
    | ClientChanged
    | TotalChanged
    | ProblemFound
    | ProblemSolved
)
Reporter = Callable[[Event], None]


def together(*reporters: Reporter) -> Reporter:
    """One reporter for all of ``reporters``; they are told in this order."""

    def report(what: Event) -> None:
        for each in reporters:
            each(what)

    return report
