"""Every command serves over HTTPS: pages, sockets and visitors."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import InvalidStatus

from tests.support.loc_dev import LocDev
from tests.support.ports import free_port
from tests.support.tls_clients import opened
from tests.support.waiting import DEADLINE

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
