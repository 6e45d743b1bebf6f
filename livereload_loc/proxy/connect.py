"""Opening connections to the upstream, and why that fails."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from livereload_loc.proxy.connection import UpstreamConnection
from livereload_loc.proxy.response_parser import UpstreamFailed
from livereload_loc.proxy.target import UpstreamTarget

CONNECT_SECONDS = 10.0
_SECOND_ADDRESS_SECONDS = 0.25
"""After so long the next address of the name is tried as well (RFC 8305)."""


class UpstreamUnreachable(UpstreamFailed):
    """No connection was to be had, and nothing was sent. ``hopeless``: waiting will not mend it."""

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        self.hopeless = hopeless
        super().__init__(reason)


class UpstreamConnector:
    """Connects to ``target``; ``insecure`` takes its certificate as it is."""

    def __init__(self, target: UpstreamTarget, *, insecure: bool) -> None:
        self._target = target
        self._ssl = _context(insecure) if target.secure else None
        # Not on this machine, where a port refuses at once: asyncio's race leaves a socket behind when it is
        # cancelled just as it is won, by a browser that leaves, say.
        self._race = None if "localhost" in target.names else _SECOND_ADDRESS_SECONDS
        self._address = ""

    async def dial(self, on_idle_end: Callable[[UpstreamConnection], None]) -> UpstreamConnection:
        """A new connection.

        Raises:
            Unreachable: there is none to be had.
        """
        if self._address:  # that of localhost at which it listens, say
            try:
                return await self._connect(self._address, on_idle_end)
            except OSError:
                self._address = ""
        try:
            connection = await self._connect(self._target.host, on_idle_end)
        except OSError as error:
            raise self._explained(error) from None
        self._address = connection.address
        return connection

    async def _connect(
        self, host: str, on_idle_end: Callable[[UpstreamConnection], None]
    ) -> UpstreamConnection:
        connection = UpstreamConnection(on_idle_end)
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().create_connection(
                lambda: connection,
                host,
                self._target.port,
                ssl=self._ssl,
                server_hostname=self._target.host if self._ssl else None,
                happy_eyeballs_delay=self._race,
            )
        return connection

    def _explained(self, error: OSError) -> UpstreamUnreachable:
        match error:
            case ssl.SSLCertVerificationError():
                why = f"its certificate cannot be trusted ({error.verify_message})"
                return UpstreamUnreachable(f"{why}; --insecure takes it as it is", hopeless=True)
            case ssl.SSLEOFError():
                return UpstreamUnreachable("it closed the connection")
            case ssl.SSLError():
                return UpstreamUnreachable("it does not speak TLS; is it http:// instead?", hopeless=True)
            case socket.gaierror():
                return UpstreamUnreachable(f"there is no host {self._target.host}", hopeless=True)
            case TimeoutError():
                return UpstreamUnreachable("it does not take connections")
        return UpstreamUnreachable("nothing listens there")


def _context(insecure: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
