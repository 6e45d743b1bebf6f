"""What ``--json`` prints, for programs."""

from __future__ import annotations

import json
import sys
from typing import TextIO

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
    ScreenCommand,
    TotalChanged,
    UpdateApplied,
    UpdateSent,
    UpdateSummary,
)


class JsonPrinter:
    """One JSON object a line, flushed, its name under the key ``event``, and nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, report: Event) -> None:
        """Print ``report`` if programs are told of it; what other programs say goes to stderr."""
        if isinstance(report, ProcessOutput):
            sys.stderr.write(f"{report.name} | {report.line}\n")
            sys.stderr.flush()
        event = as_event(report)
        if event:
            print(json.dumps(event), file=self._stream, flush=True)

    def close(self) -> None:
        """Nothing is left to say."""


def as_event(report: Event) -> dict[str, object] | None:
    """``report`` as ``--json`` prints it; None for what is only for people."""
    match report:
        case Ready():
            ready = {"event": "ready", "url": report.url, "script": report.script, "pid": report.pid}
            return {**ready, "lan": report.lan} if report.lan else ready
        case UpdateSent():
            return {
                "event": "change",
                "paths": report.paths,
                "action": report.action,
                "pages": report.pages,
            }
        case UpdateApplied():
            return {
                "event": "applied",
                "paths": report.paths,
                "page": report.url,
                "did": report.did,
                "ms": report.ms,
            }
        case ChangeIgnored():
            return {"event": "ignored", "path": report.path, "why": report.why}
        case ClientChanged():
            return {
                "event": "client",
                "state": report.state,
                "page": report.url,
                "clients": report.pages,
            }
        case TotalChanged():
            return {"event": "total", "site": report.site, "total": report.total}
        case ProblemFound():
            return {"event": "problem", "title": report.title, "detail": report.detail}
        case ProblemSolved():
            return {"event": "solved"}
        case UpdateSummary() | ScanProgress() | ProcessOutput() | Info() | PauseChanged() | ScreenCommand():
            return None
