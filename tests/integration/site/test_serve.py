"""``loc-dev serve`` over real sockets and real files."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest
from starlette.types import Message
from websockets.sync.client import connect

from livereload_loc.site.static import StaticSite
from tests.support.loc_dev import LocDev
from tests.support.waiting import DEADLINE

PAGE = "<!doctype html><title>x</title>"
TAG = '<script src="/_loc/reload.js" async></script>'


def named(page: str) -> str:
    """The tag of a page that is shown at another address than its file's."""
    return TAG.replace(" async", f' async data-page="{page}"')


NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "about").mkdir(parents=True)
    (root / "files").mkdir()
    (root / "index.html").write_text("<!doctype html><html><head><title>Home</title></head></html>")
    (root / "about/index.html").write_text("<p>About")
    (root / "site.css").write_text("a { color: red }")
    (root / "main.js").write_text("let é = 1")
    (root / "video.mp4").write_bytes(bytes(range(256)) * 40)
    (root / ".env").write_text("SECRET=1")
    (root / ".well-known").mkdir()
    (root / ".well-known/security.txt").write_text("Contact: x")
    (tmp_path / "site-private.txt").write_text("secret")
    return root


@pytest.fixture
def server(site: Path) -> Iterator[LocDev]:
    with LocDev("serve", site, "--port", "0") as running:
        yield running


def get(server: LocDev, path: str, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.get(server.url + path, headers=named or NAVIGATION)


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


def raw(server: LocDev, target: bytes, method: bytes = b"GET", *headers: bytes) -> bytes:
    with closing(socket.create_connection(("127.0.0.1", server.port), DEADLINE)) as connection:
        lines = [
            method + b" " + target + b" HTTP/1.1",
            b"Host: localhost",
            b"Connection: close",
            *headers,
            b"",
            b"",
        ]
        connection.sendall(b"\r\n".join(lines))
        response = b""
        while data := connection.recv(65536):
            response += data
        return response


def test_pages_carry_the_tag_and_are_asked_for_again(server: LocDev, site: Path) -> None:
    response = get(server, "/")
    assert response.text == (site / "index.html").read_text().replace("<head>", f"<head>{TAG}")
    assert int(response.headers["content-length"]) == len(response.content)
    assert response.headers["cache-control"] == "no-cache"
    assert "last-modified" not in response.headers
    assert (
        get(server, "/", **{"If-None-Match": response.headers["etag"], "Accept": "text/html"}).status_code
        == 304
    )


def test_what_is_no_navigation_gets_the_file_as_it_lies_there(server: LocDev, site: Path) -> None:
    for headers in ({"Sec-Fetch-Dest": "empty"}, {"HX-Request": "true"}, {"Accept": "application/json"}):
        response = get(server, "/index.html", **headers)
        assert response.text == (site / "index.html").read_text()
    part = get(server, "/index.html", Range="bytes=0-8")
    assert (part.status_code, part.text) == (206, "<!doctype")


def test_a_head_request_tells_the_right_length(server: LocDev) -> None:
    whole = get(server, "/")
    head = httpx2.head(server.url + "/", headers=NAVIGATION)
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert head.content == b""


def test_assets_lie_there_untouched(server: LocDev, site: Path) -> None:
    css = get(server, "/site.css", Accept="text/css")
    assert css.content == (site / "site.css").read_bytes()
    assert css.headers["content-type"] == "text/css; charset=utf-8"
    assert css.headers["cache-control"] == "no-cache"
    assert css.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in css.headers
    assert get(server, "/main.js").headers["content-type"] == "text/javascript; charset=utf-8"
    again = get(server, "/site.css", **{"If-None-Match": css.headers["etag"]})
    assert again.status_code == 304
    since = get(server, "/site.css", **{"If-Modified-Since": css.headers["last-modified"]})
    assert since.status_code == 304
    assert get(server, "/site.css?v=2&raw", Accept="*/*").content == css.content


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10000-", 206, (10000, 10240)),
        ("bytes=-5", 206, (10235, 10240)),
        ("bytes=99999-", 416, None),
    ],
)
def test_parts_of_a_video(
    server: LocDev, site: Path, asked: str, status: int, expected: tuple[int, int] | None
) -> None:
    response = get(server, "/video.mp4", Range=asked)
    assert response.status_code == status
    if expected:
        start, end = expected
        assert response.content == (site / "video.mp4").read_bytes()[start:end]
        assert response.headers["content-range"] == f"bytes {start}-{end - 1}/10240"
        assert response.headers["content-type"] == "video/mp4"


def test_folders_with_and_without_a_slash(server: LocDev) -> None:
    redirect = get(server, "/about?x=1")
    assert (redirect.status_code, redirect.headers["location"]) == (307, "/about/?x=1")
    assert TAG in get(server, "/about/").text
    assert get(server, "/site.css/").status_code == 404
    assert b"\r\nlocation: //" not in raw(server, b"//about").lower()


def test_a_listing_shows_names_as_text(server: LocDev, site: Path) -> None:
    odd = [
        "<script>alert(1)<",
        "a b.txt",
        "javascript:alert(1)",
        "ü&amp;.html",
        "100%",
        "#hash",
        'q"uote',
        "z" * 200,
    ]
    for name in odd:
        (site / "files" / name).write_text("x")
    (Path(os.fsdecode(os.fsencode(site / "files") + b"/latin\xfc.txt"))).write_text("x")
    (site / "files/.hidden").write_text("x")
    (site / "files/sub").mkdir()
    page = get(server, "/files/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;" in page
    assert ".hidden" not in page
    assert named("/files/*") in page
    links = re.findall(r'href="([^"]*)"', page)
    assert "./sub/" in links
    assert all(link.startswith(("./", "../")) for link in links)
    assert "./javascript%3Aalert%281%29" in links
    assert len(links) == len(odd) + 3  # those above, and "..", the folder, the name in Latin-1
    for link in links:
        if link.startswith("./"):
            assert get(server, f"/files/{link[2:]}", Accept="*/*").status_code == 200, link


def test_a_listing_keeps_keys_and_links_out_of_the_root_to_itself(server: LocDev, site: Path) -> None:
    (site / "files/srv-key.pem").write_text("secret")
    (site / "files/out").symlink_to(site.parent)
    (site / "files/data~1.json").write_text("x")
    page = get(server, "/files/").text
    assert "srv-key.pem" not in page
    assert "out" in page
    assert "data~1.json" in page
    assert re.findall(r'href="([^"]*)"', page) == ["../"]


def test_a_page_and_a_folder_may_have_a_hash_or_a_colon_in_their_names(server: LocDev, site: Path) -> None:
    (site / "C# & why?").mkdir()
    (site / "C# & why?/index.html").write_text(PAGE)
    (site / "C# notes.html").write_text(PAGE)
    (site / "Chapter 1: Intro.html").write_text(PAGE)
    assert TAG in get(server, "/C%23%20notes.html").text
    for path in ("/Chapter%201:%20Intro.html", "/Chapter%201%3A%20Intro.html"):
        assert TAG in get(server, path).text
    assert "data-page" not in get(server, "/C%23%20%26%20why%3F/").text
    assert raw(server, b"/C# notes.html").startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("page.html.gz", "application/gzip"),
        ("site.css.gz", "application/gzip"),
        ("page.html.br", "application/octet-stream"),
        ("all.tar.gz", "application/gzip"),
    ],
)
def test_a_compressed_file_is_served_byte_for_byte(server: LocDev, site: Path, name: str, media: str) -> None:
    content = gzip.compress(PAGE.encode())
    (site / name).write_bytes(content)
    response = get(server, f"/{name}")
    assert (response.headers["content-type"], response.content) == (media, content)


def test_a_file_that_differs_in_nothing_but_its_content_is_sent_anew(server: LocDev, site: Path) -> None:
    """Builds that set all times to one do that, and so does ``rsync -t --inplace``."""
    sheet = site / "site.css"
    sheet.write_text("p { color: red }")
    os.utime(sheet, (1_700_000_000, 1_700_000_000))
    first = get(server, "/site.css", Accept="*/*")
    again = get(server, "/site.css", Accept="*/*", If_None_Match=first.headers["etag"])
    assert again.status_code == 304
    with sheet.open("r+") as file:
        file.write("p { color: tan }")
    os.utime(sheet, (1_700_000_000, 1_700_000_000))
    response = get(server, "/site.css", Accept="*/*", If_None_Match=first.headers["etag"])
    assert (response.status_code, response.text) == (200, "p { color: tan }")


def test_a_file_that_may_not_be_read_is_refused_in_words() -> None:
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
            asyncio.run(StaticSite(site)(scope, receive, send))
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


def test_what_is_missing_says_so_and_comes_with_the_tag(server: LocDev, site: Path) -> None:
    response = get(server, "/<script>alert(1)</script>")
    assert response.status_code == 404
    assert named("**") in response.text, "what appears below its address reloads it"
    assert "<script>alert" not in response.text
    asset = get(server, "/missing.js", **{"Sec-Fetch-Dest": "script"})
    assert (asset.status_code, asset.text) == (404, "Not found.\n")
    (site / "404.html").write_text("<p>Lost at sea")
    own = get(server, "/nowhere")
    assert (own.status_code, own.text) == (404, f"{named('/404.html **')}<p>Lost at sea")


def test_a_single_page_app_responses_navigations_with_its_index(site: Path) -> None:
    with LocDev("serve", site, "--port", "0", "--spa") as server:
        deep = get(server, "/deep/link")
        assert deep.status_code == 200
        assert "Home" in deep.text
        for path in ("/users/john.doe", "/users/urn:1", "/a:b", "/tag/c%23", "/v1.", "/hosts/example.com"):
            assert "Home" in get(server, path).text, path
        assert get(server, "/deep/missing.png").status_code == 404
        assert get(server, "/api/x", **{"Sec-Fetch-Dest": "empty"}).status_code == 404
        assert get(server, "/.env").status_code == 404


def test_a_file_that_is_deleted_and_made_again_is_served_anew(server: LocDev, site: Path) -> None:
    page = site / "page.html"
    for number in range(20):
        page.write_text(f"<p>{number:02}")
        assert get(server, "/page.html").text == f"{TAG}<p>{number:02}"
        page.unlink()
        assert get(server, "/page.html").status_code == 404


def test_ten_thousand_files_in_a_folder(server: LocDev, site: Path) -> None:
    for number in range(10_000):
        (site / "files" / f"{number}.txt").touch()
    page = get(server, "/files/").text
    assert page.count("<li>") == 10_001
    assert get(server, "/files/9999.txt").status_code == 200


def test_a_save_is_told_as_a_url_path(server: LocDev, site: Path) -> None:
    with connect(server.socket_url) as page:
        hello = json.loads(page.recv(DEADLINE))
        assert hello["exact"] is True
        page.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')
        (site / "about/index.html").write_text("<p>New")
        assert json.loads(page.recv(DEADLINE))["paths"] == ["about/index.html"]
        page.send('{"type":"applied","seq":1,"did":"nothing","why":""}')
        with pytest.raises(TimeoutError):
            page.recv(0.5)


def test_foreign_pages_may_neither_run_nor_read_a_file(server: LocDev) -> None:
    embedded = get(server, "/main.js", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"})
    assert embedded.status_code == 403
    assert get(server, "/", Host="evil.example").status_code == 421


def test_a_taken_default_port_moves_on_and_an_asked_for_one_does_not(site: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # somebody else has it: as good
        with LocDev("serve", site) as server:
            assert server.port > 8080


def test_a_link_that_leads_nowhere_is_not_found(server: LocDev, site: Path) -> None:
    (site / "loop.html").symlink_to("loop.html")
    assert get(server, "/loop.html").status_code == 404
    assert server.errors == ""
