"""Visitors of a real ``loc-dev count``: WebSockets that keep what they are told."""

from __future__ import annotations

import json
import threading
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.waiting import DEADLINE

PATH = "/_loc/ws/counter"


class Visitor:
    """One open page of ``site``; ``headers`` go with its handshake."""

    def __init__(
        self, url: str, site: str = "shop.example", *, source: str | None = None, **headers: str
    ) -> None:
        self.messages: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self._changed = threading.Condition()
        self._opening = connect(
            url.replace("http", "ws", 1) + PATH,
            origin=f"https://{site}",  # type: ignore[arg-type]
            additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
            source_address=(source, 0) if source else None,
            proxy=None,
            compression=None,
            ping_interval=None,
        )
        self._socket = self._opening.__enter__()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    @property
    def total(self) -> int | None:
        """The last total it was told."""
        return self.messages[-1]["total"] if self.messages else None

    @property
    def state(self) -> str | None:
        """The last state it was told."""
        return self.messages[-1]["state"] if self.messages else None

    def send(self, message: str | bytes) -> None:
        """Say something."""
        self._socket.send(message)

    def expect(self, total: int, state: str = "live", within: float = DEADLINE) -> None:
        """Wait until it was told this."""
        with self._changed:
            done = self._changed.wait_for(lambda: (self.total, self.state) == (total, state), within)
        assert done, f"not {total} {state}: {self.messages[-5:]}"

    def expect_end(self, within: float = DEADLINE) -> tuple[int, str]:
        """Wait until the socket is closed; code and reason."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.closed, within), "it is still open"
        assert self.closed
        return self.closed

    def leave(self, code: int = 1000) -> None:
        """Go."""
        self._socket.close(code)
        self._thread.join(DEADLINE)

    def drop(self) -> None:
        """Go without a word."""
        self._socket.socket.close()

    def _listen(self) -> None:
        try:
            for message in self._socket:
                with self._changed:
                    self.messages.append(json.loads(message))
                    self._changed.notify_all()
        except (ConnectionClosed, OSError):
            pass
        with self._changed:
            self.closed = self._socket.close_code or 1006, self._socket.close_reason or ""
            self._changed.notify_all()
