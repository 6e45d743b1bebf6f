"""What comes to a TLS port that is no browser, and what is open when it stops."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path

import httpx2
import pytest

from livereload_loc.server.uvicorn_server import TLS_HANDSHAKE_SECONDS
from tests.support.loc_dev import LocDev
from tests.support.tls_clients import secure
from tests.support.waiting import DEADLINE


def test_strangers_to_tls_make_no_noise(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
    """A browser that does not trust it, a scanner, plain HTTP, somebody who hangs up."""
    with LocDev("serve", site, *pair, "--counter", "--port", "0") as dev:
        for said in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\0" * 2000, b"\x16\x03\x01", b""):
            with socket.create_connection(("127.0.0.1", dev.port), DEADLINE) as plain:
                plain.sendall(said)
                if len(said) > 10:
                    with contextlib.suppress(ConnectionError):
                        assert b"HTTP/" not in plain.recv(4096)
        with pytest.raises(ssl.SSLCertVerificationError), secure(dev, ssl.create_default_context()):
            pass
        for said in (b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000, b"GET / HTTP/1.1\r\n"):
            for _ in range(3):
                with contextlib.suppress(OSError), secure(dev, trusting) as secured:
                    secured.sendall(said)
                    secured.sendall(said)
        for path in ("reload", "counter"):
            for frames in (b"\xff" * 3000, b"\x81\x7e\xff\xff" + b"x" * 70_000, b"\x88\x00" * 3):
                with contextlib.suppress(OSError), secure(dev, trusting) as secured:
                    secured.sendall(_handshake(path))
                    secured.recv(4096)
                    secured.sendall(frames)
                    while secured.recv(4096):
                        pass
        assert httpx2.get(dev.url, verify=trusting).status_code == 200
        assert dev.count("problem") == 0, dev.events
    assert dev.errors == ""


def _handshake(path: str) -> bytes:
    return (
        f"GET /_loc/ws/{path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def test_a_handshake_that_never_ends_is_cut(site: Path, pair: list[str]) -> None:
    with (
        LocDev("count", *pair, "--port", "0") as dev,
        socket.create_connection(("127.0.0.1", dev.port), TLS_HANDSHAKE_SECONDS + DEADLINE) as half,
    ):
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert half.recv(100) == b""
        assert dev.count("problem") == 0
    assert dev.errors == ""


def test_nothing_that_is_open_holds_up_its_end(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
    (site / "large.bin").write_bytes(bytes(40_000_000))
    with LocDev("serve", site, *pair, "--counter", "--port", "0") as dev, contextlib.ExitStack() as stack:
        stack.enter_context(socket.create_connection(("127.0.0.1", dev.port)))  # not even a handshake
        stack.enter_context(secure(dev, trusting))  # nothing said
        reader = stack.enter_context(secure(dev, trusting))  # an answer that is not read
        reader.sendall(b"GET /large.bin HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert reader.recv(100)
        for path in ("reload", "counter"):
            page = stack.enter_context(secure(dev, trusting))
            page.sendall(_handshake(path))
            assert b" 101 " in page.recv(4096)
        assert dev.stop() == 0
    assert dev.errors == ""
