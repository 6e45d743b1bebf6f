"""All that is printed: lines for people, drawn with rich, or one JSON object a line for programs."""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from . import __version__
from .errors import OutputLost
from .reports import (
    Accounted,
    AppliedBy,
    Changed,
    Client,
    Mended,
    NotTold,
    Reading,
    Ready,
    Report,
    Reporter,
    Said,
    Told,
    Total,
    Trouble,
)
from .settings import Output

if TYPE_CHECKING:
    from rich.text import Text


def reporter(output: Output) -> Reporter:
    """What prints reports in the way the user asked for.

    A name that the terminal's encoding does not have is printed with escapes; output that is lost raises
    :class:`OutputLost`.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    printer = JsonPrinter(sys.stdout) if output == "json" else Terminal(output)

    def report(what: Report) -> None:
        try:
            printer(what)
        except OSError as error:
            raise OutputLost(error.strerror or str(error)) from None

    return report


class JsonPrinter:
    """One JSON object a line, flushed, its name under the key ``event``, and nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, report: Report) -> None:
        """Print ``report`` if programs are told of it; what other programs say goes to stderr."""
        if isinstance(report, Said):
            sys.stderr.write(f"{report.name} | {report.line}\n")
            sys.stderr.flush()
        event = as_event(report)
        if event:
            print(json.dumps(event), file=self._stream, flush=True)


def as_event(report: Report) -> dict[str, object] | None:
    """``report`` as ``--json`` prints it; None for what is only for people."""
    match report:
        case Ready():
            ready = {"event": "ready", "url": report.url, "script": report.script, "pid": report.pid}
            return {**ready, "lan": report.lan} if report.lan else ready
        case Changed():
            return {
                "event": "change",
                "paths": report.paths,
                "action": report.action,
                "pages": report.pages,
            }
        case AppliedBy():
            return {
                "event": "applied",
                "paths": report.paths,
                "page": report.page,
                "did": report.did,
                "ms": report.ms,
            }
        case NotTold():
            return {"event": "ignored", "path": report.path, "why": report.why}
        case Client():
            return {
                "event": "client",
                "state": report.state,
                "page": report.page,
                "clients": report.clients,
            }
        case Total():
            return {"event": "total", "site": report.site, "total": report.total}
        case Trouble():
            return {"event": "problem", "title": report.title, "detail": report.detail}
        case Mended():
            return {"event": "solved"}
        case Accounted() | Reading() | Said() | Told():
            return None


class Terminal:
    """A few calm lines for a person; rich is imported with the first of them, to start at once."""

    def __init__(self, output: Output, write: Callable[[Text], None] | None = None) -> None:
        self._output = output
        self._write = write

    def __call__(self, report: Report) -> None:
        """Print ``report`` if the user wants to see its kind."""
        if self._output == "quiet" and not isinstance(report, Trouble | Said):
            return
        for line in self._lines(report):
            self._print(line)

    def _lines(self, report: Report) -> list[Text]:
        from rich.text import Text

        verbose = self._output == "verbose"
        match report:
            case Ready():
                return _welcome(report)
            case Said():
                return [_said(report)]
            case Told():
                return [Text(printable(line), "dim") for line in report.text.splitlines()]
            case Reading():
                return [Text(f"still reading {printable(', '.join(report.watching))}", "dim")]
            case Accounted():
                took = (f"  {report.ms:.0f} ms", "dim") if report.ms else ""
                return [Text.assemble(_now(), printable(report.line), took)]
            case NotTold() if verbose or not report.noise:
                more = f" and {report.count - 1} more" if report.count > 1 else ""
                text = f"{printable(report.path)}{more}: {printable(report.why)}"
                return [Text.assemble(_now(), (text, "dim"))]
            case Trouble():
                detail = printable(report.detail, newlines=True)
                detail = f"\n{detail}" if detail and not report.said else ""
                return [Text.assemble(_now(), (printable(report.title), "bold yellow"), detail)]
            case Mended():
                return [Text.assemble(_now(), ("solved", "green"))]
            case Client() if verbose:
                return [Text.assemble(_now(), (f"{printable(report.page)} {report.state}", "dim"))]
            case Total() if verbose:
                return [Text.assemble(_now(), (f"{printable(report.site)}: {report.total:,} online", "dim"))]
            case AppliedBy() if verbose:
                return [
                    Text.assemble(_now(), (f"{printable(report.page)}: {report.did}, {report.ms} ms", "dim"))
                ]
            case _:
                return []

    def _print(self, line: Text) -> None:
        if self._write is None:
            from rich.console import Console

            console = Console(highlight=False, soft_wrap=True)
            self._write = lambda text: console.print(text)
        self._write(line)


def printable(text: str, *, newlines: bool = False) -> str:
    """``text`` from outside without the characters that steer a terminal or cannot be printed."""
    return "".join(
        char if char.isprintable() or (newlines and char in "\n\t") else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )


def _welcome(ready: Ready) -> list[Text]:
    from rich.text import Text

    lines = [Text.assemble(("loc-dev", "bold green"), f" {__version__}  ", (ready.url, "cyan"))]
    if ready.watching:
        files = "1 file" if ready.files == 1 else f"{ready.files:,} files"
        watching = printable(", ".join(ready.watching))
        lines.append(Text.assemble(("watching ", "dim"), watching, (f"  {files}", "dim")))
        tag = f'<script src="{ready.url}" async></script>'
    else:
        lines.append(Text("counting who is online", "dim"))
        tag = f'<script src="{ready.script}" data-auto async></script>'
    if not ready.serves:
        lines += [Text("your pages need this tag", "dim"), Text(f"  {tag}")]
    return [*lines, Text("Ctrl+C stops", "dim")]


def _said(said: Said) -> Text:
    from rich.text import Text

    line = Text.from_ansi(said.line)
    shown = Text.assemble((f"{printable(said.name)} \N{BOX DRAWINGS LIGHT VERTICAL} ", "dim"), line)
    shown.plain = printable(shown.plain, newlines=True)  # of the same length, so that the colours stay
    return shown


def _now() -> tuple[str, str]:
    return time.strftime("%H:%M:%S  "), "dim"
