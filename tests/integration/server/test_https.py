"""Real TLS: every command speaks it, with a certificate of the user's, mkcert's, or its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from livereload_loc.server.uvicorn_server import TLS_HANDSHAKE_SECONDS
from tests.support.certificates import CA, issue
from tests.support.loc_dev import LocDev
from tests.support.ports import free_port
from tests.support.processes import ended
from tests.support.upstreams import serving as upstream
from tests.support.waiting import DEADLINE

RUN = [sys.executable, "-m", "livereload_loc"]
INTRODUCTION = json.dumps({"type": "page", "url": "/", "seq": None, "run": None, "age": 0})


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    """The options that name a certificate."""
    folder = tmp_path / "tls"
    folder.mkdir()
    certificate, key = issue(folder, "own", "localhost", "127.0.0.1", "::1")
    return ["--cert", str(certificate), "--key", str(key)]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><title>x</title><p>Hi")
    return site


@pytest.fixture
def trusting() -> ssl.SSLContext:
    """A client that trusts our authority, and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    CA.configure_trust(context)
    return context


@contextmanager
def secure(dev: LocDev, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A connection to it, by TLS."""
    with (
        socket.create_connection(("127.0.0.1", dev.port), DEADLINE) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secured,
    ):
        yield secured


def opened(url: str, context: ssl.SSLContext, origin: str = "") -> connect:
    """A socket of a page of ours, unless of another ``origin``.

    Its client runs in an event loop: that with threads reads and writes TLS at once, which Python's ssl takes
    amiss at times.
    """
    own = url.replace("wss", "https").rpartition("/_loc/")[0] or url
    return connect(url, proxy=None, ssl=context, origin=origin or own)  # type: ignore[arg-type]


def cases(site: Path, upstream_port: int = 9) -> dict[str, list[str]]:
    return {
        "watch": ["watch", str(site)],
        "serve": ["serve", str(site)],
        "proxy": ["proxy", f"http://127.0.0.1:{upstream_port}", "--watch", str(site)],
        "count": ["count"],
    }


@pytest.mark.parametrize("command", ["watch", "serve", "proxy", "count"])
def test_every_command_speaks_tls(
    command: str, site: Path, pair: list[str], trusting: ssl.SSLContext
) -> None:
    with LocDev(*cases(site)[command], *pair, "--port", "0") as dev:
        assert dev.url == f"https://localhost:{dev.port}"
        assert dev.ready["script"].startswith(f"{dev.url}/_loc/")
        for host in ("localhost", "127.0.0.1", "[::1]"):
            answer = httpx2.get(f"https://{host}:{dev.port}/_loc/healthz", verify=trusting)
            assert answer.text == "ok\n"
        began = time.monotonic()
        assert dev.stop() == 0
        assert time.monotonic() - began < 3
    assert dev.errors == ""


def test_a_save_is_told_over_wss(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
    async def page(dev: LocDev) -> None:
        async with opened(dev.socket_url, trusting) as page:
            assert json.loads(await page.recv())["type"] == "hello"
            await page.send(INTRODUCTION)
            await asyncio.to_thread(dev.wait_for, "client")
            (site / "a.txt").write_text("x")
            assert json.loads(await page.recv())["paths"] == ["a.txt"]
            began = time.monotonic()
            assert await asyncio.to_thread(dev.stop) == 0
            assert time.monotonic() - began < 3, "an open page holds nothing up"
            await page.wait_closed()
            assert page.close_code == 1012

    with LocDev("watch", site, *pair, "--port", "0") as dev:
        asyncio.run(asyncio.wait_for(page(dev), DEADLINE))
    assert dev.errors == ""


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("https://shop.example", True),
        ("https://localhost", True),
        ("https://evil.example", False),
        ("http://shop.example", False),
        ("null", False),
    ],
)
def test_who_may_connect_over_wss(
    site: Path, pair: list[str], trusting: ssl.SSLContext, origin: str, welcome: bool
) -> None:
    async def connects(url: str) -> bool:
        try:
            async with opened(url, trusting, origin):
                return True
        except InvalidStatus as error:
            return error.response.status_code != 403

    with LocDev("watch", site, *pair, "--port", "0", "--allow-origin", "https://shop.example:443") as dev:
        assert asyncio.run(connects(dev.socket_url)) is welcome


@pytest.mark.parametrize("command", [["watch"], ["count"]])
def test_each_visitor_is_counted_at_once(
    command: list[str], site: Path, pair: list[str], trusting: ssl.SSLContext
) -> None:
    """The first page hears of each that comes, and does not wait for a ping."""

    async def visits(url: str) -> None:
        async with contextlib.AsyncExitStack() as stack:
            first = await stack.enter_async_context(opened(url, trusting))
            for total in range(1, 6):
                assert json.loads(await first.recv())["total"] == total
                await stack.enter_async_context(opened(url, trusting))
            assert json.loads(await first.recv())["total"] == 6

    options = [str(site), "--counter"] if command == ["watch"] else []
    with LocDev(*command, *options, *pair, "--port", "0", "--linger", "0") as dev:
        asyncio.run(asyncio.wait_for(visits(f"wss://localhost:{dev.port}/_loc/ws/counter"), DEADLINE))
        dev.wait_for("total", lambda event: event["total"] == 0)
    assert dev.errors == ""


def test_the_clients_of_livereload_have_tls_too(
    site: Path, pair: list[str], trusting: ssl.SSLContext
) -> None:
    port = free_port()
    with LocDev("serve", site, *pair, "--port", "0", "--livereload-port", str(port)):
        assert httpx2.get(f"https://localhost:{port}/livereload.js", verify=trusting).status_code == 200


def test_doctor_takes_a_certificate_that_nobody_signed(site: Path, pair: list[str]) -> None:
    with LocDev("serve", site, *pair, "--port", "0") as dev:
        done = subprocess.run([*RUN, "doctor", dev.url], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


# ---------------------------------------------------------------------- a site without TLS behind it


async def shown(request: Request) -> Response:
    names = ("host", "x-forwarded-proto", "x-forwarded-host", "origin")
    response = HTMLResponse(f"<p>{json.dumps({name: request.headers.get(name) for name in names})}")
    response.set_cookie("plain", "1")
    response.set_cookie("safe", "1", secure=True, samesite="none", domain="localhost")
    return response


async def elsewhere(request: Request) -> Response:
    host = request.headers["host"] if request.query_params.get("by") == "host" else "127.0.0.1"
    port = f":{request.scope['server'][1]}" if host == "127.0.0.1" else ""
    return RedirectResponse(f"http://{host}{port}/there")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(f"{socket.headers['x-forwarded-proto']} {socket.headers['origin']}")
    await socket.close()


SITE = Starlette(routes=[Route("/", shown), Route("/elsewhere", elsewhere), WebSocketRoute("/ws", echo)])


def test_a_site_without_tls_behind_ours(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
    with upstream(SITE) as port, LocDev(*cases(site, port)["proxy"], *pair, "--port", "0") as dev:
        own = f"localhost:{dev.port}"
        answer = httpx2.get(
            dev.url, verify=trusting, headers={"Sec-Fetch-Dest": "document", "Origin": dev.url}
        )
        assert "_loc/reload.js" in answer.text
        told = json.loads(answer.text.partition("<p>")[2])
        assert told == {
            "host": own, "x-forwarded-proto": "https", "x-forwarded-host": own, "origin": dev.url,
        }  # fmt: skip
        cookies = answer.headers.get_list("set-cookie")
        assert cookies == [
            "plain=1; Path=/; SameSite=lax",
            "safe=1; Domain=localhost; Path=/; SameSite=none; Secure",
        ]
        for by in ("host", "port"):
            moved = httpx2.get(f"{dev.url}/elsewhere?by={by}", verify=trusting)
            assert moved.headers["location"] == f"{dev.url}/there"

        async def channel() -> str | bytes:
            async with opened(f"wss://{own}/ws", trusting, dev.url) as channel:
                return await channel.recv()

        assert asyncio.run(asyncio.wait_for(channel(), DEADLINE)) == f"https {dev.url}"


# ---------------------------------------------------------------------- which certificate


def presented(dev: LocDev, trusted: Path) -> bytes:
    """The certificate that it shows to a client which trusts that of a file."""
    context = ssl.create_default_context(cafile=str(trusted))
    with secure(dev, context) as connection:
        return connection.getpeercert(binary_form=True) or b""


def test_one_is_made_trusted_once_and_used_again(site: Path, tmp_path: Path) -> None:
    environment = {"XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": os.getcwd()}
    kept = tmp_path / "loc-dev/localhost.pem"
    seen = set()
    for command in ("serve", "watch", "count"):
        with LocDev(*cases(site)[command], "--https", "--port", "0", cwd=site, env=environment) as dev:
            seen.add(presented(dev, kept))
        assert dev.errors == ""
    assert len(seen) == 1
    assert kept.with_name("localhost-key.pem").stat().st_mode & 0o777 == 0o600


def test_mkcerts_is_used_where_one_stands_in_the_folder(
    site: Path, tmp_path: Path, trusting: ssl.SSLContext
) -> None:
    issue(site, "localhost+2", "localhost", "127.0.0.1", "::1")
    environment = {"XDG_DATA_HOME": str(tmp_path / "data"), "PYTHONPATH": os.getcwd()}
    with LocDev("serve", "--https", "--port", "0", cwd=site, env=environment) as dev:
        assert httpx2.get(dev.url, verify=trusting).status_code == 200
        for target in ("/localhost+2-key.pem", "/LOCALHOST+2-KEY.PEM", "/localhost%2B2%2Dkey.pem"):
            assert httpx2.get(dev.url + target, verify=trusting).status_code == 404, "the key is nobody's"
    assert not (tmp_path / "data").exists()


def test_a_key_that_is_named_is_not_served(site: Path, trusting: ssl.SSLContext) -> None:
    certificate, key = issue(site, "own", "localhost")
    secret = key.rename(site / "secret.txt")
    (site / "other.txt").symlink_to(secret)
    (site / "sub").mkdir()
    for name in ("hard.txt", "hard.html", "404.html", "sub/index.html"):
        (site / name).hardlink_to(secret)
    with LocDev("serve", site, "--cert", certificate, "--key", secret, "--port", "0") as dev:
        assert httpx2.get(f"{dev.url}/own.pem", verify=trusting).status_code == 200
        for name in ("secret.txt", "other.txt", "hard.txt", "hard.html", "404.html", "sub/", "nothing"):
            for headers in ({}, {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}):
                answer = httpx2.get(f"{dev.url}/{name}", verify=trusting, headers=headers)
                assert answer.status_code == 404, name
                assert "PRIVATE KEY" not in answer.text, name
        # What is put into its place is as secret, under all of its names.
        renewed = site / "renewed.txt"
        renewed.write_bytes(secret.read_bytes())
        assert httpx2.get(f"{dev.url}/renewed.txt", verify=trusting).status_code == 200
        secret.unlink()
        secret.hardlink_to(renewed)
        assert httpx2.get(f"{dev.url}/renewed.txt", verify=trusting).status_code == 404


def test_people_are_told_how_to_trust_it(site: Path, tmp_path: Path) -> None:
    for lines in (3, 1):
        process = subprocess.Popen(
            [*RUN, "serve", "--https", "--port", "0"],
            env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": os.getcwd()},
            cwd=site, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with ended(process):
            assert process.stdout
            said: list[str] = []
            while not any("https with" in line for line in said):
                said.append(process.stdout.readline())
                assert said[-1], f"it ended, or hangs: {said}"
            said += [process.stdout.readline() for _ in range(lines - 1)]
            process.terminate()
            assert process.communicate(timeout=DEADLINE)[0] == ""
        assert "localhost.pem" in "".join(said[-lines:])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--cert", "own.pem"], "--cert needs --key"),
        (["--key", "own-key.pem"], "--key needs --cert"),
        (["--cert", "none.pem", "--key", "own-key.pem"], "there is no file 'none.pem'"),
        (["--cert", "own.pem", "--key", "other-key.pem"], "does not match 'own.pem'"),
        (["--cert", "own-key.pem", "--key", "own-key.pem"], "no certificate in PEM form"),
        (["--cert", "own.pem", "--key", "secret.pem"], "is encrypted"),
        (["--lan", "--host", "0.0.0.0"], "--lan chooses the addresses"),
        (["--qr"], "add --lan"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "count"])
def test_what_cannot_work_is_one_line(tmp_path: Path, command: str, options: list[str], said: str) -> None:
    issue(tmp_path, "own", "localhost")
    issue(tmp_path, "other", "localhost")
    subprocess.run(
        ["openssl", "pkey", "-in", "own-key.pem", "-aes256", "-passout", "pass:x", "-out", "secret.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    done = subprocess.run(
        [*RUN, command, *options, "--port", "0"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": os.getcwd()}, timeout=DEADLINE, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


# ---------------------------------------------------------------------- what comes to a TLS port


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
        socket.create_connection(("127.0.0.1", dev.port), TLS_HANDSHAKE_SECONDS + 5) as half,
    ):
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        assert half.recv(100) == b""
        assert dev.count("problem") == 0
    assert dev.errors == ""


def test_stopping_is_quick_whatever_is_open(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
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
        began = time.monotonic()
        assert dev.stop() == 0
        assert time.monotonic() - began < 4
    assert dev.errors == ""
