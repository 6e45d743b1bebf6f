"""Requests as bytes on a socket, not by a client that tidies them up."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass

from tests.support.waiting import DEADLINE

UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 if the connection ended without a word."""

    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes


def send(port: int, data: bytes, *, deadline: float = DEADLINE, enough: int = 1 << 20) -> Answer:
    """Send ``data``, and read until the connection ends."""
    received = b""
    connection = socket.create_connection(("127.0.0.1", port), deadline)
    with contextlib.closing(connection), contextlib.suppress(ConnectionError):
        connection.sendall(data)
        while len(received) < enough and (part := connection.recv(65536)):
            received += part
    return _parse(received)


def send_briefly(port: int, data: bytes) -> bytes:
    """Send ``data``, and read what comes at once."""
    received = b""
    connection = socket.create_connection(("127.0.0.1", port), DEADLINE)
    with contextlib.closing(connection), contextlib.suppress(ConnectionError, TimeoutError):
        connection.sendall(data)
        connection.settimeout(0.05)
        while part := connection.recv(65536):
            received += part
    return received


def get(
    port: int,
    target: str | bytes = b"/",
    *headers: bytes,
    method: bytes = b"GET",
    host: bytes | None = b"localhost",
    version: bytes = b"1.1",
) -> Answer:
    """Ask for ``target`` as it is, with these headers, under this name."""
    path = target.encode() if isinstance(target, str) else target
    lines = [method + b" " + path + b" HTTP/" + version, *headers, b"Connection: close", b"", b""]
    if host is not None:
        lines.insert(1, b"Host: " + host)
    return send(port, b"\r\n".join(lines))


def upgrade(
    port: int, path: bytes, *, origin: bytes | None = None, host: bytes = b"localhost", more: bytes = b""
) -> int:
    """The status of a WebSocket handshake."""
    head = b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n" + UPGRADE
    if origin is not None:
        head += b"Origin: " + origin + b"\r\n"
    connection = socket.create_connection(("127.0.0.1", port), DEADLINE)
    with contextlib.closing(connection), contextlib.suppress(ConnectionError):
        connection.sendall(head + more + b"\r\n")
        return _parse(connection.recv(65536)).status
    return 0


def talk(port: int, path: bytes, frames: bytes, codes: tuple[int, ...]) -> bytes:
    """What comes back over a WebSocket for these frames, until it is closed with one of ``codes``."""
    received = b""
    connection = socket.create_connection(("127.0.0.1", port), DEADLINE)
    with contextlib.closing(connection), contextlib.suppress(ConnectionError):
        connection.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + UPGRADE + b"\r\n")
        received = connection.recv(65536)
        connection.sendall(frames)
        while part := connection.recv(65536):
            received += part
            if any(code.to_bytes(2, "big") in received for code in codes):
                break
    return received


def _parse(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    words = first.split()
    if len(words) < 2 or not words[1].isdigit():
        return Answer(0, {}, received, received)
    headers = dict(line.decode("latin-1").lower().split(": ", 1) for line in lines if b": " in line)
    return Answer(int(words[1]), headers, body, received)
