"""One connection to an HTTP/1.1 server. What is sent goes out as it is, byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from livereload_loc.proxy.response_parser import ConnectionLost, ResponseParser


class UpstreamConnection(asyncio.Protocol):
    """Carries one exchange after the other. ``on_idle_end`` is called when it ends between two of them."""

    def __init__(self, on_idle_end: Callable[[UpstreamConnection], None]) -> None:
        self._on_idle_end = on_idle_end
        self._transport: asyncio.Transport | None = None
        self._response: ResponseParser | None = None
        self._writable: asyncio.Event | None = None
        self._ended = False
        self.used = False
        """Whether it has carried an exchange before."""

    @property
    def open(self) -> bool:
        """Whether a request can be sent on it."""
        return not self._ended and self._transport is not None and not self._transport.is_closing()

    @property
    def address(self) -> str:
        """The literal address at its other end."""
        peer = self._transport.get_extra_info("peername") if self._transport else None
        return str(peer[0]) if peer else ""

    @property
    def response(self) -> ResponseParser:
        """The response of the exchange that is under way."""
        assert self._response, "no request was sent"
        return self._response

    def begin(self, head: bytes, method: str, *, upgrade: bool = False) -> ResponseParser:
        """Send the head of a request; return the response, which has yet to arrive."""
        assert self._transport
        self._response = ResponseParser(method, self._hold, upgrade=upgrade)
        if self.open:
            self._transport.write(head)
        else:
            self._response.end(None)
        return self._response

    async def send(self, data: bytes) -> None:
        """Send more of the request; return once the server has taken enough of it.

        Raises:
            ConnectionLost: the connection has ended.
        """
        if not self.open or self._transport is None:
            raise ConnectionLost("it closed the connection", begun=False)
        self._transport.write(data)
        if self._writable:
            await self._writable.wait()

    def finish(self) -> bool:
        """End an exchange; return whether another one may follow."""
        reusable = self.open and self._response is not None and self._response.reusable
        self._response, self.used = None, True
        return reusable

    def abort(self) -> None:
        """End it at once."""
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        # Bytes that nobody asked for, such as a 408, end the connection.
        if self._response is None or not self._response.feed(data):
            self.abort()

    def eof_received(self) -> None:
        """Do nothing when the server will send no more: the transport closes itself."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        if self._response:
            self._response.end(exc)
        else:
            self._on_idle_end(self)
        self.resume_writing()

    def pause_writing(self) -> None:
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        if self._writable:
            self._writable.set()
            self._writable = None

    def _hold(self, hold: bool) -> None:
        if self._transport and not self._ended:
            (self._transport.pause_reading if hold else self._transport.resume_reading)()
