"""The status page as it is served, its state, and its socket."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from livereload_loc import LiveReloadMiddleware
from livereload_loc.web.status.socket import MAX_READERS, PAUSE_SECONDS
from tests.support.loc_dev import LocDev
from tests.support.raw_http import upgrade
from tests.support.upstreams import serving
from tests.support.visitors import Visitor
from tests.support.waiting import DEADLINE, until

State = dict[str, Any]

BUILD = """
import pathlib, sys
if "oops" in pathlib.Path(sys.argv[1]).read_text():
    sys.exit("what is oops?")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    (site / "styles").mkdir(parents=True)
    (site / "styles/site.css").write_text("a {}")
    (site / "index.html").write_text("<p>")
    return site


@pytest.fixture
def dev(site: Path) -> Iterator[LocDev]:
    with LocDev("serve", site, "--port", "0") as dev:
        yield dev


def looking(dev: LocDev, origin: str | None = None) -> ClientConnection:
    return connect(f"ws://localhost:{dev.port}/_loc/ws/status", origin=origin, max_size=None)  # type: ignore[arg-type]


def heard(looker: ClientConnection) -> State:
    state = json.loads(looker.recv(DEADLINE))
    assert isinstance(state, dict)
    return state


def state_with(looker: ClientConnection, key: str) -> State:
    """The first state in which there is something under ``key``."""
    while not (state := heard(looker))[key]:
        pass
    return state


def introduce(page: ClientConnection, url: str) -> None:
    page.recv(DEADLINE)
    page.send(json.dumps({"type": "page", "url": url, "seq": None, "run": None, "age": 0}))


def test_the_state_says_who_is_there_and_what_became_of_a_save(dev: LocDev, site: Path) -> None:
    agent = "Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0"
    began = time.time()
    with looking(dev) as looker, connect(dev.socket_url, user_agent_header=agent) as page:
        first = heard(looker)
        assert (first["open"], first["saves"], first["problem"]) == ([], [], None)
        introduce(page, "/about/")
        (opened,) = state_with(looker, "open")["open"]
        assert (opened["page"], opened["browser"], opened["away"]) == ("/about/", "Firefox 140", False)
        assert began <= opened["since"] <= time.time()
        (site / "styles/site.css").write_text("b {}")
        seq = json.loads(page.recv(DEADLINE))["seq"]
        page.send(json.dumps({"type": "applied", "seq": seq, "did": "css", "why": ""}))
        while not (state := heard(looker))["saves"] or not state["saves"][0]["account"]:
            pass
        (save,) = state["saves"]
        assert save["paths"] == ["styles/site.css"]
        assert save["account"] == "1 tab swapped"
        (answer,) = save["answers"]
        assert (answer["page"], answer["browser"], answer["did"]) == ("/about/", "Firefox 140", "css")
        assert 0 < answer["ms"] == save["ms"] == state["open"][0]["ms"]
        (site / ".env").write_text("x")
        (ignored,) = state_with(looker, "ignored")["ignored"]
        assert (ignored["path"], ignored["why"]) == (".env", "dotfile")
        again = httpx2.get(f"{dev.url}/_loc/api/status").json()
        assert again["saves"] == [save], "one function makes both"
        assert again["pages"] == ["/about/"]


def test_the_state_says_what_is_watched_and_how(dev: LocDev, site: Path) -> None:
    state = httpx2.get(f"{dev.url}/_loc/api/status").json()
    assert state["watching"] == [str(site)]
    assert state["watcher"] == {"files": 2, "polled": [], "ignore": [], "gitignore": True}
    assert state["tag"] == f'<script src="http://localhost:{dev.port}/_loc/reload.js" async></script>'
    assert (state["tagged"], state["phone"], state["seq"]) == (True, None, 0)
    assert "sites" not in state
    with LocDev("watch", site, "--port", "0", "--poll", "50") as polling:
        assert httpx2.get(f"{polling.url}/_loc/api/status").json()["watcher"]["polled"] == [str(site)]


def test_a_problem_comes_and_goes(site: Path, tmp_path: Path) -> None:
    build = tmp_path / "build.py"
    build.write_text(BUILD)
    (site / "a.scss").write_text("a {}")
    with (
        LocDev("watch", site, "--port", "0", "--exec", f"{sys.executable} {build} {site}/a.scss") as dev,
        looking(dev) as looker,
    ):
        (site / "a.scss").write_text("oops")
        problem = state_with(looker, "problem")["problem"]
        assert problem["title"] == f"Build failed: {sys.executable} {build} {site}/a.scss"
        assert problem["detail"].strip() == "It ended with exit code 1.\nwhat is oops?"
        (site / "a.scss").write_text("b {}")
        while (state := heard(looker))["problem"]:
            pass
        assert state["troubles"][0]["solved"] >= problem["at"]


def test_the_page_and_its_parts_are_for_itself_alone(dev: LocDev) -> None:
    page = httpx2.get(f"{dev.url}/_loc/")
    policy = page.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                 "img-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):  # fmt: skip
        assert part in policy.split("; ")
    assert "unsafe" not in policy
    kinds = {
        "status.js": "text/javascript",
        "rows.js": "text/javascript",
        "status.css": "text/css",
        "icon.svg": "image/svg",
    }
    for name, kind in kinds.items():
        answer = httpx2.get(f"{dev.url}/_loc/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers
    for absent in ("status.html", "record.py", "..%2fapp.py", "status.jsx"):
        assert httpx2.get(f"{dev.url}/_loc/{absent}").status_code == 404


def test_the_page_at_the_root_finds_its_parts(site: Path) -> None:
    with LocDev("watch", site, "--port", "0") as dev:
        page = httpx2.get(dev.url, headers={"Sec-Fetch-Dest": "document"}).text
        assert 'src="_loc/status.js"' in page
        assert 'src="status.js"' in httpx2.get(f"{dev.url}/_loc/").text


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1", "http://127.0.0.1:{port}", ""]
)
def test_the_socket_is_for_its_own_page_alone(dev: LocDev, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused, looking(dev, origin.format(port=dev.port)):
        pass
    assert refused.value.response.status_code == 403


def test_its_own_page_and_programs_of_this_machine_get_it(dev: LocDev) -> None:
    for origin in (f"http://localhost:{dev.port}", None):
        with looking(dev, origin) as looker:
            assert heard(looker)["run"]


def test_it_is_no_open_page(dev: LocDev, site: Path) -> None:
    with looking(dev) as looker:
        heard(looker)
        (site / "styles/site.css").write_text("b {}")
        assert dev.wait_for("change")["pages"] == 0
        assert state_with(looker, "saves")["open"] == []
        assert dev.count("client") == 0


@pytest.mark.parametrize(
    "said", ["{}", '{"type":"page","url":"/","seq":null,"run":null}', b"\x00", "x" * 16_000]
)
def test_who_speaks_is_sent_away(dev: LocDev, said: str | bytes) -> None:
    with looking(dev) as looker:
        heard(looker)
        looker.send(said)
        with pytest.raises(ConnectionClosed):
            list(looker)
        assert looker.close_code == 1008
    assert dev.count("client") == 0


def test_there_is_an_end_to_how_many_look(dev: LocDev) -> None:
    with ExitStack() as stack:
        lookers = [stack.enter_context(looking(dev)) for _ in range(MAX_READERS)]
        assert upgrade(dev.port, b"/_loc/ws/status") == 503
        lookers[0].close()
        until(lambda: upgrade(dev.port, b"/_loc/ws/status") == 101)


def test_a_storm_of_news_is_told_in_a_few_states(dev: LocDev) -> None:
    with looking(dev) as looker, connect(dev.socket_url) as page:
        introduce(page, "/")
        state_with(looker, "open")
        began = time.monotonic()
        with ExitStack() as stack:
            for number in range(100):
                introduce(stack.enter_context(connect(dev.socket_url)), f"/{number}")
            states = 0
            while True:
                state = heard(looker)
                states += 1
                if len(state["open"]) == 101:
                    break
            took = time.monotonic() - began
        assert took >= (states - 2) * PAUSE_SECONDS


def test_it_ends_with_the_server(dev: LocDev) -> None:
    with looking(dev) as looker:
        heard(looker)
        assert dev.stop() == 0
        with pytest.raises(ConnectionClosed) as closed:
            looker.recv(DEADLINE)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012


def test_totals_come_with_the_peaks_of_a_day(site: Path) -> None:
    with LocDev("serve", site, "--port", "0", "--counter") as dev, looking(dev) as looker:
        assert heard(looker)["sites"] == []
        with Visitor(dev.url, "a.example") as visitor:
            visitor.expect(1)
            state = state_with(looker, "sites")
            (found,) = state["sites"]
            assert (found["site"], found["total"], found["peak"]) == ("a.example", 1, 1)
            assert (len(found["peaks"]), found["peaks"][-1]) == (96, 1)
            assert "/_loc/widget.js" in state["widget"]


def test_the_code_leads_to_where_others_find_it(dev: LocDev, site: Path) -> None:
    assert httpx2.get(f"{dev.url}/_loc/qr.svg").status_code == 404
    with LocDev("serve", site, "--port", "0", "--allow-host", "desk.example") as named:
        asked = {"Host": f"desk.example:{named.port}"}
        assert (
            httpx2.get(f"{named.url}/_loc/api/status", headers=asked).json()["phone"]
            == f"http://desk.example:{named.port}/"
        )
        picture = httpx2.get(f"{named.url}/_loc/qr.svg", headers=asked)
        assert picture.headers["content-type"] == "image/svg+xml"
        assert picture.text.startswith("<svg")
        foreign = httpx2.get(
            f"{named.url}/_loc/qr.svg", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        )
        assert foreign.status_code == 403


def test_a_middleware_has_it_too(site: Path) -> None:
    app = Starlette()
    live = LiveReloadMiddleware(app, watch=[site], enabled=True)
    with serving(live) as port, connect(f"ws://localhost:{port}/_loc/ws/status") as looker:
        state = heard(looker)
        assert (state["watching"], state["tagged"], state["command"]) == ([str(site)], True, False)
        (site / "index.html").write_text("<p>new")
        assert state_with(looker, "saves")["saves"][0]["paths"] == ["index.html"]
