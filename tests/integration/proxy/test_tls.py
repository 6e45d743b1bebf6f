"""An upstream that speaks TLS."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from tests.support.upstreams import Served, proxying, serving

NAVIGATION = b"Sec-Fetch-Dest: document"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that nobody has signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -out cert.pem "
        "-keyout key.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


async def page(request: Request) -> Response:
    response = PlainTextResponse(
        f"{request.method} {request.headers['x-forwarded-proto']} {await request.body()!r}"
    )
    response.set_cookie("login", "x", secure=True, samesite="none", httponly=True)
    return response


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


APP = Starlette(routes=[Route("/", page, methods=["GET", "POST"]), WebSocketRoute("/ws", echo)])


@contextmanager
def secured(certificate: tuple[Path, Path], **options: bool) -> Iterator[Served]:
    cert, key = map(str, certificate)
    with (
        serving(APP, ssl_certfile=cert, ssl_keyfile=key) as port,
        proxying(f"https://127.0.0.1:{port}", **options) as proxy,
    ):
        yield proxy


def test_a_certificate_that_nobody_signed_can_be_taken_as_it_is(certificate: tuple[Path, Path]) -> None:
    with secured(certificate, insecure=True) as proxy:
        answer = proxy.get()
        assert answer.endswith(b"GET http b''")
        assert b"set-cookie: login=x; HttpOnly; Path=/\r\n" in answer
        answer = proxy.raw(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nConnection: close\r\n\r\nform"
        )
        assert answer.endswith(b"POST http b'form'")
        with connect(f"ws://127.0.0.1:{proxy.port}/ws", proxy=None) as socket:
            socket.send("hello")
            assert socket.recv() == "hello"


def test_without_that_it_is_refused_and_the_flag_named(certificate: tuple[Path, Path]) -> None:
    with secured(certificate) as proxy:
        answer = proxy.get("/", NAVIGATION)
        assert answer.startswith(b"HTTP/1.1 502")
        assert b"--insecure" in answer
        assert b"http-equiv" not in answer, "waiting does not mend it"
        assert [title for title, _ in proxy.told] == [f"{proxy.proxy._target.origin} does not answer"]


def test_one_that_is_trusted_needs_no_flag(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with secured(certificate) as proxy:
        assert proxy.get().endswith(b"GET http b''")


def test_a_server_without_tls_is_told_apart() -> None:
    with serving(APP) as port, proxying(f"https://127.0.0.1:{port}", insecure=True) as proxy:
        answer = proxy.get("/", NAVIGATION)
        assert answer.startswith(b"HTTP/1.1 502")
        assert b"It does not speak TLS" in answer
