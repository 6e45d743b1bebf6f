"""``loc-dev watch`` as a process: what it serves, how it starts, fails and ends."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.calls import call
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text("<p>")
    return tmp_path


@pytest.fixture
def server(site: Path) -> Iterator[LocDev]:
    with LocDev("watch", site, "--port", "0") as running:
        yield running


def test_a_script_tag_gets_the_script_as_it_stands(server: LocDev) -> None:
    answer = httpx2.get(server.url, headers={"Sec-Fetch-Dest": "script", "Accept": "*/*"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "no-cache"
    assert "Sec-Fetch-Dest" in answer.headers["vary"]
    assert answer.text == httpx2.get(f"{server.url}/_loc/reload.js").text


def test_the_script_is_revalidated_and_immutable_under_its_version(server: LocDev) -> None:
    first = httpx2.get(f"{server.url}/_loc/reload.js")
    etag = first.headers["etag"]
    again = httpx2.get(f"{server.url}/_loc/reload.js", headers={"If-None-Match": f'W/"x", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    version = etag.strip('"')
    kept = httpx2.get(f"{server.url}/_loc/reload.js?v={version}")
    assert "immutable" in kept.headers["cache-control"]
    assert "immutable" not in httpx2.get(f"{server.url}/_loc/reload.js?v=old").headers["cache-control"]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Dest": "document"}, {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}]
)
def test_a_person_gets_the_status_page_with_the_tag(server: LocDev, headers: dict[str, str]) -> None:
    answer = httpx2.get(server.url, headers=headers)
    assert answer.headers["content-type"].startswith("text/html")
    assert f"&lt;script src=&quot;http://localhost:{server.port}&quot; async&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers


def test_the_status_is_json_for_our_own_origin_only(server: LocDev, site: Path) -> None:
    status = httpx2.get(f"{server.url}/_loc/api/status").json()
    assert status["watching"] == [str(site)]
    assert status["seq"] == 0
    foreign = httpx2.get(f"{server.url}/_loc/api/status", headers={"Origin": "http://localhost:1"})
    assert foreign.status_code == 403


def test_machines_may_ask_whether_it_lives(server: LocDev) -> None:
    assert httpx2.get(f"{server.url}/_loc/healthz").text == "ok\n"


def test_a_rebound_host_is_refused_with_the_flag_that_allows_it(server: LocDev) -> None:
    answer = httpx2.get(server.url, headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert "--allow-host evil.example" in answer.text
    assert "--allow-host evil.example" in server.wait_for("problem")["detail"]


def test_it_listens_on_both_loopback_addresses(server: LocDev) -> None:
    for host in ("127.0.0.1", "[::1]"):
        assert httpx2.get(f"http://{host}:{server.port}/_loc/healthz").status_code == 200


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_taken_port_is_named_in_one_line(site: Path, family: socket.AddressFamily, address: str) -> None:
    with closing(socket.socket(family)) as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = call("watch", site, "--port", str(port))
    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert "--port" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["watch", "nowhere"], "nowhere"),
        (["watch", ""], "''"),
        (["watch"], "PATH"),
        (["watch", ".", "--"], "after --"),
        (["watch", ".", "--restart", "*.py"], "--restart"),
        (["watch", ".", "--restart", "*.py", "--", "true"], "--wait-for URL"),
        (
            ["watch", ".", "--wait-for", "ftp://localhost"],
            "for '--wait-for': 'ftp://localhost' is not a URL",
        ),
        (
            ["watch", ".", "--wait-for", "http://a..b:8000", "--", "sleep", "60"],
            "'http://a..b:8000' is not a URL",
        ),
        (["watch", ".", "--wait-for", f"http://{'a' * 64}.test"], "aa.test' is not a URL"),
        (["watch", ".", "--code", ""], "--code"),
        (["watch", ".", "--exec", " "], "--exec"),
        (["proxy"], "URL"),
        (["proxy", "ftp://localhost"], "neither http nor https"),
        (["proxy", "http://localhost:8000/app"], "a path"),
        (["proxy", "http://a..b:8000"], "'http://a..b:8000' is not a URL"),
        (["proxy", ""], "Invalid value for 'URL': '' is not a URL such as http://localhost:8000"),
        (["proxy", "99999"], "its port is not a number from 1 to 65535."),
        (["doctor", "99999"], "Invalid value for 'URL': '99999' is not a URL such as http://localhost:8000"),
        (["serve", "--host", ""], "Invalid value for '--host': '' is not an address or a name such as"),
        (["serve", "--poll", "abc"], "Invalid value for '--poll': 'abc' is not a number of at least 10."),
        (["count", "--redis", "foo"], "Invalid value for '--redis': 'foo' is not a URL such as redis://"),
        (["proxy", f"http://{'a' * 64}.test"], "aa.test' is not a URL"),
        (["proxy", "http://localhost:8000", "--watch", "nowhere"], "nowhere"),
        (["proxy", "http://127.0.0.1:8081", "--port", "8081"], "own address"),
        (["serve", "nowhere"], "nowhere"),
        (["serve", "index.html"], "Serve its folder: loc-dev serve ."),
        (["serve", "--exec"], "See loc-dev serve --help."),
        (["watch", ".", "--port", "99999"], "99999"),
        (["watch", ".", "--host", "no-such-host.invalid"], "no-such-host.invalid"),
        (["watch", ".", "--host", "203.0.113.9"], "203.0.113.9"),
        (["watch", ".", "--allow-origin", "shop.example"], "shop.example"),
        (["watch", ".", "--allow-host", "a:80"], "a:80"),
        (["watch", ".", "--poll=1"], "poll"),
        (["watch", ".", "--wrong"], "--wrong"),
        (["wrong"], "wrong"),
    ],
)
def test_wrong_use_is_said_in_a_line_and_without_a_traceback(
    site: Path, arguments: list[str], message: str
) -> None:
    fixed = {"--port", "--", "--exec", "wrong", "doctor"} & {*arguments}
    ended = call(*arguments, *([] if fixed else ["--port=0"]), cwd=site)
    assert ended.returncode in (1, 2)
    assert message in ended.stderr
    assert len(ended.stderr.splitlines()) <= 2
    assert ended.stdout == ""


def test_poll_may_stand_right_before_a_path(site: Path) -> None:
    with LocDev("watch", "--poll", site, "--port", "0") as server, connect(server.socket_url) as page:
        page.recv(DEADLINE)
        page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
        (site / "index.html").write_text("<p>polled")
        assert json.loads(page.recv(DEADLINE))["paths"] == ["index.html"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_user_ends_it_with_code_0_whatever_is_connected(site: Path, number: signal.Signals) -> None:
    with LocDev("watch", site, "--port", "0") as server, ExitStack() as stack:
        pages = [stack.enter_context(connect(server.socket_url)) for _ in range(50)]
        idle = stack.enter_context(closing(socket.create_connection(("127.0.0.1", server.port))))
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        for page in pages:
            page.recv(DEADLINE)
        assert server.stop(number) == 0  # in time; ``benchmarks stop`` measures how soon
        for page in pages:
            with pytest.raises(ConnectionClosed) as closed:
                page.recv(DEADLINE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code in (1001, 1012)
        assert server.errors == ""


def test_pages_that_come_and_go_at_once_do_not_hold_it_up(site: Path) -> None:
    with LocDev("watch", site, "--port", "0") as server:
        for _ in range(100):
            with connect(server.socket_url) as page:
                page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
        assert server.stop() == 0
        assert server.errors == ""


def test_stopped_while_starting_it_says_nothing(site: Path) -> None:
    for delay in (0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
        process = subprocess.Popen(
            [sys.executable, "-m", "livereload_loc", "watch", str(site), "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(delay)  # the moment is what is tested
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=DEADLINE)
        # Before it runs, Python itself starts (its site module has a main, too) and imports the package.
        assert not re.search(rb'__main__\.py", line \d+, in main', errors)
        if not errors:
            assert process.returncode in (0, -signal.SIGINT)


def test_nothing_of_it_is_left_when_it_was_killed(site: Path) -> None:
    with LocDev("watch", site, "--port", "0") as server:
        port = server.port
        server.process.kill()
        server.process.wait(DEADLINE)
    with LocDev("watch", site, "--port", str(port)) as again:
        assert again.port == port
