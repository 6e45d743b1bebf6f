"""What foreign pages may read, include and change: nothing."""

from __future__ import annotations

import pytest

from tests.support.raw_http import get
from tests.support.server_modes import ALL, Modes


@pytest.mark.parametrize("name", ["serve", "proxy"])
@pytest.mark.parametrize("path", ["/main.js", "/index.html", "/list/", "/nothing"])
def test_no_other_origin_may_read(modes: Modes, name: str, path: str) -> None:
    # GHSA-67mh-4wv8-2f99, CVE-2025-65717
    answer = get(modes[name].port, path, b"Origin: http://evil.example", b"Sec-Fetch-Site: cross-site",
                 b"Sec-Fetch-Mode: cors")  # fmt: skip
    assert "access-control-allow-origin" not in answer.headers
    if name == "serve":
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("name", ["serve", "proxy"])
@pytest.mark.parametrize("path", ["/main.js", "/index.html"])
def test_no_foreign_page_may_include(modes: Modes, name: str, path: str) -> None:
    # CVE-2025-30359, CVE-2026-6402
    fetch = (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: no-cors", b"Sec-Fetch-Dest: script")
    assert get(modes[name].port, path, *fetch).status == 403
    assert get(modes[name].port, "/_loc/reload.js", *fetch).status == 200


@pytest.mark.parametrize("name", ["watch", "serve", "proxy", "asgi"])
@pytest.mark.parametrize("path", ["/_loc/api/status", "/_loc/", "/_loc/qr.svg"])
def test_the_status_is_for_its_own_pages(modes: Modes, name: str, path: str) -> None:
    for headers in (
        [b"Origin: http://evil.example"],
        [b"Origin: null"],
        [b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: no-cors"],
        [b"Sec-Fetch-Site: same-site", b"Sec-Fetch-Mode: cors"],
    ):
        answer = get(modes[name].port, path, *headers)
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"PROPFIND"])
def test_nothing_changes_by_asking(
    modes: Modes, name: str, method: bytes
) -> None:  # webpack-dev-server 5.2.6
    paths = [
        "/_loc/reload.js",
        "/_loc/",
        "/_loc/api/status",
        "/_loc/healthz",
        "/_loc/status.js",
        "/_loc/qr.svg",
    ]
    for path in paths:
        answer = get(
            modes[name].port, path, b"Content-Length: 0", b"Origin: http://evil.example", method=method
        )
        assert answer.status in (403, 404, 405, 400), path
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "path",
    ["/kill", "/_loc/kill", "/_loc/api/kill", "/_loc/quit", "/__open-in-editor?file=/etc/passwd:1",
     "/_loc/../kill", "/__open-stack-frame", "/_loc/open?file=/etc/passwd"],
)  # fmt: skip
def test_there_is_nothing_that_kills_or_opens(modes: Modes, name: str, path: str) -> None:  # tiny-lr
    answer = get(modes[name].port, path)
    assert b"root:" not in answer.body
    assert name == "wsgi" or answer.status in (400, 403, 404)
