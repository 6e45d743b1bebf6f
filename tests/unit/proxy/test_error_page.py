from __future__ import annotations

from livereload_loc.proxy.connect import UpstreamUnreachable
from livereload_loc.proxy.error_page import unavailable
from livereload_loc.proxy.response_parser import BadResponse, ConnectionLost
from livereload_loc.proxy.target import UpstreamTarget

TARGET = UpstreamTarget.parse("http://localhost:8000")


def test_only_what_was_never_sent_is_asked_for_again() -> None:
    away = UpstreamUnreachable("nothing listens there")
    assert b"http-equiv" in unavailable(TARGET, away, "GET", page=True)[1]
    for error, method in [
        (away, "POST"),
        (UpstreamUnreachable("its certificate", hopeless=True), "GET"),
        (ConnectionLost("it closed the connection", begun=False), "GET"),
        (BadResponse("x"), "GET"),
    ]:
        assert b"http-equiv" not in unavailable(TARGET, error, method, page=True)[1]


def test_what_the_upstream_says_is_text() -> None:
    error = BadResponse('<script>alert("1")</script>')
    headers, body = unavailable(TARGET, error, "GET", page=True)
    assert b"<script" not in body
    assert dict(headers)[b"content-type"] == b"text/html; charset=utf-8"
    headers, body = unavailable(TARGET, error, "GET", page=False)
    assert dict(headers)[b"content-type"] == b"text/plain; charset=utf-8"
    assert dict(headers)[b"x-content-type-options"] == b"nosniff"
    assert body.count(b"\n") == 1
