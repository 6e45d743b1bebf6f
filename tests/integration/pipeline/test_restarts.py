"""Backends that restart with saved code: pages are told when the new code answers, and never see the old."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.sync.client import ClientConnection, connect

from tests.support.backends import CSS, KINDS, Backend, backend
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE

NAVIGATION = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}


class Tab:
    """A page as the tool sees it: it is told of updates, and asks for itself when it is to reload."""

    def __init__(self, url: str, connection: ClientConnection) -> None:
        self._url, self._connection = url, connection
        self.hello = self.told()
        page = {"type": "page", "url": "/", "seq": self.hello["seq"], "run": self.hello["run"], "age": 0}
        connection.send(json.dumps(page))

    def told(self, within: float = DEADLINE) -> dict[str, Any]:
        """The next message; none within the time is a TimeoutError."""
        message: dict[str, Any] = json.loads(self._connection.recv(within))
        return message

    def fetch(self, path: str = "/") -> str:
        """What the browser gets for a navigation."""
        return self.ask(path).raise_for_status().text

    def ask(self, path: str = "/") -> httpx2.Response:
        """The answer to a navigation."""
        return httpx2.get(self._url + path, headers=NAVIGATION, timeout=DEADLINE)

    def applied(self, message: dict[str, Any], did: str = "reload") -> None:
        """Say what the page did about an update."""
        self._connection.send(json.dumps({"type": "applied", "seq": message["seq"], "did": did, "why": ""}))


@contextmanager
def paired(running: Backend, mode: str) -> Iterator[Tab]:
    folders = [running.folder / name for name in ("templates", "static", running.kind.file)]
    if mode == "proxy":
        paths = [part for folder in folders for part in ("--watch", str(folder))]
        arguments = ["proxy", running.url, "--code", "*.py", "--code", "*.js", *paths]
    else:
        arguments = [
            "watch",
            *map(str, folders),
            "--code",
            "*.py",
            "--code",
            "*.js",
            "--wait-for",
            running.url,
        ]
    with LocDev(*arguments, "--port", "0") as dev, connect(dev.socket_url, origin=dev.url) as connection:  # type: ignore[arg-type]
        yield Tab(dev.url if mode == "proxy" else running.url, connection)


@pytest.mark.parametrize("mode", ["proxy", "watch"])
@pytest.mark.parametrize("name", KINDS)
def test_templates_sheets_and_code(tmp_path: Path, name: str, mode: str) -> None:
    with backend(tmp_path / "app", name) as running, paired(running, mode) as tab:
        assert "version 1" in tab.fetch()
        running.save("templates/page.html", "<h1>one", "<h1>two")
        update = tab.told()
        assert (update["paths"], update["action"]) == (["page.html"], "reload")
        assert "<h1>two" in tab.fetch()
        tab.applied(update)
        running.save("static/site.css", CSS, "p { order: 2 }")
        update = tab.told()
        assert (update["paths"], update["action"]) == (["site.css"], "css")
        assert "order: 2" in tab.fetch("/static/site.css")
        tab.applied(update, "css")
        for version in (2, 3):
            running.save(running.kind.file, f"VERSION = {version - 1}", f"VERSION = {version}")
            update = tab.told()
            assert f"version {version}" in tab.fetch(), "the page was sent into the old code"
            assert (update["paths"], update["action"]) == ([running.kind.file], "reload")
            tab.applied(update)
            with pytest.raises(TimeoutError):
                tab.told(1.0)


@pytest.mark.parametrize("name", ["uvicorn", "node"])
def test_a_restart_that_takes_long_shows_no_error(tmp_path: Path, name: str) -> None:
    with backend(tmp_path / "app", name) as running, paired(running, "proxy") as tab:
        (running.folder / "slow").touch()
        begun = time.monotonic()
        running.save(running.kind.file, "VERSION = 1", "VERSION = 2")
        assert tab.told()["type"] == "update"
        assert "version 2" in tab.fetch()
        assert time.monotonic() - begun > 3


def test_code_that_does_not_start_leaves_the_page_and_is_said(tmp_path: Path) -> None:
    """uvicorn's reloader takes connections for a worker that never comes: no page may wait there."""
    pages: list[httpx2.Response] = []
    with backend(tmp_path / "app", "uvicorn") as running, paired(running, "proxy") as tab:
        with socket.create_connection(("127.0.0.1", running.port), DEADLINE) as held:
            running.save(running.kind.file, "VERSION = 1", "VERSION = = 1")
            with suppress(ConnectionResetError):
                held.recv(1)  # until the process is gone that accepted it
        waiting = threading.Thread(target=lambda: pages.append(tab.ask()), daemon=True)
        waiting.start()
        problem = tab.told()
        assert (problem["type"], problem["title"]) == ("problem", f"app.py: {running.url} does not answer")
        waiting.join(DEADLINE)
        for page in (*pages, tab.ask()):
            assert page.status_code == 502
            assert "It has answered nothing since app.py was saved." in page.text
        running.save(running.kind.file, "VERSION = = 1", "VERSION = 2")
        assert tab.told()["type"] == "solved"
        assert tab.told()["paths"] == ["app.py"]
        assert "version 2" in tab.fetch()


def test_code_that_is_mended_while_the_server_is_away_is_told_once(tmp_path: Path) -> None:
    with backend(tmp_path / "app", "uvicorn") as running, paired(running, "proxy") as tab:
        with socket.create_connection(("127.0.0.1", running.port), DEADLINE) as held:
            running.save(running.kind.file, "VERSION = 1", "VERSION = = 1")
            with suppress(ConnectionResetError):
                held.recv(1)  # until the process is gone that accepted it
        time.sleep(2)  # longer than a restart is looked for, and less than it is waited for
        running.save(running.kind.file, "VERSION = = 1", "VERSION = 2")
        update = tab.told()
        assert (update["type"], update["paths"]) == ("update", ["app.py"])
        assert "version 2" in tab.fetch()
        tab.applied(update)
        with pytest.raises(TimeoutError):
            tab.told(3.0)
