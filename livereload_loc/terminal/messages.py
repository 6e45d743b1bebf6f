"""What a person reads about each event. Pure."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TextIO
from urllib.parse import urlsplit

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from livereload_loc import __version__, events
from livereload_loc.events import Event
from livereload_loc.httputil.hosts import is_local
from livereload_loc.pipeline.update_result import RESULTS
from livereload_loc.terminal.text import counted, printable, short

# The terminal's own sixteen colours, so that they suit its theme, light or dark.
THEME = {
    "loc.name": "bold green",
    "loc.address": "cyan",
    "loc.aside": "dim",
    "loc.success": "green",
    "loc.problem": "bold yellow",
    "loc.key": "bold",
}

KEYS = (
    ("r", "reload all pages"),
    ("o", "open in the browser"),
    ("u", "show the addresses"),
    ("p", "pause or resume"),
    ("c", "clear the screen"),
    ("q", "quit"),
)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Raise it again: rich would end the process without a word."""
        raise


def console(stream: TextIO) -> Console:
    """Return what draws lines on ``stream``."""
    return _Console(file=stream, theme=Theme(THEME), highlight=False, soft_wrap=True)


def lines(event: Event, *, verbose: bool) -> list[Text]:
    """Return the lines for ``event``; none for what a person need not know."""
    match event:
        case events.Ready():
            return list(welcome(event))
        case events.ProcessOutput():
            return [_process_line(event)]
        case events.Info():
            return [Text(printable(line), "loc.aside") for line in event.text.splitlines()]
        case events.ScanProgress():
            return [Text(f"still reading {printable(', '.join(map(short, event.watching)))}", "loc.aside")]
        case events.UpdateSummary():
            took = (f"  {event.ms:.0f} ms", "loc.aside") if event.ms else ""
            return [_at(event.at, printable(event.line), took)]
        case events.ChangeIgnored() if verbose or not event.noise:
            more = f" and {event.count - 1} more" if event.count > 1 else ""
            why = event.why if event.why.startswith("ignored") else f"ignored ({event.why})"
            return [_at_now((f"{printable(event.path)}{more}: {printable(why)}", "loc.aside"))]
        case events.ProblemFound():
            detail = printable(event.detail, newlines=True)
            detail = f"\n{detail}" if detail and not event.printed else ""
            return [_at_now((printable(event.title), "loc.problem"), detail)]
        case events.ProblemSolved():
            return [_at_now(("solved", "loc.success"), f": {printable(event.title)}")]
        case events.PauseChanged(on=True):
            return [_at_now("paused: saves are held until you press p again")]
        case events.PauseChanged():
            saved = f": {counted(event.files, 'file')} saved meanwhile" if event.files else ""
            return [_at_now(f"resumed{saved}")]
        case events.ClientChanged() if verbose:
            return [_at_now((f"{printable(event.url)} {event.state}", "loc.aside"))]
        case events.TotalChanged() if verbose:
            return [_at_now((f"{printable(event.site)}: {event.total:,} online", "loc.aside"))]
        case events.UpdateApplied() if verbose:
            why = f" ({printable(event.why)})" if event.why else ""
            return [
                _at_now((f"{printable(event.url)}: {RESULTS[event.did]}, {event.ms} ms{why}", "loc.aside"))
            ]
        case _:
            return []


def welcome(ready: events.Ready) -> Iterator[Text]:
    """Yield the panel at the start: the version, the addresses, what is watched, the tag."""
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
        yield _row("Counting", "the visitors of every site that has the tag")
        tag = f'<script src="{ready.script}" data-auto async></script>'
    if not ready.serves:
        yield _row("Your tag", tag)
    yield Text()
    hint = "press h for help, q to quit" if ready.keys else "press Ctrl+C to stop"
    yield Text(f"  {hint}", "loc.aside")
    yield Text()


def addresses(ready: events.Ready) -> Iterator[Text]:
    """Yield the addresses for this machine and for others."""
    yield _row("Local", (ready.url, "loc.address"))
    for address in ready.lan:
        yield _row("Network", (address, "loc.address"))
    if not ready.lan and is_local(urlsplit(ready.url).hostname or ""):
        yield _row("Network", ("use --lan to show it on other devices", "loc.aside"))


def keys(*, watching: bool) -> Iterator[Text]:
    """Yield what each key does; where nothing is watched, nothing can be reloaded or paused."""
    for key, what in KEYS if watching else (pair for pair in KEYS if pair[0] not in "rp"):
        yield Text.assemble("  ", (key, "loc.key"), f"  {what}")


def _row(name: str, *parts: str | tuple[str, str]) -> Text:
    return Text.assemble(f"  {name:<9} ", *parts)


def _at_now(*parts: str | tuple[str, str]) -> Text:
    return _at(time.time(), *parts)


def _at(seconds: float, *parts: str | tuple[str, str]) -> Text:
    return Text.assemble((time.strftime("%H:%M:%S  ", time.localtime(seconds)), "loc.aside"), *parts)


def _process_line(output: events.ProcessOutput) -> Text:
    name = f"{printable(output.name)} \N{BOX DRAWINGS LIGHT VERTICAL} "
    line = Text.assemble((name, "loc.aside"), Text.from_ansi(output.line))
    line.plain = printable(line.plain, newlines=True)  # of the same length, so that the colours stay
    return line
