"""The real ``loc-dev`` as a process, and what it says with ``--json``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.waiting import DEADLINE

Event = dict[str, Any]


class LocDev:
    """A ``loc-dev`` process with ``--json``; entered once it is ready, gone when the block ends."""

    def __init__(
        self, *arguments: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.folder = next((path for path in arguments if isinstance(path, Path)), Path())
        """The first folder that it is given."""
        self.events: list[Event] = []
        self._changed = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            [sys.executable, "-m", "livereload_loc", str(arguments[0]), "--json", *map(str, arguments[1:])],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            text=True,
        )
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_events, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Self:
        try:
            self.ready = self.wait_for("ready")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return str(self.ready["url"])

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    @property
    def socket_url(self) -> str:
        """The address of the reload socket."""
        scheme = "wss" if self.url.startswith("https:") else "ws"
        return f"{scheme}://localhost:{self.port}/_loc/ws/reload"

    @property
    def errors(self) -> str:
        """What it has written to stderr so far."""
        return "".join(self._errors)

    def wait_for(
        self,
        name: str,
        matches: Callable[[Event], bool] = lambda _: True,
        *,
        since: int = 0,
        within: float = DEADLINE,
    ) -> Event:
        """The first event ``name`` that matches, among all from number ``since`` on; waits for it."""
        deadline = time.monotonic() + within
        with self._changed:
            while True:
                for event in self.events[since:]:
                    if event["event"] == name and matches(event):
                        return event
                left = deadline - time.monotonic()
                if left <= 0 or (self._ended and not self._changed.wait(0.1)):
                    raise AssertionError(
                        f"no event {name!r}; there were {self.events}; stderr: {self.errors}"
                    )
                self._changed.wait(left)

    def mark(self) -> int:
        """How many events there were, to wait for later ones only."""
        with self._changed:
            return len(self.events)

    def count(self, name: str, since: int = 0) -> int:
        """How many events ``name`` there were."""
        with self._changed:
            return sum(event["event"] == name for event in self.events[since:])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it with a signal, if it still runs; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        for reader in self._readers:
            reader.join(DEADLINE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return self.process.returncode

    def _read_events(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self._errors.append(line)
