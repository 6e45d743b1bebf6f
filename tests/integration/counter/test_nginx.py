"""Several nodes behind nginx, with the configuration that README.md gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from tests.support.loc_dev import LocDev
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.redis_servers import redis_server
from tests.support.visitors import Visitor
from tests.support.waiting import DEADLINE, until

README = ROOT / "README.md"
OPTIONS = ("--trusted-proxy", "127.0.0.1", "--site", "shop.example", "--max-per-address", "2")


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[LocDev]]:
    with ExitStack() as stack:
        redis = stack.enter_context(redis_server(tmp_path))
        yield [
            stack.enter_context(LocDev("count", "--port", "0", "--redis", redis.url, *OPTIONS))
            for _ in range(2)
        ]


@pytest.fixture
def front(tmp_path: Path, nodes: list[LocDev]) -> Iterator[str]:
    """nginx with README's configuration, but for the ports."""
    found = re.search(r"^```nginx\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert found
    port = free_port()
    given = found[1].replace("listen 80;", f"listen 127.0.0.1:{port};")
    for node, number in zip(nodes, (8081, 8082), strict=True):
        assert f"127.0.0.1:{number}" in given
        given = given.replace(f"127.0.0.1:{number}", f"127.0.0.1:{node.port}")
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"{'user root;' if os.geteuid() == 0 else ''} daemon off; pid {tmp_path}/pid;"
        f"events {{}} http {{ access_log off; {temporary}\n{given}\n}}"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen(
        [program, "-e", f"{tmp_path}/error.log", "-c", configuration, "-p", tmp_path],
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: _answers(url))
        yield url
    finally:
        process.terminate()
        process.wait(DEADLINE)


def test_visitors_of_all_nodes_come_through_nginx(front: str, nodes: list[LocDev]) -> None:
    with ExitStack() as stack:
        visitors = [
            stack.enter_context(Visitor(front, source=f"127.2.0.{number + 1}")) for number in range(16)
        ]
        for visitor in visitors:
            visitor.expect(16)
        shares = [_status(node) for node in nodes]
        assert all(share >= 2 for share in shares), shares
        assert sum(shares) == 16
        # The cap is that of the visitor's address, not of nginx's.
        with pytest.raises(InvalidStatus) as refused:
            _crowd(stack, front)
        assert refused.value.response.status_code == 429
        with pytest.raises(InvalidStatus) as foreign:
            Visitor(front, "other.example", source="127.2.0.99")
        assert foreign.value.response.status_code == 403


def test_nobody_is_shown_the_owners_pages_through_nginx(front: str) -> None:
    for path in ("/_loc/", "/_loc/metrics", "/_loc/api/status"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(front + path, timeout=DEADLINE)
        refused.value.close()
        assert refused.value.code == 403
    with urllib.request.urlopen(f"{front}/_loc/badge/shop.example.svg", timeout=DEADLINE) as answer:
        assert b"<svg" in answer.read()


def test_a_node_that_stops_hands_its_visitors_over(front: str, nodes: list[LocDev]) -> None:
    with ExitStack() as stack:
        visitors = [
            stack.enter_context(Visitor(front, source=f"127.3.0.{number + 1}")) for number in range(6)
        ]
        for visitor in visitors:
            visitor.expect(6)
        nodes[0].stop()

        def handed_over() -> bool:
            """Whether those who are left know how many they are: one close may come later than another."""
            left = [visitor for visitor in visitors if not visitor.closed]
            return len(left) < len(visitors) and all(visitor.total == len(left) for visitor in left)

        until(handed_over)
        left = [visitor for visitor in visitors if not visitor.closed]
        gone = [visitor.expect_end() for visitor in visitors if visitor not in left]
        assert {code for code, _ in gone} == {1012}
        for number in range(len(gone)):
            stack.enter_context(Visitor(front, source=f"127.4.0.{number + 1}"))
        for visitor in left:
            visitor.expect(6)


def _crowd(stack: ExitStack, front: str) -> None:
    """More pages of one address than two nodes let in."""
    for _ in range(4):
        stack.enter_context(Visitor(front, source="127.2.0.1"))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_loc/healthz", timeout=DEADLINE) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _status(node: LocDev) -> int:
    with urllib.request.urlopen(f"{node.url}/_loc/metrics", timeout=DEADLINE) as answer:
        found = re.search(r"^loc_visitors (\d+)$", answer.read().decode(), re.MULTILINE)
    assert found
    return int(found[1])
