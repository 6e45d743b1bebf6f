"""What the tag says where pages may change in place: an id of the response, and its policies."""

from __future__ import annotations

import re

import pytest

from livereload_loc.httputil.headers import HeaderList
from livereload_loc.inject.html.insertion_point import PRESCAN
from livereload_loc.inject.page import TaggedPage, tag_response
from livereload_loc.inject.stream import PageStream
from livereload_loc.inject.tag import ScriptLocation, ScriptTag

HTML = (b"content-type", b"text/html")
PAGE = b"<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>"
POLICY = b"content-security-policy"


@pytest.fixture
def tag() -> ScriptTag:
    return ScriptTag(ScriptLocation("sha256-abc=", in_place=True), "", "http", b"localhost:8000")


def page(tag: ScriptTag, *headers: tuple[bytes, bytes]) -> TaggedPage:
    made = tag_response(tag, 200, [HTML, *headers])
    assert isinstance(made, TaggedPage)
    return made


def attribute(name: str, page: TaggedPage) -> str | None:
    found = re.search(f' data-{name}="([^"]*)"', page.markup())
    return found and found[1]


def whole(page: TaggedPage, body: bytes) -> tuple[HeaderList, bytes]:
    made = page.whole(body)
    assert made is not None
    return made


def test_each_response_has_an_id_of_its_own(tag: ScriptTag) -> None:
    bodies = [whole(page(tag), PAGE)[1] for _ in range(9)]
    for _ in range(9):
        stream = PageStream(page(tag))
        bodies.append(b"".join(stream.feed(PAGE, ended=True)))
    assert len(set(bodies)) == 18
    assert len({len(body) for body in bodies}) == 1
    assert all(
        re.search(rb'<script src="/_loc/reload.js" async data-id="[\w-]+"></script>', body) for body in bodies
    )


def test_the_length_and_the_etag_are_those_of_each(tag: ScriptTag) -> None:
    known = page(tag, (b"content-length", b"%d" % len(PAGE)), (b"etag", b'"x"'))
    (headers, body), (others, _) = whole(known, PAGE), whole(known, PAGE)
    assert dict(headers)[b"content-length"] == b"%d" % len(body)
    assert headers == others, "a 304 has the browser keep the page with the id that it has"
    without = ScriptTag(ScriptLocation("sha256-abc="), "", "http", b"localhost:8000")
    assert without.suffix != tag.suffix, "what was kept before has no id"


def test_without_it_there_is_none() -> None:
    tag = ScriptTag(ScriptLocation("sha256-abc="), "", "http", b"localhost:8000")
    assert page(tag, (POLICY, b"img-src *")).markup() == '<script src="/_loc/reload.js" async></script>'


def test_what_no_browser_keeps_has_none(tag: ScriptTag) -> None:
    assert attribute("id", page(tag, (b"cache-control", b"private, No-Store"))) is None


def test_responses_with_other_policies_differ(tag: ScriptTag) -> None:
    assert attribute("policies", page(tag)) is None
    same = [(POLICY, b"img-src *; style-src 'nonce-1'"), (POLICY, b"img-src *; style-src 'nonce-2'")]
    others = [
        *((POLICY, b"img-src *"), (POLICY + b"-report-only", b"img-src *")),
        *((b"cross-origin-opener-policy", b"same-origin"), (b"permissions-policy", b"camera=()")),
        *((b"cross-origin-embedder-policy", b"require-corp"), (b"referrer-policy", b"no-referrer")),
        *((b"link", b"<a.css>; rel=preload"), (b"refresh", b"9")),
    ]
    found = [attribute("policies", page(tag, header)) for header in (*same, *others)]
    assert found[0] == found[1]
    assert len(set(found)) == 1 + len(others)
    assert None not in found


@pytest.mark.parametrize("before", [900, 970, 1000])
def test_it_pushes_no_meta_charset_out_of_reach(tag: ScriptTag, before: int) -> None:
    meta = b"<meta charset=utf-8>"
    body = b"<!doctype html><head>".ljust(before) + meta + b"<p>" + b" " * 2000
    _, made = whole(page(tag, (b"referrer-policy", b"no-referrer")), body)
    assert made.index(meta) + len(meta) <= PRESCAN
    assert made.count(b"<script") == 1
