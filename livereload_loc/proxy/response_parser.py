"""An HTTP/1.1 response as it comes in: its head, then its body piece by piece, or why there is no more.

The grammar is llhttp's (through httptools, which uvicorn has at its other end).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import httptools

from livereload_loc.httputil.headers import get, tokens

# Bytes of a response's start and headers, above which it is given up.
MAX_HEAD = 256 * 1024

# Bytes of a body that are held for a slow reader before the server is made to wait.
HIGH_WATER = 256 * 1024

_CODINGS = frozenset((b"chunked", b"identity"))


class UpstreamFailed(Exception):
    """The upstream gave no response, or not all of it; ``str()`` says why in plain words."""

    @property
    def sentence(self) -> str:
        """Why, as a sentence."""
        reason = str(self)
        return f"{reason[:1].upper()}{reason[1:]}."


class ConnectionLost(UpstreamFailed):
    """The connection ended too early. ``begun``: something of the response had come."""

    def __init__(self, reason: str, *, begun: bool) -> None:
        self.begun = begun
        super().__init__(reason)


class BadResponse(UpstreamFailed):
    """What came is no HTTP, or none that can be passed on."""


@dataclass(slots=True)
class ResponseHead:
    """The start of a response; header names are in lower case."""

    status: int
    headers: list[tuple[bytes, bytes]]


class ResponseParser:
    """The response to one request.

    ``upgrade``: the request asked for another protocol, and after a 101 the body is what is spoken in it.
    ``hold`` is called with True when too much has come, with False when more may.
    """

    def __init__(self, method: str, hold: Callable[[bool], None], *, upgrade: bool = False) -> None:
        self._is_head, self._hold, self._upgrade = method == "HEAD", hold, upgrade
        self._parser = httptools.HttpResponseParser(self)
        # As lenient as browsers; our own server writes anew whatever is passed on.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._head: ResponseHead | None = None
        self._fields: list[tuple[bytes, bytes]] = []
        self._error: UpstreamFailed | None = None
        self._head_size = 0
        self._body = bytearray()
        self._held = self._begun = self._complete = self._raw = self._surplus = False
        self._keep_alive = self._until_end = False
        self._changed = asyncio.Event()
        self.continued = asyncio.Event()
        """Set once the server asks for the body (100; RFC 9110, section 10.1.1), has responded or is gone."""

    @property
    def reusable(self) -> bool:
        """Whether it is complete, and its connection may carry another one."""
        return self._complete and self._keep_alive and not self._surplus and not self._raw

    @property
    def arrived(self) -> bool:
        """Whether its start is there, or it is known that none will come."""
        return self._head is not None or self._error is not None

    async def head(self) -> ResponseHead:
        """Wait for its start.

        Raises:
            UpstreamFailed: it will not.
        """
        while self._head is None:
            if self._error:
                raise self._error
            await self._wait()
        return self._head

    async def read(self) -> tuple[bytes, bool]:
        """Wait for more of the body; return it, empty only at the end, and whether there may be more.

        Raises:
            UpstreamFailed: the rest of the body will not come.
        """
        while not self._body:
            if self._complete:
                return b"", False
            if self._error:
                raise self._error
            await self._wait()
        data = bytes(self._body)
        self._body.clear()
        if self._held:
            self._held = False
            self._hold(False)
        return data, not self._complete

    def feed(self, data: bytes) -> bool:
        """Take what the connection brought; return False when the connection is of no more use."""
        if self._raw:
            self.on_body(data)
            return True
        if self._error:
            return False
        self._begun = True
        try:
            if self._head is None:
                self._head_size += len(data)
            self._parser.feed_data(data)
            if self._head is None and self._head_size > MAX_HEAD:
                raise BadResponse(f"its headers are larger than {MAX_HEAD // 1024} kB")
        except httptools.HttpParserUpgrade as upgrade:
            if rest := data[upgrade.args[0] :]:
                self.on_body(rest)
        except BadResponse as error:
            self._fail(error)
        except httptools.HttpParserError as error:
            if self._complete:
                self._surplus = True
            else:
                cause = error.__context__  # what a method of ours raised while it was called
                ours = cause if isinstance(cause, BadResponse) else None
                self._fail(ours or BadResponse(f"what it says is no HTTP ({error})"))
        return self._error is None

    def end(self, error: Exception | None) -> None:
        """Note that the connection has ended; ``error`` where it was not closed properly."""
        if self._complete or self._error:
            return
        if self._head and self._until_end and not error:
            self._complete = True
        else:
            how = "reset" if error else "closed"
            when = "in the middle of its answer" if self._begun else "before it answered"
            self._error = ConnectionLost(f"it {how} the connection {when}", begun=self._begun)
        self._wake()

    # What the parser calls (httptools.HTTPProtocol).

    def on_message_begin(self) -> None:
        self._surplus = self._complete  # one response is enough

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._head is None:  # else it is a trailer
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        status, headers = self._parser.get_status_code(), self._fields
        if status == 101:
            if not self._upgrade:
                raise BadResponse("it switched to a protocol that nobody asked for")
            self._raw = True
        elif status < 200:  # a response before the response (RFC 9110, section 15.2)
            self._fields = []
            if status == 100:
                self.continued.set()
            return
        elif status > 599:
            raise BadResponse(f"there is no HTTP status {status}")
        else:
            self._frame(status, headers)
        self._head = ResponseHead(status, headers)
        self._complete = self._is_head and not self._raw
        self._wake()

    def on_body(self, body: bytes) -> None:
        if self._complete:
            self._surplus = True
            return
        self._body += body
        if len(self._body) > HIGH_WATER and not self._held:
            self._held = True
            self._hold(True)
        self._wake()

    def on_message_complete(self) -> None:
        if self._head and not self._raw:
            self._complete = True
            self._wake()

    def _frame(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """See where the body ends and whether the connection lives on (RFC 9112, sections 6.3 and 9.3)."""
        codings, connection = tokens(headers, b"transfer-encoding"), tokens(headers, b"connection")
        if not codings <= _CODINGS:
            raise BadResponse("it compresses the transfer, which nobody asked for")
        sized = b"chunked" in codings or get(headers, b"content-length") is not None
        framed = self._is_head or status in (204, 304) or sized
        keep = self._parser.get_http_version() == "1.1" or b"keep-alive" in connection
        self._until_end = not framed
        self._keep_alive = keep and framed and b"close" not in connection

    def _fail(self, error: UpstreamFailed) -> None:
        self._error = error
        self._wake()

    async def _wait(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _wake(self) -> None:
        self.continued.set()
        self._changed.set()
