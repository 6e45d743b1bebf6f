"""Answers that more than one app of ours gives."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from livereload_loc.access import PRIVATE, Refusal


def refuse(refusal: Refusal) -> Response:
    """The HTTP answer that says why, and which flag would allow it."""
    cure = f" To allow it, start loc-dev with {refusal.flag}" if refusal.option else ""
    return PlainTextResponse(f"Refused: {refusal.reason}.{cure}\n", refusal.status, PRIVATE)
