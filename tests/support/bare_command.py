"""``loc-dev`` without a command, and the pages that it then serves."""

from __future__ import annotations

import json
from pathlib import Path

import httpx2
from websockets.sync.client import ClientConnection

from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE


def bare(folder: Path, *options: str, **environment: str) -> LocDev:
    """Return ``loc-dev`` with options and without a command."""
    return LocDev("--port=0", *options, cwd=folder, env=environment)


def announced(dev: LocDev) -> str:
    """Return the line that says what runs."""
    return next(line for line in dev.errors.splitlines() if ", running: " in line)


def fetch(url: str) -> str:
    """Return the page as a browser gets it."""
    return httpx2.get(url, timeout=DEADLINE).text


def updated(page: ClientConnection) -> list[str]:
    """Return the paths of the next update."""
    while True:
        message = json.loads(page.recv(DEADLINE))
        if message["type"] == "update":
            return list(message["paths"])


def save(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
