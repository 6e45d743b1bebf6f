"""Programs on terminals of their own, for tests that look at what a person sees."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pyte

from tests.support.waiting import DEADLINE, until


class Terminal:
    """A program on a terminal of its own, whose foreground it is, and the screen as a person sees it."""

    def __init__(
        self,
        *command: str | Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self._ours, theirs = pty.openpty()
        self._lock = threading.Lock()
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.resize(*size)
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        self.process = subprocess.Popen(
            ["setsid", "--wait", "--ctty", *map(str, command)],
            cwd=cwd, env={**inherited, "TERM": "xterm", **(env or {})},
            stdin=theirs, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.type("\x03")
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                subprocess.run(["pkill", "-KILL", "--session", str(self._session())], check=False)
                self.process.wait(DEADLINE)
                raise
        self._reader.join(DEADLINE)
        os.close(self._ours)

    def _session(self) -> int:
        """That of the terminal, whose first process setsid has started and waits for."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def type(self, keys: str) -> None:
        os.write(self._ours, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        with self._lock:
            self.screen.resize(rows, columns)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, from top to bottom."""
        with self._lock:
            return [line.rstrip() for line in self.screen.display if line.strip()]

    def shows(self, pattern: str) -> None:
        """Wait until a line of the screen matches."""
        try:
            until(lambda: re.search(pattern, "\n".join(self.lines), re.MULTILINE))
        except AssertionError:
            raise AssertionError(f"{pattern!r} never stood in {self.lines}") from None

    @property
    def url(self) -> str:
        self.shows(r"Local +http://\S+")
        found = re.search(r"Local +(http://\S+)", "\n".join(self.lines))
        assert found
        return found[1]

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._ours, 65_536)
            except OSError:  # the last program on it has gone
                return
            with self._lock:
                self.raw += data
                self._stream.feed(data)
