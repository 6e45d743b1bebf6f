"""The reload socket of a real server, as a page would use it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from livereload_loc.web.reload_socket import INTRODUCTION_SECONDS
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE

SILENCE = 0.4


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles/site.css").write_text("a {}")
    (tmp_path / "index.html").write_text("<p>")
    return tmp_path


@pytest.fixture
def server(site: Path) -> Iterator[LocDev]:
    with LocDev("watch", site, "--port", "0") as running:
        yield running


def page(
    socket: ClientConnection, url: str = "/", seq: int | None = None, run: str | None = None, age: float = 0
) -> None:
    socket.send(json.dumps({"type": "page", "url": url, "seq": seq, "run": run, "age": age}))


def receive(socket: ClientConnection, within: float = DEADLINE) -> dict[str, Any]:
    message = json.loads(socket.recv(within))
    assert isinstance(message, dict)
    return message


def silent(socket: ClientConnection) -> bool:
    try:
        socket.recv(SILENCE)
    except TimeoutError:
        return True
    return False


def applied(socket: ClientConnection, seq: int, did: str) -> None:
    socket.send(json.dumps({"type": "applied", "seq": seq, "did": did, "why": ""}))


def test_a_save_is_told_to_every_page(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as one, connect(server.socket_url) as two:
        for socket in (one, two):
            hello = receive(socket)
            assert (hello["type"], hello["seq"]) == ("hello", 0)
            page(socket)
        (site / "styles/site.css").write_text("b {}")
        for socket in (one, two):
            assert receive(socket) == {
                "type": "update",
                "seq": 1,
                "action": "css",
                "paths": ["styles/site.css"],
            }
        (site / "index.html").write_text("<p>new")
        for socket in (one, two):
            assert receive(socket) == {
                "type": "update",
                "seq": 2,
                "action": "reload",
                "paths": ["index.html"],
            }
        assert silent(one)


def test_each_save_is_reported_with_what_the_pages_did(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as socket:
        receive(socket)
        page(socket, "/about/")
        assert server.wait_for("client")["page"] == "/about/"
        (site / "styles/site.css").write_text("b {}")
        applied(socket, receive(socket)["seq"], "css")
        assert server.wait_for("change") == {
            "event": "change",
            "paths": ["styles/site.css"],
            "action": "css",
            "pages": 1,
        }
        answer = server.wait_for("applied")
        assert (answer["page"], answer["did"], answer["paths"]) == ("/about/", "css", ["styles/site.css"])
        assert 0 <= answer["ms"] < DEADLINE * 1000
    server.wait_for("client", lambda event: event["state"] == "left" and event["clients"] == 0)


def test_what_nobody_uses_is_told_once_more_to_everyone(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as socket:
        receive(socket)
        page(socket)
        (site / "styles/site.css").write_text("b {}")
        applied(socket, receive(socket)["seq"], "nothing")
        assert receive(socket) == {
            "type": "update",
            "seq": 2,
            "action": "reload",
            "paths": ["styles/site.css"],
            "all": True,
        }
        applied(socket, 2, "nothing")
        assert silent(socket)


def test_what_somebody_uses_is_not_told_again(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as one, connect(server.socket_url) as two:
        for socket in (one, two):
            receive(socket)
            page(socket)
        (site / "styles/site.css").write_text("b {}")
        applied(two, receive(two)["seq"], "css")  # first: a machine may stand still for as long as is waited
        applied(one, receive(one)["seq"], "nothing")
        assert silent(one)


def test_a_page_without_an_answer_is_not_told_again(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as socket:
        receive(socket)
        page(socket)
        (site / "styles/site.css").write_text("b {}")
        receive(socket)
        assert silent(socket)


def test_a_page_that_was_cut_off_catches_up(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as socket:
        run = receive(socket)["run"]
        page(socket)
    (site / "styles/site.css").write_text("b {}")
    server.wait_for("change")
    with connect(server.socket_url) as socket:
        assert receive(socket) == {"type": "hello", "run": run, "seq": 1, "inPlace": "on"}
        page(socket, seq=0, run=run)
        assert receive(socket)["paths"] == ["styles/site.css"]
        assert silent(socket)


def test_a_page_that_was_loading_meanwhile_catches_up(server: LocDev, site: Path) -> None:
    began = time.monotonic() - 10  # long before the save, however late the server reads the age
    (site / "index.html").write_text("<p>new")
    server.wait_for("change")
    with connect(server.socket_url) as socket:
        receive(socket)
        page(socket, age=(time.monotonic() - began) * 1000)
        assert receive(socket)["paths"] == ["index.html"]
    with connect(server.socket_url) as socket:
        receive(socket)
        page(socket, age=0)
        assert silent(socket)


def test_a_page_of_another_run_is_told_to_reload(server: LocDev) -> None:
    with connect(server.socket_url) as socket:
        receive(socket)
        page(socket, seq=3, run="before")
        assert receive(socket) == {"type": "update", "seq": 0, "action": "reload", "paths": [], "all": True}


def test_a_page_that_says_nothing_is_told_all_the_same(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as socket:
        receive(socket)
        (site / "index.html").write_text("<p>new")
        assert receive(socket)["seq"] == 1


@pytest.mark.parametrize(
    "frame",
    [
        "nonsense",
        "[]",
        '{"type":"run","cmd":"id"}',
        '{"type":"applied","seq":1,"did":"css"}',
        b"\x00",
        "x" * 20_000,
    ],
)
def test_a_page_that_talks_nonsense_is_shown_out_and_the_others_stay(
    server: LocDev, site: Path, frame: str | bytes
) -> None:
    with connect(server.socket_url) as good:
        receive(good)
        page(good)
        with connect(server.socket_url) as bad:
            receive(bad)
            bad.send(frame)
            with pytest.raises(ConnectionClosed) as closed:
                bad.recv(DEADLINE)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code in (1008, 1009)
        (site / "index.html").write_text("<p>new")
        assert receive(good)["seq"] == 1
    assert server.errors == ""


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://10.0.0.1:8081", "garbage"])
def test_foreign_pages_get_no_socket(server: LocDev, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(server.socket_url, additional_headers={"Origin": origin})
    assert refused.value.response.status_code == 403
    assert "foreign" in server.wait_for("problem")["title"] or "Origin" in server.wait_for("problem")["title"]


def test_the_refusal_names_the_flag_that_helps(server: LocDev, site: Path) -> None:
    with pytest.raises(InvalidStatus):
        connect(server.socket_url, additional_headers={"Origin": "https://shop.example"})
    assert "--allow-origin https://shop.example" in server.wait_for("problem")["detail"]
    with (
        LocDev("watch", site, "--port", "0", "--allow-origin", "https://shop.example") as open_server,
        connect(open_server.socket_url, additional_headers={"Origin": "https://shop.example"}) as socket,
    ):
        assert receive(socket)["type"] == "hello"


@pytest.mark.parametrize("origin", ["http://localhost:8080", "http://127.0.0.1:5000", "http://shop.test"])
def test_pages_of_this_machine_get_a_socket(server: LocDev, origin: str) -> None:
    with connect(server.socket_url, additional_headers={"Origin": origin}) as socket:
        assert receive(socket)["type"] == "hello"


def test_a_page_that_never_reads_delays_nobody(server: LocDev, site: Path) -> None:
    with (
        connect(server.socket_url, max_queue=1, close_timeout=0.1) as deaf,
        connect(server.socket_url) as good,
    ):
        receive(good)
        page(good)
        page(deaf)
        for number in range(20):
            (site / "index.html").write_text(f"<p>{number}")
            assert receive(good)["seq"] == number + 1


def test_a_page_that_is_slow_to_introduce_itself_misses_nothing(server: LocDev, site: Path) -> None:
    """It loaded the old page, and says so later than the server waits."""
    (site / "index.html").write_text("<p>saved while it loads")
    server.wait_for("change")
    with connect(server.socket_url, origin=server.url) as socket:  # type: ignore[arg-type]
        receive(socket)
        with pytest.raises(TimeoutError):
            socket.recv(INTRODUCTION_SECONDS + 0.5)
        introduction = {"type": "page", "url": "/", "seq": None, "run": None, "age": 60_000}
        socket.send(json.dumps(introduction))
        update = receive(socket)
        assert (update["type"], update["action"], update["all"]) == ("update", "reload", True)
