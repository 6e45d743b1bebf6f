"""Caps of the counter: each refuses, and names its option."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
import subprocess
import sys

import pytest

from tests.support.counter_requests import HEAD, get, metric, raw, refused
from tests.support.in_loop import in_loop
from tests.support.loc_dev import LocDev
from tests.support.visitors import PATH, Visitor
from tests.support.waiting import DEADLINE, until

CROWD = 2000
"""Visitors of one site, more than one address may have; benchmarks/counter has larger ones."""


@in_loop
async def test_a_flash_crowd_comes_in(counter: LocDev) -> None:
    # A connection that says nothing for some seconds is cut: where the machine is slow, that would be ours.
    at_once = asyncio.Semaphore(500)
    writers: list[asyncio.StreamWriter] = []

    async def come(number: int) -> None:
        source = f"127.1.{number // 250}.{number % 250 + 1}"
        async with at_once:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", counter.port, local_addr=(source, 0), limit=4096
            )
            writers.append(writer)
            writer.write(HEAD.format(path=PATH, site="crowd.example", host="localhost").encode())
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        await asyncio.gather(*map(come, range(CROWD)))
        await asyncio.to_thread(counter.wait_for, "total", lambda event: event["total"] == CROWD)
    finally:
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)
    assert counter.count("problem") == 0


def test_one_address_is_no_crowd(counter: LocDev) -> None:
    sockets = [raw(counter, "other.example") for _ in range(200)]
    assert refused(counter) == 429
    trouble = counter.wait_for("problem")
    assert "--max-per-address" in trouble["title"]
    assert "--trusted-proxy" not in trouble["title"]
    assert refused(counter) == 429
    assert counter.count("problem") == 1, "said once"
    assert metric(counter, "loc_refusals_total", option="--max-per-address") == 2
    for connection in sockets:
        connection.close()


def test_a_proxy_that_speaks_for_many_is_guessed() -> None:
    with LocDev("count", "--port", "0", "--max-per-address", "1") as counter, Visitor(counter.url):
        assert refused(counter, X_Forwarded_For="1.2.3.4") == 429
        assert "--trusted-proxy" in counter.wait_for("problem")["title"]


def test_behind_a_trusted_proxy_each_visitor_has_an_address() -> None:
    with (
        LocDev("count", "--port", "0", "--max-per-address", "1", "--trusted-proxy", "127.0.0.0/8") as counter,
        Visitor(counter.url, X_Forwarded_For="9.9.9.9, 1.2.3.4"),
        Visitor(counter.url, X_Forwarded_For="9.9.9.9, 1.2.3.5") as second,
    ):
        second.expect(2)
        assert refused(counter, X_Forwarded_For="8.8.8.8, 1.2.3.4") == 429


@pytest.mark.parametrize(
    ("option", "value", "status"),
    [("--max-per-site", "1", 503), ("--max-visitors", "1", 503), ("--site", "a.example", 403)],
)
def test_each_cap_names_its_option(option: str, value: str, status: int) -> None:
    with LocDev("count", "--port", "0", option, value) as counter, Visitor(counter.url, "a.example"):
        other = "b.example" if option == "--site" else "a.example"
        assert refused(counter, site=other) == status
        assert option in counter.wait_for("problem")["title"]


def test_sites_have_a_cap_and_the_idle_make_way() -> None:
    with LocDev("count", "--port", "0", "--max-sites", "2") as counter:
        with Visitor(counter.url, "a.example"), Visitor(counter.url, "b.example"):
            assert refused(counter, site="c.example") == 503
        with Visitor(counter.url, "c.example"), Visitor(counter.url, "d.example"):
            assert metric(counter, "loc_sites") == 2


def test_joins_have_a_rate() -> None:
    with LocDev("count", "--port", "0", "--max-per-address", "5", "--join-rate", "0.01") as counter:
        for _ in range(5):
            Visitor(counter.url).leave()
        assert refused(counter) == 429
        assert "--join-rate" in counter.wait_for("problem")["title"]


def test_an_address_has_so_many_connections(counter: LocDev) -> None:
    address = ("127.0.0.1", counter.port)
    connections = [socket.create_connection(address, DEADLINE, ("127.5.0.1", 0)) for _ in range(150)]
    with contextlib.ExitStack() as stack:
        for connection in connections:
            stack.enter_context(connection)
            connection.setblocking(False)

        gone: set[int] = set()

        def many() -> bool:
            for number, connection in enumerate(connections):
                try:
                    if connection.recv(1) == b"":
                        gone.add(number)
                except BlockingIOError:
                    pass
                except ConnectionError:
                    gone.add(number)
            return len(gone) >= 50

        until(many)
        assert len(gone) == 50
        assert "--trusted-proxy" in counter.wait_for("problem")["title"]
        assert get(f"{counter.url}/_loc/healthz")[0] == 200


def test_a_full_table_of_files_is_said_and_survived() -> None:
    """It has so few file descriptors that they run out."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64));"
        "sys.argv = ['loc-dev', 'count', '--port', '0', '--json'];"
        "from livereload_loc.__main__ import main; main()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(80)]
        lines = iter(process.stdout.readline, "")
        trouble = next(event for event in map(json.loads, lines) if event["event"] == "problem")
        assert "file descriptor" in trouble["title"]
        assert "--max-visitors" in trouble["detail"]
        for connection in sockets:
            connection.close()
        with Visitor(f"http://127.0.0.1:{port}") as visitor:
            visitor.expect(1)
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE)
