"""The headers of a request or an answer, as ASGI has them: pairs of bytes, their names in lower case."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

Headers = Sequence[tuple[bytes, bytes]]
HeaderList = list[tuple[bytes, bytes]]


def get(headers: Headers, name: bytes) -> bytes | None:
    """Return the value of the first header ``name``."""
    for key, value in headers:
        if key == name:
            return value
    return None


def tokens(headers: Headers, name: bytes) -> frozenset[bytes]:
    """Return the comma separated words of all headers ``name``, in lower case."""
    return frozenset(
        word.strip() for key, value in headers if key == name for word in value.lower().split(b",")
    )


def header(scope: MutableMapping[str, Any], name: bytes) -> str | None:
    """Return the value of the first header ``name`` of an ASGI connection as text."""
    value = get(scope["headers"], name)
    return None if value is None else value.decode("latin-1")
