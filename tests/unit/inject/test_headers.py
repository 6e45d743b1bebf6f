"""Which responses get the tag, one test for each reason, and what their headers say then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.inject.headers import (
    TAGGED,
    asks_for_page,
    asks_for_tag,
    codings,
    content_type,
    injected,
    is_page,
    may_show_image,
    revalidated,
    unconditional,
    with_suffix,
    without_suffix,
)

HTML = (b"content-type", b"text/html; charset=utf-8")
EMPTY = (b"sec-fetch-dest", b"empty")
ACCEPT = (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8")
SUFFIX = b"-loc1"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"accept", b"*/*")],
        [(b"accept", b"text/html,application/xhtml+xml")],
        [(b"sec-fetch-dest", b"document")],
        [(b"sec-fetch-dest", b"iframe"), (b"accept", b"application/json")],
        [(b"sec-fetch-dest", b"frame")],
        [(b"sec-fetch-dest", b"document"), (b"sec-purpose", b"prefetch")],
        # By way of a service worker: Chromium, and Firefox.
        [EMPTY, ACCEPT, (b"sec-fetch-mode", b"navigate")],
        [EMPTY, ACCEPT, (b"sec-fetch-mode", b"same-origin"), (b"upgrade-insecure-requests", b"1")],
        [EMPTY, ACCEPT, (b"sec-fetch-mode", b"cors"), (b"loc-dev", b"page")],
        [(b"sec-fetch-dest", b"empty"), (b"sec-fetch-mode", b"no-cors"), (b"sec-purpose", b"prefetch")],
        [(b"accept", b"*/*"), (b"user-agent", b"curl/8.5.0")],
        [(b"accept", b"text/html,*/*;q=0.8"), (b"user-agent", b"Mozilla/5.0 (X11)")],
    ],
)
def test_navigations_are_asked_for_pages(headers: list[tuple[bytes, bytes]]) -> None:
    assert asks_for_page("GET", headers)
    assert asks_for_page("POST", headers)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"accept", b"application/json")],
        [(b"accept", b"image/avif,image/webp")],
        [EMPTY, ACCEPT, (b"sec-fetch-mode", b"cors")],
        [EMPTY, ACCEPT, (b"sec-fetch-mode", b"cors"), (b"loc-dev", b"1")],
        # A link with download, in Chromium.
        [EMPTY, (b"sec-fetch-mode", b"navigate"), (b"upgrade-insecure-requests", b"1")],
        [(b"sec-fetch-dest", b"script"), (b"accept", b"*/*")],
        [(b"accept", b"*/*"), (b"user-agent", b"Mozilla/5.0 (X11)")],
        [(b"sec-fetch-dest", b"object")],
        [(b"hx-request", b"true")],
        [(b"turbo-frame", b"x")],
        [(b"x-up-version", b"3")],
        [(b"x-up-target", b"main")],
        [(b"x-pjax", b"true")],
        [(b"x-requested-with", b"XMLHttpRequest")],
        [(b"range", b"bytes=0-"), (b"sec-fetch-dest", b"document")],
    ],
)
def test_scripts_fragments_and_parts_are_not(headers: list[tuple[bytes, bytes]]) -> None:
    assert not asks_for_page("GET", headers)
    assert not asks_for_tag("GET", headers)


def test_the_tag_of_somebody_before_us_is_enough() -> None:
    headers = [(b"sec-fetch-dest", b"document")]
    assert asks_for_tag("GET", headers)
    assert not asks_for_tag("GET", [*headers, TAGGED])
    assert asks_for_page("GET", [*headers, TAGGED])


def test_other_methods_show_no_page() -> None:
    assert not asks_for_page("OPTIONS", [])
    assert not asks_for_page("CONNECT", [])


@pytest.mark.parametrize("status", [200, 201, 203, 400, 404, 500, 503])
def test_documents_are_pages(status: int) -> None:
    assert is_page(status, [HTML])


def test_an_image_is_a_page_where_a_person_navigates_to_it() -> None:
    for media in (b"image/svg+xml", b"application/xhtml+xml; charset=utf-8", b"text/html"):
        assert is_page(200, [(b"content-type", media)], images=True)
    assert not is_page(200, [(b"content-type", b"image/png")], images=True)
    for headers in ([(b"sec-fetch-dest", b"document")], [(b"sec-fetch-dest", b"iframe")], [ACCEPT]):
        assert may_show_image(headers)
    for headers in ([], [(b"accept", b"*/*")], [EMPTY, (b"sec-purpose", b"prefetch"), (b"accept", b"*/*")]):
        assert not may_show_image(headers)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (100, [HTML]),
        (204, [HTML]),
        (205, [HTML]),
        (206, [HTML]),
        (301, [HTML]),
        (304, [HTML]),
        (200, []),
        (200, [(b"content-type", b"")]),
        (200, [(b"content-type", b"text/plain")]),
        (200, [(b"content-type", b"text/htmlx")]),
        (200, [(b"content-type", b"application/xml")]),
        (200, [(b"content-type", b"image/svg+xml")]),
        (200, [(b"content-type", b"text/event-stream")]),
        (200, [HTML, (b"content-disposition", b"Attachment; filename=x.html")]),
    ],
)
def test_everything_else_is_not(status: int, headers: list[tuple[bytes, bytes]]) -> None:
    assert not is_page(status, headers)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text/html", ("text/html", None)),
        (b'TEXT/HTML; Charset="UTF-8"', ("text/html", "UTF-8")),
        (b"text/html;charset=latin1; x=y", ("text/html", "latin1")),
        (b"\xff\xfe", ("text/plain", None)),
    ],
)
def test_content_types_are_read(value: bytes, expected: tuple[str, str | None]) -> None:
    assert content_type([(b"content-type", value)]) == expected


def test_codings_are_read_in_their_order() -> None:
    assert codings([(b"content-encoding", b"GZIP, br")]) == [b"gzip", b"br"]
    assert codings([(b"content-encoding", b"identity")]) == []
    assert codings([]) == []


def test_the_headers_of_a_page_with_the_tag() -> None:
    headers = [
        HTML,
        (b"content-length", b"100"),
        (b"etag", b'W/"abc"'),
        (b"last-modified", b"Mon, 01 Jan 2024 00:00:00 GMT"),
        (b"accept-ranges", b"bytes"),
        (b"content-md5", b"x"),
        (b"digest", b"x"),
        (b"repr-digest", b"x"),
        (b"content-digest", b"x"),
        (b"cache-control", b"max-age=600"),
        (b"expires", b"x"),
        (b"set-cookie", b'a="b c"'),
        (b"set-cookie", b"d=e"),
    ]
    assert injected(headers, SUFFIX, 46) == [
        HTML,
        (b"content-length", b"146"),
        (b"etag", b'W/"abc-loc1"'),
        (b"set-cookie", b'a="b c"'),
        (b"set-cookie", b"d=e"),
        (b"cache-control", b"no-cache"),
    ]
    assert (b"content-length", b"100") not in injected(headers, SUFFIX, None)


def test_what_may_not_be_stored_still_may_not() -> None:
    assert injected([HTML, (b"cache-control", b"private, no-store")], SUFFIX, 1)[-1] == (
        b"cache-control",
        b"no-store",
    )


def test_conditions_are_those_of_the_copy_with_the_tag() -> None:
    headers = [
        (b"if-none-match", b'"plain", W/"abc-loc1", "x,y-loc1"'),
        (b"if-modified-since", b"x"),
        (b"cookie", b"a=b"),
    ]
    assert unconditional(headers, SUFFIX) == [(b"if-none-match", b'W/"abc", "x,y"'), (b"cookie", b"a=b")]
    assert unconditional([(b"if-none-match", b'"plain"')], SUFFIX) == []
    assert unconditional([(b"if-none-match", b"*")], SUFFIX) == []


def test_a_304_names_the_copy_with_the_tag() -> None:
    assert revalidated([(b"etag", b'"abc"'), (b"last-modified", b"x")], SUFFIX) == [(b"etag", b'"abc-loc1"')]


@given(st.binary(max_size=20).filter(lambda tag: b'"' not in tag), st.booleans())
def test_a_suffix_comes_off_as_it_went_on(tag: bytes, weak: bool) -> None:
    etag = (b"W/" if weak else b"") + b'"' + tag + b'"'
    assert without_suffix(with_suffix(etag, SUFFIX), SUFFIX) == etag


def test_a_malformed_tag_stays_as_it_is() -> None:
    assert with_suffix(b"abc", SUFFIX) == b"abc"
    assert without_suffix(b"abc-loc1", SUFFIX) is None
