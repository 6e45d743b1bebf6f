"""What a person reads of each report: pure, and calm."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TextIO
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from livereload_loc import __version__
from livereload_loc.events import (
    ChangeIgnored,
    ClientChanged,
    Event,
    Info,
    PauseChanged,
    ProblemFound,
    ProblemSolved,
    ProcessOutput,
    Ready,
    ScanProgress,
    TotalChanged,
    UpdateApplied,
    UpdateSummary,
)
from livereload_loc.httputil.hosts import is_local
from livereload_loc.terminal.text import counted, printable, short

THEME = {
    "loc.name": "bold green",
    "loc.address": "cyan",
    "loc.aside": "dim",
    "loc.well": "green",
    "loc.trouble": "bold yellow",
    "loc.key": "bold",
}
"""The colours are the terminal's own sixteen, so that they suit its theme, light or dark."""

KEYS = (
    ("r", "reload all pages"),
    ("o", "open in the browser"),
    ("u", "show the addresses"),
    ("p", "pause, and go on"),
    ("c", "clear the screen"),
    ("q", "quit"),
)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Nobody reads any more: rich would end the process without a word."""
        raise


def console(stream: TextIO) -> Console:
    """What draws the lines on ``stream``."""
    return _Console(file=stream, theme=Theme(THEME), highlight=False, soft_wrap=True)


def lines(report: Event, *, verbose: bool) -> list[Text]:
    """The lines that ``report`` is worth; none for what a person need not know."""
    match report:
        case Ready():
            return list(welcome(report))
        case ProcessOutput():
            return [_said(report)]
        case Info():
            return [Text(printable(line), "loc.aside") for line in report.text.splitlines()]
        case ScanProgress():
            return [Text(f"still reading {printable(', '.join(map(short, report.watching)))}", "loc.aside")]
        case UpdateSummary():
            took = (f"  {report.ms:.0f} ms", "loc.aside") if report.ms else ""
            return [_at_now(printable(report.line), took)]
        case ChangeIgnored() if verbose or not report.noise:
            more = f" and {report.count - 1} more" if report.count > 1 else ""
            why = report.why if report.why.startswith("ignored") else f"ignored, {report.why}"
            return [_at_now((f"{printable(report.path)}{more}: {printable(why)}", "loc.aside"))]
        case ProblemFound():
            detail = printable(report.detail, newlines=True)
            detail = f"\n{detail}" if detail and not report.printed else ""
            return [_at_now((printable(report.title), "loc.trouble"), detail)]
        case ProblemSolved():
            return [_at_now(("solved", "loc.well"), f": {printable(report.title)}")]
        case PauseChanged(on=True):
            return [_at_now("paused: saves are kept, and told when you press p again")]
        case PauseChanged():
            told = f": {counted(report.files, 'file')} saved meanwhile" if report.files else ""
            return [_at_now(f"going on{told}")]
        case ClientChanged() if verbose:
            return [_at_now((f"{printable(report.url)} {report.state}", "loc.aside"))]
        case TotalChanged() if verbose:
            return [_at_now((f"{printable(report.site)}: {report.total:,} online", "loc.aside"))]
        case UpdateApplied() if verbose:
            return [_at_now((f"{printable(report.url)}: {report.did}, {report.ms} ms", "loc.aside"))]
        case _:
            return []


def welcome(ready: Ready) -> Iterator[Text]:
    """The panel at the start: what it is, where it is, what is watched, what is yours to do."""
    yield Text()
    yield Text.assemble("  ", ("loc-dev", "loc.name"), f" {__version__}")
    yield Text()
    yield from addresses(ready)
    if ready.watching:
        files = (f"  {counted(ready.files, 'file')}", "loc.aside")
        yield _row("Watching", printable(", ".join(map(short, ready.watching))), files)
        address = ready.lan[0] if ready.lan else ready.url
        tag = f'<script src="{address}" async></script>'
    else:
        yield _row("Counting", "who is online, on any site that carries the tag")
        tag = f'<script src="{ready.script}" data-auto async></script>'
    if not ready.serves:
        yield _row("Your tag", tag)
    yield Text()
    hint = "press h for help, q to quit" if ready.keys else "Ctrl+C stops"
    yield Text(f"  {hint}", "loc.aside")
    yield Text()


def addresses(ready: Ready) -> Iterator[Text]:
    """Where it is, for this machine and for others."""
    yield _row("Local", (ready.url, "loc.address"))
    for address in ready.lan:
        yield _row("Network", (address, "loc.address"))
    if not ready.lan and is_local(urlsplit(ready.url).hostname or ""):
        yield _row("Network", ("--lan shows it to other devices", "loc.aside"))


def keys(*, watching: bool) -> Iterator[Text]:
    """What each key does; where nothing is watched, nothing can be reloaded or paused."""
    for key, what in KEYS if watching else (pair for pair in KEYS if pair[0] not in "rp"):
        yield Text.assemble("  ", (key, "loc.key"), f"  {what}")


def _row(name: str, *parts: str | tuple[str, str]) -> Text:
    return Text.assemble(f"  {name:<9} ", *parts)


def _at_now(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble((time.strftime("%H:%M:%S  "), "loc.aside"), *parts)


def _said(said: ProcessOutput) -> Text:
    line = Text.from_ansi(said.line)
    shown = Text.assemble((f"{printable(said.name)} \N{BOX DRAWINGS LIGHT VERTICAL} ", "loc.aside"), line)
    shown.plain = printable(shown.plain, newlines=True)  # of the same length, so that the colours stay
    return shown
