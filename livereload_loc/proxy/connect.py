"""Connects to the upstream, and explains why that fails."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

from livereload_loc.httputil.tls import unverified_context
from livereload_loc.proxy.connection import UpstreamConnection
from livereload_loc.proxy.response_parser import UpstreamFailed
from livereload_loc.proxy.target import UpstreamTarget

CONNECT_SECONDS = 10.0

# After so long the next address of the name is tried as well (RFC 8305).
_SECOND_ADDRESS_SECONDS = 0.25


class UpstreamUnreachable(UpstreamFailed):
    """No connection could be opened, and nothing was sent. ``hopeless``: waiting does not help."""

    def __init__(self, reason: str, *, hopeless: bool = False) -> None:
        self.hopeless = hopeless
        super().__init__(reason)


class UpstreamConnector:
    """Connects to ``target``; with ``insecure``, its certificate is not verified."""

    def __init__(self, target: UpstreamTarget, *, insecure: bool) -> None:
        self._target = target
        self._tls: ssl.SSLContext | None = None
        if target.secure:
            self._tls = unverified_context() if insecure else ssl.create_default_context()
        # Not on this machine, where a port refuses at once: asyncio's race leaves a socket behind when it is
        # cancelled just as it is won, by a browser that leaves, say.
        self._race = None if "localhost" in target.names else _SECOND_ADDRESS_SECONDS
        self._address = ""

    async def connect(self, on_idle_end: Callable[[UpstreamConnection], None]) -> UpstreamConnection:
        """Open a connection.

        Raises:
            UpstreamUnreachable: that failed.
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
                ssl=self._tls,
                server_hostname=self._target.host if self._tls else None,
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
