"""A page as its headers describe it: whether it gets the tag, and what headers and a whole body become."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from livereload_loc.inject.page import PIECE, TaggedPage, tag_response
from livereload_loc.inject.tag import ScriptLocation, ScriptTag

HTML = (b"content-type", b"text/html; charset=utf-8")
GZIP = (b"content-encoding", b"gzip")
PAGE = b"<!doctype html><html><head><title>Hi</title></head><body>Hi</body></html>"
TAGGED = PAGE.replace(b"<head>", b'<head><script src="/_loc/reload.js" async></script>')
POLICY, REPORTED = b"content-security-policy", b"content-security-policy-report-only"

Pair = tuple[bytes, bytes]


@pytest.fixture
def tag() -> ScriptTag:
    return ScriptTag(ScriptLocation("sha256-abc="), "", "http", b"localhost:8000")


def tagged(tag: ScriptTag, *headers: Pair) -> TaggedPage:
    page = tag_response(tag, 200, [HTML, *headers])
    assert isinstance(page, TaggedPage)
    return page


def test_what_takes_more_than_a_look_is_not_made_whole(tag: ScriptTag) -> None:
    assert tagged(tag).whole(b"<!doctype") is None
    assert tagged(tag).whole(PAGE + bytes(PIECE)) is None
    assert tagged(tag, GZIP).whole(gzip.compress(PAGE)) is None
    assert tagged(tag, (POLICY, b"sandbox")).whole(PAGE) is None


@pytest.mark.parametrize("kind", [bytes, bytearray, lambda body: memoryview(bytearray(body))])
def test_some_apps_send_other_buffers(tag: ScriptTag, kind: Callable[[bytes], bytes]) -> None:
    whole = tagged(tag).whole(kind(PAGE))
    assert whole is not None
    assert whole[1] == TAGGED


def test_some_apps_send_lists_in_place_of_pairs(tag: ScriptTag) -> None:
    page = tag_response(tag, 200, [[*HTML]])  # type: ignore[list-item]
    assert isinstance(page, TaggedPage)
    assert page.whole(PAGE) == ([HTML, (b"cache-control", b"no-cache")], TAGGED)


def test_what_is_no_page_keeps_its_headers(tag: ScriptTag) -> None:
    headers = [(b"Content-Type", b"image/png"), (b"ETag", b'"x"')]
    assert tag_response(tag, 200, headers) is headers
    assert tag_response(tag, 206, [HTML]) == [HTML]


def test_a_head_tells_what_a_get_would_but_for_the_length(tag: ScriptTag) -> None:
    headers = [HTML, (b"content-length", b"9"), GZIP, (b"etag", b'"x"')]
    head = tag_response(tag, 200, headers, head=True)
    assert head == tagged(tag, *headers[1:]).edited(None)
    assert head == [HTML, (b"etag", b'"x%s"' % tag.suffix), (b"cache-control", b"no-cache")]


def test_a_head_of_what_passes_passes(tag: ScriptTag) -> None:
    headers = [HTML, (b"content-length", b"9"), (b"content-encoding", b"compress")]
    assert tag_response(tag, 200, headers, head=True) == headers


def test_a_304_carries_the_policy_that_the_page_needs(tag: ScriptTag) -> None:
    headers = [(b"etag", b'"x"'), (POLICY, b"script-src 'none'"), (b"content-length", b"9"), GZIP]
    assert tag_response(tag, 304, headers) == [
        (b"etag", b'"x%s"' % tag.suffix),
        (POLICY, b"script-src http://localhost:8000/_loc/"),
    ]


def test_policies_that_only_report_are_widened_too(tag: ScriptTag) -> None:
    page = tagged(tag, (REPORTED, b"script-src 'none'"), (POLICY, b"script-src 'none'"))
    assert page.edited(None)[1:3] == [
        (REPORTED, b"script-src http://localhost:8000/_loc/"),
        (POLICY, b"script-src http://localhost:8000/_loc/"),
    ]


def test_the_nonce_is_that_of_the_policy_that_is_enforced(tag: ScriptTag) -> None:
    enforced = (POLICY, b"script-src 'nonce-e' 'strict-dynamic'")
    page = tagged(tag, (REPORTED, b"script-src 'nonce-r'"), enforced)
    assert 'nonce="e"' in page.markup()
    assert page.edited(None)[1] == (REPORTED, b"script-src 'nonce-r' http://localhost:8000/_loc/")


@pytest.mark.parametrize("sandbox", [b"sandbox", b"default-src 'self'; SANDBOX allow-forms", b"a b, sandbox"])
def test_a_page_that_may_run_no_script_passes(tag: ScriptTag, sandbox: bytes) -> None:
    page = tagged(tag, (POLICY, sandbox), (b"etag", b'"x"'))
    assert "sandbox" in page.skip_reason
    assert page.whole(PAGE) is None
    assert page.untouched() == [HTML, (POLICY, sandbox), (b"etag", b'"x"')]


def test_a_sandbox_that_allows_scripts_or_only_reports_is_none(tag: ScriptTag) -> None:
    assert not tagged(tag, (POLICY, b"sandbox Allow-Scripts"), (REPORTED, b"sandbox")).skip_reason


def test_what_is_added_to_one_response_is_not_in_the_next(tag: ScriptTag) -> None:
    for _ in range(2):
        for headers in (tagged(tag).untouched(), tagged(tag).edited(3)):
            assert len(headers) < 3
            headers.append((b"x-count", b"1"))
