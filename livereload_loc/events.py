"""The events that the terminal, ``--json`` and the status page show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from livereload_loc.protocol import Did


class Event:
    """The base of all events."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ready(Event):
    """The server accepts connections and watches ``files`` files.

    ``serves``: pages come from this server, with the tag in them. ``lan``: the URLs for other devices, the
    likeliest first. ``keys``: the keyboard is read. ``qr``: a QR code of the URL for other devices is shown.
    """

    url: str
    script: str
    pid: int
    watching: tuple[str, ...]
    files: int
    serves: bool = False
    lan: tuple[str, ...] = ()
    keys: bool = False
    qr: bool = False


@dataclass(frozen=True, slots=True)
class ScanProgress(Event):
    """The folders are large or slow, and still being scanned; ``files`` were found so far."""

    watching: tuple[str, ...]
    files: int = 0


@dataclass(frozen=True, slots=True)
class UpdateSent(Event):
    """Update ``seq`` was sent to ``pages`` pages, to replace the update that it ``follows``, if any.

    The summary names the ``title`` in place of the paths.
    """

    paths: tuple[str, ...]
    action: str
    pages: int
    seq: int = 0
    follows: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class UpdateApplied(Event):
    """The page at ``url`` answered update ``seq``, ``ms`` milliseconds after the save was noticed.

    ``why`` are a few words of the page; "" where what it ``did`` needs no reason.
    """

    paths: tuple[str, ...]
    url: str
    did: Did
    ms: float
    seq: int = 0
    page_id: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class UpdateSummary(Event):
    """What the tabs did about update ``seq``; ``ms`` is the time of the slowest answer.

    ``about.css`` is a ``title``, ``2 tabs swapped, 1 unaffected`` an account of all ``tabs``. ``at`` is when
    the file was saved, in seconds since the epoch.
    """

    title: str
    tabs: str
    ms: float
    seq: int = 0
    at: float = 0.0

    @property
    def line(self) -> str:
        return f"{self.title}: {self.tabs}"


@dataclass(frozen=True, slots=True)
class ChangeIgnored(Event):
    """A save that concerns no page, or ``count`` of them; ``noise``: shown with ``--verbose`` only."""

    path: str
    why: str
    noise: bool = False
    count: int = 1


@dataclass(frozen=True, slots=True)
class ClientChanged(Event):
    """The page at ``url`` joined or left; ``pages`` are open now."""

    state: Literal["joined", "left"]
    url: str
    pages: int
    page_id: int = 0
    browser: str = ""


@dataclass(frozen=True, slots=True)
class TotalChanged(Event):
    """The counter's total of a site changed."""

    site: str
    total: int


@dataclass(frozen=True, slots=True)
class ProblemFound(Event):
    """Something that the user should know or fix.

    ``printed``: the detail was printed already, as :class:`ProcessOutput`. ``shown``: the pages show the
    problem, until it is :class:`ProblemSolved`.
    """

    title: str
    detail: str
    printed: bool = False
    shown: bool = False


@dataclass(frozen=True, slots=True)
class ProblemSolved(Event):
    """The problem that the pages showed is solved."""

    title: str


@dataclass(frozen=True, slots=True)
class ProcessOutput(Event):
    """A line that the program ``name`` printed, with its colours but no other control sequences."""

    name: str
    line: str


@dataclass(frozen=True, slots=True)
class Info(Event):
    """Something that is good to know; nothing is wrong."""

    text: str


@dataclass(frozen=True, slots=True)
class PauseChanged(Event):
    """The user paused updates, or resumed them with ``files`` changed meanwhile."""

    on: bool
    files: int = 0


Reporter = Callable[[Event], None]


def fan_out(*reporters: Reporter) -> Reporter:
    """Return a reporter that passes each event to all ``reporters``, in this order."""

    def report(event: Event) -> None:
        for each in reporters:
            each(event)

    return report
