"""The state of the server that pages come from: up, restarting, or down for a reason."""

from __future__ import annotations

import asyncio


class BackendState:
    """The state of the backend, shared by all that watch it.

    The command that runs it, the proxy that connects to it and the step that waits for its restart record
    here what they learn, and read what the others have learned.
    """

    def __init__(self) -> None:
        self.restarting = False
        """Whether a restart has begun and it has not responded since."""
        self.silent_since = ""
        """The path of the save after which it did not respond in time; empty once it responds."""
        self.foreign = False
        """Whether something else listened at its address before our command was started."""
        self._crash = ""
        self._crashed = asyncio.Event()
        self._sign = asyncio.Event()

    @property
    def silent_reason(self) -> str:
        """The reason to send it nothing, though it may accept connections; empty while it may respond."""
        return f"it has answered nothing since {self.silent_since} was saved" if self.silent_since else ""

    @property
    def down_reason(self) -> str:
        """The reason why it will not come back by itself; empty while it may."""
        return "" if self.foreign else self._crash

    def responded(self) -> None:
        """Note that it is up."""
        self.restarting, self.silent_since = False, ""

    def crashed(self, how: str) -> None:
        """Note that the command that runs it has ended with an error."""
        self._crash, self.silent_since = how, ""
        self._crashed.set()

    def started(self) -> None:
        """Note that the command that runs it is started again."""
        self._crash = ""
        self._crashed.clear()

    async def wait_for_crash(self) -> str:
        """Wait until the command has crashed, and return how it ended."""
        await self._crashed.wait()
        return self._crash

    def note_sign(self) -> None:
        """Record a possible sign of a restart: a closed or refused connection, or a new process."""
        self._sign.set()

    async def wait_for_sign(self) -> None:
        """Wait for the next sign."""
        self._sign.clear()
        await self._sign.wait()
