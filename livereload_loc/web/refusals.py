"""The answer to what is refused."""

from __future__ import annotations

from starlette.responses import PlainTextResponse, Response

from livereload_loc.access import Refusal


def refuse(refusal: Refusal) -> Response:
    """Return the answer that says why, and which option would let it in; it also denies a WebSocket."""
    return PlainTextResponse(refusal.text, refusal.status, refusal.headers)
