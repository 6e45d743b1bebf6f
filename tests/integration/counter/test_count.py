"""``loc-dev count`` as strangers meet it: caps, deadlines, chatter, figures, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import InvalidStatus

from tests.support.loc_dev import LocDev
from tests.support.visitors import PATH, Visitor
from tests.support.waiting import DEADLINE, until

HEAD = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: https://{site}\r\n\r\n"
)


@pytest.fixture
def counter() -> Iterator[LocDev]:
    with LocDev("count", "--port", "0") as counter:
        yield counter


def get(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of a GET."""
    request = urllib.request.Request(url, headers={key.replace("_", "-"): v for key, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), dict(error.headers)


def metric(counter: LocDev, name: str, **labels: str) -> float:
    """The value of one metric."""
    text = get(f"{counter.url}/_loc/metrics")[1]
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    )


def refused(counter: LocDev, **given: Any) -> int:
    """The status that keeps a visitor out."""
    with pytest.raises(InvalidStatus) as error:
        Visitor(counter.url, **given)
    return int(error.value.response.status_code)


def raw(counter: LocDev, site: str = "shop.example", source: str = "127.0.0.1") -> socket.socket:
    """A socket whose handshake is done; the greeting may not have been read."""
    connection = socket.create_connection(("127.0.0.1", counter.port), DEADLINE, (source, 0))
    connection.sendall(HEAD.format(path=PATH, site=site, host="localhost").encode())
    answer = connection.recv(4096)
    assert b" 101 " in answer, answer
    return connection


def status_under(counter: LocDev, host: str) -> int:
    """The status of a handshake under this name."""
    with socket.create_connection(("127.0.0.1", counter.port), DEADLINE) as connection:
        connection.sendall(HEAD.format(path=PATH, site="a.example", host=host).encode())
        return int(connection.recv(4096).split()[1])


# ---------------------------------------------------------------------- totals


def test_sites_are_counted_apart(counter: LocDev) -> None:
    with Visitor(counter.url, "a.example") as first, Visitor(counter.url, "a.example") as second:
        with Visitor(counter.url, "a.example:8080") as other:
            first.expect(2)
            second.expect(2)
            other.expect(1)
            assert [message["total"] for message in other.messages] == [1], "never twice"
        second.leave()
        first.expect(1)


def test_a_page_that_goes_lingers_and_a_cut_one_does_not() -> None:
    with LocDev("count", "--port", "0", "--linger", "60") as counter, Visitor(counter.url) as watching:
        going = Visitor(counter.url)
        watching.expect(2)
        going.leave(4001)
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


# ---------------------------------------------------------------------- caps


def test_a_flash_crowd_comes_in_and_one_address_does_not(counter: LocDev) -> None:
    async def crowd() -> list[asyncio.StreamWriter]:
        async def come(number: int) -> asyncio.StreamWriter:
            source = f"127.1.{number // 250}.{number % 250 + 1}"
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", counter.port, local_addr=(source, 0), limit=4096
            )
            writer.write(HEAD.format(path=PATH, site="crowd.example", host="localhost").encode())
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            return writer

        return list(await asyncio.gather(*map(come, range(5000))))

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    async def main() -> None:
        writers = await crowd()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            None,
            lambda: counter.wait_for("total", lambda event: event["total"] == 5000),
        )
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    asyncio.run(main())
    assert counter.count("problem") == 0

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


@pytest.mark.parametrize("message", ["x" * 1025, b"x" * 2000])
def test_a_large_message_ends_the_socket(counter: LocDev, message: str | bytes) -> None:
    with Visitor(counter.url) as visitor:
        visitor.send(message)
        assert visitor.expect_end()[0] == 1009


@pytest.mark.parametrize("message", ["hello", "{}", '{"type":"tab","id":1}', "[" * 900, b"\0"])
def test_nonsense_ends_the_socket(counter: LocDev, message: str | bytes) -> None:
    with Visitor(counter.url) as visitor:
        visitor.send(message)
        assert visitor.expect_end()[0] == 1008


def test_chatter_ends_the_socket(counter: LocDev) -> None:
    with Visitor(counter.url) as visitor:
        with contextlib.suppress(Exception):
            for _ in range(100):
                visitor.send('{"type":"tab","id":"a"}')
        assert visitor.expect_end()[0] in (1008, 1006)  # the end of the connection may come first
    assert metric(counter, "loc_shown_out_total", code="1008") == 1
    # Pings, unmasked frames, and whatever else arrives at once.
    for frame in (b"\x89\x80\0\0\0\0", b"\x81\x05hello", os.urandom(64)):
        with raw(counter) as connection:
            with contextlib.suppress(OSError):
                connection.sendall(frame * 20_000)
            with contextlib.suppress(OSError):
                while connection.recv(65536):
                    pass
    until(lambda: metric(counter, "loc_visitors") == 0)


def test_a_request_that_does_not_come_to_its_end_is_cut(counter: LocDev) -> None:
    beginnings = [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: a\r\n", b"POST / HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 1000\r\n\r\nx"]  # fmt: skip
    sockets = [socket.create_connection(("127.0.0.1", counter.port), 2 * DEADLINE) for _ in beginnings]
    for connection, beginning in zip(sockets, beginnings, strict=True):
        connection.sendall(beginning)
    for connection in sockets:
        with connection, contextlib.suppress(ConnectionResetError):
            while connection.recv(4096):
                pass


def test_a_connection_that_asks_for_nothing_more_is_cut(counter: LocDev) -> None:
    """Neither empty lines nor unread answers keep it open."""
    begging = socket.create_connection(("127.0.0.1", counter.port), DEADLINE)
    begging.sendall(b"GET /_loc/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert b" 200 " in begging.recv(4096)
    unread = socket.create_connection(("127.0.0.1", counter.port), 3 * DEADLINE)
    unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    begging.settimeout(0.2)

    def is_cut() -> bool:
        try:
            begging.sendall(b"\r\n")
            return begging.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    with begging:
        until(is_cut)
    with unread, contextlib.suppress(ConnectionError):
        unread.sendall(b"GET /_loc/widget.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000)
        while unread.recv(65536):
            pass
    assert metric(counter, "process_resident_memory_bytes") < 120_000_000


def test_an_upgrade_waits_for_what_was_asked_before(counter: LocDev) -> None:
    ask = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", counter.port), DEADLINE) as connection:
        connection.sendall(ask * 5 + HEAD.format(path=PATH, site="a.example", host="localhost").encode())
        received = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                received += part
        assert b" 101 " not in received
    assert metric(counter, "loc_visitors") == 0


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

        until(many, 5)
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


# ---------------------------------------------------------------------- figures


def test_the_badge_is_a_picture_for_any_page(counter: LocDev) -> None:
    with Visitor(counter.url, "a.example:8080") as visitor:
        visitor.expect(1)
        status, body, headers = get(f"{counter.url}/_loc/badge/a.example:8080.svg")
        assert (status, headers["content-type"]) == (200, "image/svg+xml")
        assert headers["cache-control"] == "public, max-age=10"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert 'aria-label="online: 1"' in body
    assert 'aria-label="online: 0"' in get(f"{counter.url}/_loc/badge/%3Cscript%3E.svg")[1]


def test_a_site_is_told_its_own_figure_only() -> None:
    token = "correct horse"
    with (
        LocDev("count", "--port", "0", env={"LOC_DEV_ADMIN_TOKEN": token}) as counter,
        Visitor(counter.url, "a.example") as visitor,
        Visitor(counter.url, "b.example") as other,
    ):
        visitor.expect(1)
        other.expect(1)
        url = f"{counter.url}/_loc/api/totals"
        _, body, headers = get(url, Origin="https://a.example")
        assert json.loads(body) == {"site": "a.example", "total": 1, "state": "live"}
        assert headers["access-control-allow-origin"] == "https://a.example"
        assert headers["vary"] == "Origin"
        assert json.loads(get(url)[1]) == {"site": "local", "total": 0, "state": "live"}
        _, body, headers = get(url, Origin="https://a.example", Authorization=f"Bearer {token}")
        assert json.loads(body)["totals"] == {"a.example": 1, "b.example": 1}
        assert "access-control-allow-origin" not in headers
        assert get(url, Origin="https:// a")[0] == 403


@pytest.mark.parametrize("path", ["/_loc/", "/_loc/api/status", "/_loc/metrics"])
def test_what_is_the_owners_is_shown_to_nobody_else(path: str) -> None:
    token = "correct horse"
    with LocDev("count", "--port", "0", "--admin-token", token) as counter:
        assert get(counter.url + path)[0] == 200
        status, body, headers = get(counter.url + path, X_Forwarded_For="1.2.3.4")
        assert status == 401
        assert "Basic" in headers["www-authenticate"]
        assert "token" in body
        assert get(counter.url + path, X_Forwarded_For="1.2.3.4", Authorization=f"Bearer {token}")[0] == 200
    with LocDev("count", "--port", "0") as counter:
        status, body, _ = get(counter.url + path, Forwarded="for=1.2.3.4")
        assert status == 403
        assert "--admin-token" in body


def test_any_name_will_do_unless_some_are_named(counter: LocDev) -> None:
    assert get(f"{counter.url}/_loc/healthz", Host="count.example")[0] == 200
    with LocDev("count", "--port", "0", "--allow-host", "count.example") as named:
        assert get(f"{named.url}/_loc/healthz", Host="count.example")[0] == 200
        assert get(f"{named.url}/_loc/healthz", Host="evil.example")[0] == 421
        assert status_under(named, "count.example") == 101
        assert status_under(named, "evil.example") == 421


def test_the_script_is_at_the_root_and_the_page_for_its_owner(counter: LocDev) -> None:
    status, body, headers = get(counter.url)
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "locWidget" in body
    assert get(f"{counter.url}/_loc/widget.js")[1] == body
    with Visitor(counter.url, "a.example") as visitor:
        visitor.expect(1)
        page = get(counter.url, Accept="text/html")[1]
        assert "<td>a.example</td><td>1</td><td>1</td><td><svg" in page


def test_the_counter_beside_another_command(tmp_path: Any) -> None:
    with LocDev("watch", tmp_path, "--port", "0", "--counter", "--site", "a.example") as dev:
        script = get(dev.url)[1]
        assert "locWidget" in script
        assert "loc-dev" in script
        with Visitor(dev.url, "a.example") as visitor:
            visitor.expect(1)
            assert refused(dev, site="b.example") == 403
            (site,) = json.loads(get(f"{dev.url}/_loc/api/status")[1])["sites"]
            assert (site["site"], site["total"], site["peak"]) == ("a.example", 1, 1)
        assert status_under(dev, "evil.example") == 421
        assert status_under(dev, "localhost") == 101
    with LocDev("watch", tmp_path, "--port", "0") as dev:
        assert "locWidget" not in get(dev.url)[1]
        assert get(f"{dev.url}/_loc/badge/a.svg")[0] == 404
        assert refused(dev) in (403, 404)


# ---------------------------------------------------------------------- the end


def test_visitors_are_sent_away_in_good_order() -> None:
    with contextlib.ExitStack() as stack:
        counter = stack.enter_context(LocDev("count", "--port", "0", "--max-per-address", "3000"))
        sockets = [stack.enter_context(raw(counter)) for _ in range(3000)]
        counter.wait_for("total", lambda event: event["total"] == 3000)
        counter.process.send_signal(signal.SIGTERM)
        until(lambda: get(f"{counter.url}/_loc/healthz")[0] == 503)
        assert refused(counter) == 503
        waits = [_told_to_come_back(connection) for connection in sockets]
        assert counter.process.wait(DEADLINE) == 0
        assert 4 < max(waits) <= 6, "spread so that 500 come in a second"
        assert min(waits) < 0.5
        assert counter.errors == ""


def test_a_second_signal_ends_it_at_once() -> None:
    with contextlib.ExitStack() as stack:
        counter = stack.enter_context(LocDev("count", "--port", "0", "--max-per-address", "4000"))
        sockets = [stack.enter_context(raw(counter)) for _ in range(3000)]
        counter.process.send_signal(signal.SIGTERM)
        _told_to_come_back(sockets[0])
        counter.process.send_signal(signal.SIGTERM)
        assert counter.process.wait(DEADLINE) == 0
        last = b""
        with contextlib.suppress(ConnectionError):
            while part := sockets[-1].recv(4096):
                last += part
        assert b"retry-after" not in last, "there was no time to send them all away"
        assert counter.errors == ""


def _told_to_come_back(connection: socket.socket) -> float:
    """Read frames until the one that closes; the seconds after which to come back."""
    with connection.makefile("rb") as stream:
        while True:
            first, length = stream.read(2)
            body = stream.read(length)
            if first == 0x88:
                break
    assert struct.unpack("!H", body[:2]) == (1012,)
    found = re.fullmatch(rb"retry-after=(\d+\.\d)", body[2:])
    assert found
    return float(found[1])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--site", "a b"], "not a host such as"),
        (["--trusted-proxy", "nix"], "not an address or a network"),
        (["--admin-token", "short"], "use at least 8"),
        (["--redis", "localhost"], "--redis takes a URL"),
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
