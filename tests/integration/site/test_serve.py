"""``loc-dev serve`` over real sockets and real files."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from websockets.sync.client import connect

from tests.support.loc_dev import LocDev
from tests.support.request_headers import DOWNLOAD, PAGES
from tests.support.served_sites import NAVIGATION, PAGE, TAG, get, named, raw
from tests.support.waiting import DEADLINE, until


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
    fetched = {"Sec-Fetch-Dest": "empty"}
    for headers in (fetched, DOWNLOAD, {"HX-Request": "true"}, {"Accept": "application/json"}):
        response = get(server, "/index.html", **headers)
        assert response.text == (site / "index.html").read_text()
    part = get(server, "/index.html", Range="bytes=0-8")
    assert (part.status_code, part.text) == (206, "<!doctype")


@pytest.mark.parametrize("headers", PAGES.values(), ids=PAGES)
def test_what_asks_for_a_page_in_another_way_gets_the_tag(server: LocDev, headers: dict[str, str]) -> None:
    assert TAG in get(server, "/index.html", **headers).text


@pytest.mark.parametrize(
    ("name", "media"), [("a.svg", "image/svg+xml"), ("a.xhtml", "application/xhtml+xml")]
)
def test_svg_and_xhtml_documents_get_a_well_formed_tag(
    server: LocDev, site: Path, name: str, media: str
) -> None:
    (site / name).write_text("<?xml version='1.0'?>\n<a><b>é</b></a>")
    response = get(server, f"/{name}")
    tag = '<script xmlns="http://www.w3.org/1999/xhtml" src="/_loc/reload.js" async=""></script>'
    assert response.text == f"<?xml version='1.0'?>\n<a>{tag}<b>é</b></a>"
    assert response.headers["content-type"].startswith(media)
    for headers in (
        {"Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Dest": "object"},
        {"Accept": "image/*,*/*;q=0.8"},
    ):
        agent = {"User-Agent": "Mozilla/5.0"}
        assert get(server, f"/{name}", **headers, **agent).content == (site / name).read_bytes()


def test_a_document_that_cannot_have_the_tag_is_told_once(server: LocDev, site: Path) -> None:
    for name in ("a.svg", "b.svg"):
        (site / name).write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        assert get(server, f"/{name}").content == (site / name).read_bytes()
    until(lambda: server.errors.count("passes without the tag and does not reload") == 1)


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
    with LocDev("serve", site, "--port", "0", "--spa", "--in-place", "off") as server:
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


def test_a_page_that_may_change_in_place_names_its_version(marking: LocDev, site: Path) -> None:
    ids = []
    for words in ("first", "second", "first"):
        (site / "about/index.html").write_text(f"<p>{words}")
        page = get(marking, "/about/")
        ids += re.findall(' data-id="([0-9a-f]{10})"', page.text)
        assert page.headers["content-length"] == str(len(page.content))
        head = httpx2.head(f"{marking.url}/about/", headers=NAVIGATION)
        assert head.headers["content-length"] == page.headers["content-length"]
        assert get(marking, "/about/", **NAVIGATION, If_None_Match=page.headers["etag"]).status_code == 304
    assert ids[0] == ids[2] != ids[1]
    assert len(ids) == 3
