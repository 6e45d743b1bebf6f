"""Prints events as JSON, for programs."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from livereload_loc import events
from livereload_loc.events import Event


class JsonPrinter:
    """Prints one JSON object a line, flushed, with its name under the key ``event``; nothing else."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        """Print ``event`` if programs get its kind; what other programs print goes to stderr."""
        if isinstance(event, events.ProcessOutput):
            sys.stderr.write(f"{event.name} | {event.line}\n")
            sys.stderr.flush()
        if message := as_message(event):
            print(json.dumps(message), file=self._stream, flush=True)


def as_message(event: Event) -> dict[str, object] | None:
    """Return ``event`` as ``--json`` prints it; None for what only people read."""
    match event:
        case events.Ready():
            ready = {"event": "ready", "url": event.url, "script": event.script, "pid": event.pid}
            return {**ready, "lan": event.lan} if event.lan else ready
        case events.UpdateSent():
            return {"event": "change", "paths": event.paths, "action": event.action, "pages": event.pages}
        case events.UpdateApplied():
            applied = {"event": "applied", "paths": event.paths, "page": event.url,
                       "did": event.did, "ms": event.ms}  # fmt: skip
            return {**applied, "why": event.why} if event.why else applied
        case events.ChangeIgnored():
            return {"event": "ignored", "path": event.path, "why": event.why}
        case events.ClientChanged():
            return {"event": "client", "state": event.state, "page": event.url, "clients": event.pages}
        case events.TotalChanged():
            return {"event": "total", "site": event.site, "total": event.total}
        case events.ProblemFound():
            return {"event": "problem", "title": event.title, "detail": event.detail}
        case events.ProblemSolved():
            return {"event": "solved"}
        case _:
            return None
