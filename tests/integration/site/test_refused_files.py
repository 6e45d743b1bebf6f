"""What ``loc-dev serve`` does not serve, and what it says instead."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.types import Message

from livereload_loc.site.static import StaticSite
from tests.support.in_loop import in_loop
from tests.support.loc_dev import LocDev
from tests.support.served_sites import get, raw


@contextmanager
def as_nobody() -> Iterator[None]:
    """Give up the rights of root, who may read all files."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@in_loop
async def test_a_file_that_may_not_be_read_is_refused_in_words() -> None:
    scope = {"type": "http", "method": "GET", "raw_path": b"/a.png", "query_string": b"", "headers": []}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    with tempfile.TemporaryDirectory() as site:  # which another user may read, unlike tmp_path
        Path(site).chmod(0o755)
        Path(site, "a.png").touch(0o000)
        with as_nobody():
            await StaticSite(site)(scope, receive, send)
    assert (sent[0]["status"], sent[1]["body"]) == (403, b"This file may not be read.\n")


def test_the_dotted_are_hidden_and_the_well_known_are_not(server: LocDev) -> None:
    for path in (b"/.env", b"/%2eenv", b"/.env/.", b"/.env?raw", b"/about/../.env"):
        assert b"SECRET" not in raw(server, path)
    assert get(server, "/.well-known/security.txt").text == "Contact: x"


@pytest.mark.parametrize(
    "target", [b"/../site-private.txt", b"/..%2fsite-private.txt", b"//etc/passwd", b"/..\\x"]
)
def test_nothing_beside_the_root_is_served(server: LocDev, target: bytes) -> None:
    response = raw(server, target)
    assert b" 400 " in response.splitlines()[0]
    assert b"secret" not in response
    assert b"root:" not in response


def test_links_out_of_the_root_are_not_followed(server: LocDev, site: Path) -> None:
    (site / "out.txt").symlink_to(site.parent / "site-private.txt")
    (site / "in.css").symlink_to("site.css")
    assert get(server, "/out.txt").status_code == 404
    assert get(server, "/in.css").status_code == 200


def test_other_methods_change_nothing(server: LocDev) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        response = httpx2.request(method, server.url + "/index.html")
        assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_foreign_pages_may_neither_run_nor_read_a_file(server: LocDev) -> None:
    embedded = get(server, "/main.js", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
    assert embedded.status_code == 403
    assert get(server, "/", Host="evil.example").status_code == 421


def test_a_link_that_leads_nowhere_is_not_found(server: LocDev, site: Path) -> None:
    (site / "loop.html").symlink_to("loop.html")
    assert get(server, "/loop.html").status_code == 404
    assert server.errors == ""
