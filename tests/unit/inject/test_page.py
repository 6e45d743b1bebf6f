"""A page as a shell sees it: headers in, headers out; pieces in, pieces out."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable
from itertools import pairwise

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.inject.compression.decoding import Undecodable
from livereload_loc.inject.html.injector import MAX_HELD
from livereload_loc.inject.page import ScriptLocation, ScriptTag, TaggedPage
from livereload_loc.inject.stream import FIRST, PIECE, PageStream

HTML = (b"content-type", b"text/html; charset=utf-8")
GZIP = (b"content-encoding", b"gzip")
SCRIPT = ScriptLocation("/_loc/reload.js", "/_loc/ws/reload", "sha256-abc=")
SIDE = ScriptLocation("/_loc/reload.js", "/_loc/ws/reload", "sha256-abc=", server_port=9000)
TAG = '<script src="/_loc/reload.js" async></script>'
PAGE = b"<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>"
TAGGED = PAGE.replace(b"<head>", b"<head>" + TAG.encode())
POLICY, REPORTED = b"content-security-policy", b"content-security-policy-report-only"

Pair = tuple[bytes, bytes]


@pytest.fixture
def tag() -> ScriptTag:
    return ScriptTag(SCRIPT, "", "http", b"localhost:8000")


def held(tag: ScriptTag, *headers: Pair) -> PageStream:
    answer = tag.answer(200, [HTML, *headers])
    assert isinstance(answer, TaggedPage)
    return PageStream(answer)


def feed(page: PageStream, pieces: Iterable[bytes]) -> bytes:
    """All that comes out, with headers before the first of it."""
    out = b""
    for piece in [*pieces, None]:
        for part in page.feed(piece or b"", ended=piece is None):
            assert page.headers is not None
            assert part
            out += part
    assert page.headers is not None
    return out


@given(st.binary(max_size=600), st.sampled_from([b"", b"<!doctype html><head>", b"\xef\xbb\xbf<p>", b"<!--"]))
def test_a_whole_page_is_what_its_pieces_make(rest: bytes, start: bytes) -> None:
    page = ScriptTag(SCRIPT, "", "http", b"localhost:8000").answer(200, [HTML, (b"content-length", b"9")])
    assert isinstance(page, TaggedPage)
    whole = page.whole(start + rest)
    piecewise = PageStream(page)
    out = feed(piecewise, [start, rest])
    assert whole in (None, (piecewise.headers, out))
    if rest.startswith(b"<p>") or start.endswith((b"<head>", b"<p>")):
        assert whole


def test_what_takes_more_than_a_look_is_not_made_whole(tag: ScriptTag) -> None:
    for headers, body in (
        ([HTML], b"<!doctype"),
        ([HTML], PAGE + bytes(PIECE)),
        ([HTML, GZIP], gzip.compress(PAGE)),
        ([HTML, (POLICY, b"sandbox")], PAGE),
    ):
        page = tag.answer(200, headers)
        assert isinstance(page, TaggedPage)
        assert page.whole(body) is None


@pytest.mark.parametrize("start", [PAGE, b"<!--" + bytes(FIRST + PIECE) + b"-->" + PAGE, b"<!--"])
def test_a_large_page_may_come_out_in_views(tag: ScriptTag, start: bytes) -> None:
    large = start + b"<p>words" * 200_000
    page = tag.answer(200, [HTML])
    assert isinstance(page, TaggedPage)
    copied, viewed = PageStream(page), PageStream(page, views=True)
    parts = list(viewed.feed(large, ended=True))
    assert b"".join(parts) == b"".join(copied.feed(large, ended=True))
    assert viewed.headers == copied.headers
    if start != b"<!--":
        assert {type(part) for part in parts[1:]} == {memoryview}
        assert type(parts[0]) is bytes


@pytest.mark.parametrize("kind", [bytes, bytearray, lambda body: memoryview(bytearray(body))])
def test_some_apps_send_other_buffers(tag: ScriptTag, kind: Callable[[bytes], bytes]) -> None:
    page = tag.answer(200, [HTML])
    assert isinstance(page, TaggedPage)
    whole = page.whole(kind(PAGE))
    assert whole is not None
    assert whole[1] == TAGGED


def test_some_apps_send_lists_in_place_of_pairs(tag: ScriptTag) -> None:
    page = tag.answer(200, [[*HTML]])  # type: ignore[list-item]
    assert isinstance(page, TaggedPage)
    assert page.whole(PAGE) == ([HTML, (b"cache-control", b"no-cache")], TAGGED)


def named(page: PageStream) -> dict[bytes, bytes]:
    assert page.headers is not None
    return dict(page.headers)


def policy(tag: ScriptTag, *headers: Pair) -> list[Pair]:
    page = held(tag, *headers)
    feed(page, [PAGE])
    assert page.headers
    return [pair for pair in page.headers if pair[0] in (POLICY, REPORTED)]


# ---------------------------------------------------------------- the tag


def test_the_tag_of_an_app() -> None:
    assert ScriptTag(SCRIPT, "", "http", b"localhost:8000").markup({}) == TAG
    assert '"/a%22b/_loc/reload.js"' in ScriptTag(SCRIPT, '/a"b/', "http", b"x").markup({})
    assert ScriptTag(SCRIPT, "", "http", b"x").markup({"nonce": "r"}) == TAG.replace(
        " async", ' async nonce="r"'
    )


@pytest.mark.parametrize(
    ("scheme", "host", "server", "socket"),
    [
        ("http", b"localhost:8000", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("https", b"localhost:8000", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"[::1]:8000", "http://[::1]:9000", "ws:"),
        ("http", b'"><script>', "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"[::::]", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"dev.test:99999", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
        ("http", b"", "http://localhost:9000", "ws://localhost:9000/_loc/ws/reload"),
    ],
)
def test_the_socket_of_another_server(scheme: str, host: bytes, server: str, socket: str) -> None:
    tag = ScriptTag(SIDE, "/shop", scheme, host)
    assert tag.markup({}) == (f'<script src="/shop/_loc/reload.js" async data-server="{server}"></script>')
    assert tag.widen(["connect-src 'self'"]).policies == [f"connect-src 'self' {socket}"]


def test_pages_with_another_tag_have_another_etag() -> None:
    suffixes = {
        ScriptTag(script, root, "http", host).suffix
        for script in (SCRIPT, SIDE, ScriptLocation(SCRIPT.path, SCRIPT.socket, "sha256-new="))
        for root in ("", "/shop")
        for host in (b"localhost:8000",)
    }
    assert len(suffixes) == 6


@given(st.binary(max_size=20), st.text(max_size=10), st.text(max_size=10))
def test_no_host_is_too_odd(host: bytes, root: str, scheme: str) -> None:
    for script in (SCRIPT, SIDE):
        tag = ScriptTag(script, root.encode("utf-8", "replace").decode(), scheme, host)
        assert tag.markup({}).count('"') in (2, 4)
        (text,) = tag.widen(["default-src 'none'"]).policies
        assert text.count(";") == 2
        assert "," not in text


# ---------------------------------------------------------------- requests and headers


def test_an_app_is_asked_for_the_page_as_it_would_be_without_us(tag: ScriptTag) -> None:
    etag = b'"x%s"' % tag.suffix
    headers = [(b"host", b"x"), (b"accept-encoding", b"br"), (b"if-none-match", etag), (b"a", b"b")]
    assert tag.request(headers) == [
        (b"host", b"x"),
        (b"if-none-match", b'"x"'),
        (b"a", b"b"),
        (b"accept-encoding", b"identity"),
        (b"x-loc-dev", b"tagged"),
    ]


def test_what_is_no_page_keeps_its_headers(tag: ScriptTag) -> None:
    headers = [(b"Content-Type", b"image/png"), (b"ETag", b'"x"')]
    assert tag.answer(200, headers) is headers
    assert tag.answer(206, [HTML]) == [HTML]


def test_a_head_tells_what_a_get_would_but_for_the_length(tag: ScriptTag) -> None:
    headers = [HTML, (b"content-length", b"9"), GZIP, (b"etag", b'"x"')]
    page = held(tag, *headers[1:])
    feed(page, [gzip.compress(PAGE)])
    assert tag.answer(200, headers, head=True) == page.headers
    assert not {b"content-length", b"content-encoding"} & named(page).keys()


def test_a_head_of_what_passes_passes(tag: ScriptTag) -> None:
    headers = [HTML, (b"content-length", b"9"), (b"content-encoding", b"compress")]
    assert tag.answer(200, headers, head=True) == headers


def test_a_304_bears_the_policy_that_the_page_needs(tag: ScriptTag) -> None:
    headers = [(b"etag", b'"x"'), (POLICY, b"script-src 'none'"), (b"content-length", b"9"), GZIP]
    assert tag.answer(304, headers) == [
        (b"etag", b'"x%s"' % tag.suffix),
        (POLICY, b"script-src http://localhost:8000/_loc/"),
    ]


def test_policies_that_only_report_are_widened_too(tag: ScriptTag) -> None:
    assert policy(tag, (REPORTED, b"script-src 'none'"), (POLICY, b"script-src 'none'")) == [
        (REPORTED, b"script-src http://localhost:8000/_loc/"),
        (POLICY, b"script-src http://localhost:8000/_loc/"),
    ]


def test_the_nonce_is_that_of_the_policy_that_is_enforced(tag: ScriptTag) -> None:
    page = held(tag, (REPORTED, b"script-src 'nonce-r'"), (POLICY, b"script-src 'nonce-e' 'strict-dynamic'"))
    assert b'nonce="e"' in feed(page, [PAGE])
    assert named(page)[REPORTED] == b"script-src 'nonce-r' http://localhost:8000/_loc/"


@pytest.mark.parametrize("sandbox", [b"sandbox", b"default-src 'self'; SANDBOX allow-forms", b"a b, sandbox"])
def test_a_page_that_may_run_no_script_passes(tag: ScriptTag, sandbox: bytes) -> None:
    page = held(tag, (POLICY, sandbox), (b"etag", b'"x"'))
    assert "sandbox" in page.trouble
    assert feed(page, [PAGE]) == PAGE
    assert page.headers == [HTML, (POLICY, sandbox), (b"etag", b'"x"')]


def test_a_sandbox_that_allows_scripts_or_only_reports_is_none(tag: ScriptTag) -> None:
    page = held(tag, (POLICY, b"sandbox Allow-Scripts"), (REPORTED, b"sandbox"))
    assert feed(page, [PAGE]) == TAGGED
    assert not page.trouble


@pytest.mark.parametrize("body", [b"<!-- x", PAGE])
def test_what_somebody_adds_to_one_answer_is_not_in_the_next(tag: ScriptTag, body: bytes) -> None:
    for _ in range(2):
        page = held(tag)
        feed(page, [body])
        assert isinstance(page.headers, list)
        assert len(page.headers) < 3
        page.headers.append((b"x-count", b"1"))


# ---------------------------------------------------------------- bodies


def test_a_page_grows_by_the_tag(tag: ScriptTag) -> None:
    page = held(tag, (b"content-length", b"%d" % len(PAGE)))
    assert feed(page, [PAGE]) == TAGGED
    assert named(page)[b"content-length"] == b"%d" % len(TAGGED)


def test_a_large_page_comes_in_pieces(tag: ScriptTag) -> None:
    body = PAGE + bytes(3 * PIECE)
    sizes = [len(part) for part in held(tag).feed(body, ended=True)]
    assert sum(sizes) == len(body) + len(TAG)
    assert max(sizes) <= PIECE + len(TAG)


def test_a_page_with_no_place_passes(tag: ScriptTag) -> None:
    headers = ((b"content-length", b"6"), (b"etag", b'"x"'))
    page = held(tag, *headers)
    assert feed(page, [b"<!-- x"]) == b"<!-- x"
    assert page.headers == [HTML, *headers]


CODED = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
}


@pytest.mark.parametrize("coding", CODED)
def test_a_compressed_page_comes_out_plain(tag: ScriptTag, coding: bytes) -> None:
    body = CODED[coding](PAGE)
    page = held(tag, (b"content-encoding", coding), (b"content-length", b"%d" % len(body)), (b"etag", b'"x"'))
    assert feed(page, [body[:5], body[5:]]) == TAGGED
    assert named(page) == {HTML[0]: HTML[1], b"etag": b'"x%s"' % tag.suffix, b"cache-control": b"no-cache"}


def test_what_is_compressed_beyond_our_knowledge_passes(tag: ScriptTag) -> None:
    headers = ((b"content-encoding", b"gzip, dcz"), (b"content-length", b"3"), (b"etag", b'"x"'))
    page = held(tag, *headers)
    assert feed(page, [b"\x8b", b"\0\0"]) == b"\x8b\0\0"
    assert page.headers == [HTML, *headers]
    assert page.trouble == "Pages compressed with 'gzip, dcz' pass without the tag and do not reload."


@pytest.mark.parametrize(
    "body",
    [
        b"no gzip at all",
        gzip.compress(b"<!doctype html><!-- long " + bytes(4000))[:-1],
        gzip.compress(b"<!doctype html>")[:-1],
        gzip.compress(b"<!doctype html>")[:-8] + b"bad",
        gzip.compress(b"<!-- a page without a place"),
        gzip.compress(b"<!--" + bytes(MAX_HELD + 9)),
    ],
)
@given(places=st.lists(st.integers(0, 99), max_size=3))
def test_what_cannot_be_read_passes_as_it_came(body: bytes, places: list[int]) -> None:
    headers = (GZIP, (b"content-length", b"%d" % len(body)), (b"etag", b'"x"'))
    page = held(ScriptTag(SCRIPT, "", "http", b"x"), *headers)
    borders = [0, *sorted(place for place in places if place < len(body)), len(body)]
    pieces = [body[start:end] for start, end in pairwise(borders)]
    assert feed(page, pieces) == body
    assert page.headers == [HTML, *headers]


def test_why_a_page_cannot_be_read_is_told(tag: ScriptTag) -> None:
    page = held(tag, GZIP)
    feed(page, [b"no gzip at all"])
    assert page.trouble.startswith("A page passes without the tag and does not reload: it is no gzip: ")


def test_what_never_shows_a_place_is_not_held_without_end(tag: ScriptTag) -> None:
    page = held(tag, GZIP)
    silence = zlib.compressobj(wbits=31)
    out = 0
    while page.headers is None:
        data = silence.flush(zlib.Z_FULL_FLUSH) + b"\0\0\0\xff\xff" * 10_000  # blocks of nothing
        out += sum(map(len, page.feed(data)))
    assert out < 2 * MAX_HELD
    assert GZIP in page.headers


@pytest.mark.parametrize("harm", [b"", b"\xff" * 40])
def test_a_page_that_breaks_off_is_not_ended(tag: ScriptTag, harm: bytes) -> None:
    page = held(tag, GZIP)
    body = gzip.compress(PAGE + bytes(range(256)) * 400, 0)
    assert b"".join(page.feed(body[:50_000])).startswith(TAGGED)
    with pytest.raises(Undecodable):
        list(page.feed(harm + body[60_000:-1], ended=True))
    with pytest.raises(Undecodable):
        page.feed(b"", ended=True)
    with pytest.raises(Undecodable):
        page.check()


def test_a_streamed_page_streams(tag: ScriptTag) -> None:
    packed = zlib.compressobj(wbits=31)
    page = held(tag, GZIP)

    def flushed(data: bytes) -> bytes:
        return b"".join(page.feed(packed.compress(data) + packed.flush(zlib.Z_SYNC_FLUSH)))

    assert flushed(b"<!doctype html><he") == b""
    assert page.headers is None
    assert flushed(b"ad><title>") == b"<!doctype html><head>" + TAG.encode() + b"<title>"
    assert flushed(b"x") == b"x"
    assert b"".join(page.feed(packed.flush(), ended=True)) == b""


def test_an_empty_page_that_says_it_is_compressed(tag: ScriptTag) -> None:
    assert feed(held(tag, GZIP, (b"content-length", b"0")), []) == feed(held(tag), [])
