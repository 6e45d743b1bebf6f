"""Every command serves over HTTPS: pages, sockets and visitors."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.in_loop import in_loop
from tests.support.loc_dev import LocDev
from tests.support.ports import free_port
from tests.support.tls_clients import opened

RUN = [sys.executable, "-m", "livereload_loc"]
INTRODUCTION = json.dumps({"type": "page", "url": "/", "seq": None, "run": None, "age": 0})


def arguments(command: str, site: Path) -> list[str]:
    return {
        "watch": ["watch", str(site)],
        "serve": ["serve", str(site)],
        "proxy": ["proxy", "http://127.0.0.1:9", "--watch", str(site)],
        "count": ["count"],
    }[command]


@pytest.mark.parametrize("command", ["watch", "serve", "proxy", "count"])
def test_every_command_speaks_tls(
    command: str, site: Path, pair: list[str], trusting: ssl.SSLContext
) -> None:
    with LocDev(*arguments(command, site), *pair, "--port", "0") as dev:
        assert dev.url == f"https://localhost:{dev.port}"
        assert dev.ready["script"].startswith(f"{dev.url}/_loc/")
        for host in ("localhost", "127.0.0.1", "[::1]"):
            answer = httpx2.get(f"https://{host}:{dev.port}/_loc/healthz", verify=trusting)
            assert answer.text == "ok\n"
        assert dev.stop() == 0
    assert dev.errors == ""


@in_loop
async def test_a_save_is_told_over_wss(site: Path, pair: list[str], trusting: ssl.SSLContext) -> None:
    with LocDev("watch", site, *pair, "--port", "0") as dev:
        async with opened(dev.socket_url, trusting) as page:
            assert json.loads(await page.recv())["type"] == "hello"
            await page.send(INTRODUCTION)
            await asyncio.to_thread(dev.wait_for, "client")
            (site / "a.txt").write_text("x")
            assert json.loads(await page.recv())["paths"] == ["a.txt"]
            assert await asyncio.to_thread(dev.stop) == 0
            await page.wait_closed()
            assert page.close_code == 1012
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
@in_loop
async def test_who_may_connect_over_wss(
    site: Path, pair: list[str], trusting: ssl.SSLContext, origin: str, welcome: bool
) -> None:
    with LocDev("watch", site, *pair, "--port", "0", "--allow-origin", "https://shop.example:443") as dev:
        if welcome:
            await opened(dev.socket_url, trusting, origin)
        else:
            with pytest.raises(InvalidStatus, match="403"):
                await opened(dev.socket_url, trusting, origin)


@pytest.mark.parametrize("command", [["watch"], ["count"]])
@in_loop
async def test_each_visitor_is_counted_at_once(
    command: list[str], site: Path, pair: list[str], trusting: ssl.SSLContext
) -> None:
    """The first page hears of each that comes, and does not wait for a ping."""

    options = [str(site), "--counter"] if command == ["watch"] else []
    with LocDev(*command, *options, *pair, "--port", "0", "--linger", "0") as dev:
        url = f"wss://localhost:{dev.port}/_loc/ws/counter"
        async with contextlib.AsyncExitStack() as stack:
            first = await stack.enter_async_context(opened(url, trusting))
            for total in range(1, 6):
                assert json.loads(await first.recv())["total"] == total
                await stack.enter_async_context(opened(url, trusting))
            assert json.loads(await first.recv())["total"] == 6
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
