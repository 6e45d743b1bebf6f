"""A reload socket of a page that has introduced itself, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE


@contextmanager
def opened(dev: LocDev) -> Iterator[ClientConnection]:
    """A page that has introduced itself."""
    with connect(dev.socket_url) as page:
        hello = told(page, "hello")
        page.send(json.dumps({**hello, "type": "page", "url": "/", "age": 0}))
        yield page


def told(page: ClientConnection, kind: str) -> dict[str, object]:
    """Return the next message, which must be of this kind."""
    message: dict[str, object] = json.loads(page.recv(DEADLINE))
    assert message["type"] == kind, message
    return message


def told_nothing(page: ClientConnection, seconds: float = 1.0) -> None:
    with pytest.raises(TimeoutError):
        page.recv(seconds)
