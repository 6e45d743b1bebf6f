"""The answer to what is refused."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from livereload_loc.access import PRIVATE, Refusal


def refuse(refusal: Refusal) -> Response:
    """Return the answer that says why, and which option would let it in; it also denies a WebSocket."""
    cure = f" To allow it, start loc-dev with {refusal.flag}" if refusal.option else ""
    return PlainTextResponse(f"Refused: {refusal.reason}.{cure}\n", refusal.status, PRIVATE)
