"""A page that comes in pieces: what leaves, when its headers are known, and what cannot be decoded."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from itertools import pairwise

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.inject.compression.decoding import Undecodable
from livereload_loc.inject.html.injector import MAX_BUFFERED
from livereload_loc.inject.page import PIECE, TaggedPage, tag_response
from livereload_loc.inject.stream import PageStream
from livereload_loc.inject.tag import ScriptLocation, ScriptTag

HTML = (b"content-type", b"text/html; charset=utf-8")
GZIP = (b"content-encoding", b"gzip")
TAG = '<script src="/_loc/reload.js" async></script>'
PAGE = b"<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>"
TAGGED = PAGE.replace(b"<head>", b"<head>" + TAG.encode())


@pytest.fixture
def tag() -> ScriptTag:
    return ScriptTag(ScriptLocation("sha256-abc="), "", "http", b"localhost:8000")


def streamed(tag: ScriptTag, *headers: tuple[bytes, bytes]) -> PageStream:
    page = tag_response(tag, 200, [HTML, *headers])
    assert isinstance(page, TaggedPage)
    return PageStream(page)


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


def named(page: PageStream) -> dict[bytes, bytes]:
    assert page.headers is not None
    return dict(page.headers)


@given(st.binary(max_size=600), st.sampled_from([b"", b"<!doctype html><head>", b"\xef\xbb\xbf<p>", b"<!--"]))
def test_a_whole_page_is_what_its_pieces_make(rest: bytes, start: bytes) -> None:
    tag = ScriptTag(ScriptLocation("sha256-abc="), "", "http", b"localhost:8000")
    page = tag_response(tag, 200, [HTML, (b"content-length", b"9")])
    assert isinstance(page, TaggedPage)
    whole = page.whole(start + rest)
    piecewise = PageStream(page)
    out = feed(piecewise, [start, rest])
    assert whole in (None, (piecewise.headers, out))
    if rest.startswith(b"<p>") or start.endswith((b"<head>", b"<p>")):
        assert whole


def test_a_page_that_may_run_no_script_passes(tag: ScriptTag) -> None:
    headers = ((b"content-security-policy", b"sandbox"), (b"etag", b'"x"'))
    page = streamed(tag, *headers)
    assert "sandbox" in page.skip_reason
    assert feed(page, [PAGE]) == PAGE
    assert page.headers == [HTML, *headers]


def test_a_page_grows_by_the_tag(tag: ScriptTag) -> None:
    page = streamed(tag, (b"content-length", b"%d" % len(PAGE)))
    assert feed(page, [PAGE]) == TAGGED
    assert named(page)[b"content-length"] == b"%d" % len(TAGGED)


def test_a_large_page_comes_in_pieces(tag: ScriptTag) -> None:
    body = PAGE + bytes(3 * PIECE)
    pieces = list(streamed(tag).feed(body, ended=True))
    assert b"".join(pieces) == TAGGED + bytes(3 * PIECE)
    sizes = [len(piece) for piece in pieces]
    assert max(sizes) <= PIECE + len(TAG)


def test_a_page_with_no_place_passes(tag: ScriptTag) -> None:
    headers = ((b"content-length", b"6"), (b"etag", b'"x"'))
    page = streamed(tag, *headers)
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
    page = streamed(
        tag, (b"content-encoding", coding), (b"content-length", b"%d" % len(body)), (b"etag", b'"x"')
    )
    assert feed(page, [body[:5], body[5:]]) == TAGGED
    assert named(page) == {HTML[0]: HTML[1], b"etag": b'"x%s"' % tag.suffix, b"cache-control": b"no-cache"}


def test_what_is_compressed_beyond_our_knowledge_passes(tag: ScriptTag) -> None:
    headers = ((b"content-encoding", b"gzip, dcz"), (b"content-length", b"3"), (b"etag", b'"x"'))
    page = streamed(tag, *headers)
    assert feed(page, [b"\x8b", b"\0\0"]) == b"\x8b\0\0"
    assert page.headers == [HTML, *headers]
    assert page.skip_reason == "Pages compressed with 'gzip, dcz' pass without the tag and do not reload."


@pytest.mark.parametrize(
    "body",
    [
        b"no gzip at all",
        gzip.compress(b"<!doctype html><!-- long " + bytes(4000))[:-1],
        gzip.compress(b"<!doctype html>")[:-1],
        gzip.compress(b"<!doctype html>")[:-8] + b"bad",
        gzip.compress(b"<!-- a page without a place"),
        gzip.compress(b"<!--" + bytes(MAX_BUFFERED + 9)),
    ],
)
@given(places=st.lists(st.integers(0, 99), max_size=3))
def test_what_cannot_be_read_passes_as_it_came(body: bytes, places: list[int]) -> None:
    headers = (GZIP, (b"content-length", b"%d" % len(body)), (b"etag", b'"x"'))
    page = streamed(ScriptTag(ScriptLocation(""), "", "http", b"x"), *headers)
    borders = [0, *sorted(place for place in places if place < len(body)), len(body)]
    pieces = [body[start:end] for start, end in pairwise(borders)]
    assert feed(page, pieces) == body
    assert page.headers == [HTML, *headers]


def test_why_a_page_cannot_be_read_is_told(tag: ScriptTag) -> None:
    page = streamed(tag, GZIP)
    feed(page, [b"no gzip at all"])
    assert page.skip_reason.startswith("A page passes without the tag and does not reload: it is no gzip: ")


def test_what_never_shows_a_place_is_not_held_without_end(tag: ScriptTag) -> None:
    page = streamed(tag, GZIP)
    silence = zlib.compressobj(wbits=31)
    out = 0
    while page.headers is None:
        data = silence.flush(zlib.Z_FULL_FLUSH) + b"\0\0\0\xff\xff" * 10_000  # blocks of nothing
        out += sum(map(len, page.feed(data)))
    assert out < 2 * MAX_BUFFERED
    assert GZIP in page.headers


@pytest.mark.parametrize("harm", [b"", b"\xff" * 40])
def test_a_page_that_breaks_off_is_not_ended(tag: ScriptTag, harm: bytes) -> None:
    page = streamed(tag, GZIP)
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
    page = streamed(tag, GZIP)

    def flushed(data: bytes) -> bytes:
        return b"".join(page.feed(packed.compress(data) + packed.flush(zlib.Z_SYNC_FLUSH)))

    assert flushed(b"<!doctype html><he") == b""
    assert page.headers is None
    assert flushed(b"ad><title>") == b"<!doctype html><head>" + TAG.encode() + b"<title>"
    assert flushed(b"x") == b"x"
    assert b"".join(page.feed(packed.flush(), ended=True)) == b""


def test_an_empty_page_that_says_it_is_compressed(tag: ScriptTag) -> None:
    assert feed(streamed(tag, GZIP, (b"content-length", b"0")), []) == feed(streamed(tag), [])
