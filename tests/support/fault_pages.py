"""Saves and pages for the tests of faults."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE

RUN = [sys.executable, "-m", "livereload_loc"]


INTRODUCTION = json.dumps({"type": "page", "url": "/", "seq": None, "run": None, "age": 0})


@contextmanager
def page(dev: LocDev) -> Iterator[ClientConnection]:
    """A page that is open."""
    with connect(dev.socket_url, proxy=None) as socket:
        assert json.loads(socket.recv(DEADLINE))["type"] == "hello"
        socket.send(INTRODUCTION)
        dev.wait_for("client", lambda event: event["state"] == "joined")
        yield socket


def told(socket: ClientConnection) -> dict[str, Any]:
    """The next update."""
    while True:
        message: dict[str, Any] = json.loads(socket.recv(DEADLINE))
        if message["type"] == "update":
            return message


def save(file: Path, text: str) -> None:
    """Save as most editors do."""
    spare = file.with_name(f".{file.name}.spare")
    spare.write_text(text)
    spare.replace(file)
