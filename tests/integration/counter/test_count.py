"""``loc-dev count``: totals of visitors, and how it starts."""

from __future__ import annotations

import json
import socket
import subprocess
import sys

import pytest

from tests.support.counter_requests import metric, raw
from tests.support.loc_dev import LocDev
from tests.support.visitors import Visitor
from tests.support.waiting import DEADLINE, until


def test_sites_are_counted_apart(counter: LocDev) -> None:
    with Visitor(counter.url, "a.example") as first, Visitor(counter.url, "a.example") as second:
        with Visitor(counter.url, "a.example:8080") as other:
            first.expect(2)
            second.expect(2)
            other.expect(1)
            assert [message["total"] for message in other.messages] == [1], "never twice"
        second.leave()
        first.expect(1)


@pytest.mark.parametrize("code", [4001, 1001], ids=["the widget", "Firefox itself"])
def test_a_page_that_goes_lingers_and_a_cut_one_does_not(code: int) -> None:
    with LocDev("count", "--port", "0", "--linger", "60") as counter, Visitor(counter.url) as watching:
        going = Visitor(counter.url)
        watching.expect(2)
        going.leave(code)
        until(lambda: metric(counter, "loc_visitors") == 1)
        assert metric(counter, "loc_site_visitors", site="shop.example") == 2
        next_page = Visitor(counter.url)
        assert metric(counter, "loc_site_visitors", site="shop.example") == 2, "it takes the place"
        next_page.drop()
        watching.expect(1)


def test_a_page_that_comes_back_replaces_its_old_socket(counter: LocDev) -> None:
    tab = json.dumps({"type": "tab", "id": "f00"})
    with Visitor(counter.url) as old, Visitor(counter.url) as new:
        old.expect(2)
        old.send(tab)
        new.send(tab)
        assert old.expect_end() == (4000, "came back")
        new.expect(1)


def test_a_page_that_does_not_read_holds_up_nobody(counter: LocDev) -> None:
    sleeper = raw(counter)
    with sleeper, Visitor(counter.url) as watching:
        watching.expect(2)
        sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        before = metric(counter, "process_resident_memory_bytes")
        for _ in range(40):
            with Visitor(counter.url):
                watching.expect(3)
            watching.expect(2)
        assert metric(counter, "process_resident_memory_bytes") - before < 4_000_000


def test_totals_are_told_to_programs(counter: LocDev) -> None:
    with Visitor(counter.url, "a.example"):
        counter.wait_for("total", lambda event: event == {"event": "total", "site": "a.example", "total": 1})


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--site", "a b"], "not a host such as"),
        (["--trusted-proxy", "nix"], "not an address or a network"),
        (["--admin-token", "short"], "use at least 8"),
        (["--redis", "localhost"], "'--redis': 'localhost' is not a URL such as redis://localhost:6379."),
        (["--linger", "-1"], "--linger"),
        (["--max-visitors", "0"], "--max-visitors"),
        (["surplus"], "unexpected extra argument"),
    ],
)
def test_wrong_use_is_one_line(arguments: list[str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livereload_loc", "count", "--port", "0", *arguments],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_taken_port_is_an_error(counter: LocDev) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livereload_loc", "count", "--port", str(counter.port)],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 1
    assert f"Port {counter.port} is already in use" in done.stderr


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['redis'] = None;"
        "sys.argv = ['loc-dev', 'count', '--port', '0', '--redis', 'redis://localhost'];"
        "from livereload_loc.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE)
    assert done.returncode == 2
    assert "pip install 'livereload-loc[redis]'" in done.stderr
