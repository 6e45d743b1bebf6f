"""Files that hide are not read, however one asks for them."""

from __future__ import annotations

import pytest

from tests.support.hostile_targets import HIDING
from tests.support.raw_http import get
from tests.support.server_modes import SECRET, Modes


@pytest.mark.parametrize("target", HIDING)
@pytest.mark.parametrize("name", ["serve", "watch", "count"])
def test_nothing_that_hides_is_read(modes: Modes, name: str, target: str) -> None:
    headers = [b"Accept: */*"]
    answer = get(modes[name].port, target.encode("latin-1"), *headers)
    assert SECRET not in answer.body
    assert b"root:" not in answer.body
    harmless = ("/.", "/sub/../../", "?", "/%23/../.env", "/.env/..")
    if name == "serve" and target not in harmless:
        assert answer.status in (0, 400, 403, 404), answer.raw[:200]


@pytest.mark.parametrize(
    "header", [b"X-Original-URL: /.env", b"X-Rewrite-URL: /.env", b"X-Forwarded-Prefix: /.git"]
)
def test_headers_have_no_say(modes: Modes, header: bytes) -> None:
    assert SECRET not in get(modes["serve"].port, "/index.html", header).body


def test_what_is_meant_to_be_read_is(modes: Modes) -> None:
    port = modes["serve"].port
    assert get(port, "/main.js").status == 200
    assert get(port, "/.well-known/security.txt").body == b"public"
    assert get(port, "/sub/../main.js").status == 200
    assert get(port, "/%6dain.js?x=%00").status == 200


def test_names_in_a_listing_are_text(modes: Modes) -> None:  # serve-index#28
    body = get(modes["serve"].port, "/list/", b"Accept: text/html").body
    assert b"&lt;img src=x onerror=alert(1)&gt;.txt" in body
    assert b"<img" not in body


def test_thousands_of_ranges_are_no_work(modes: Modes) -> None:  # CVE-2025-62727
    ranges = ",".join(f"{n}-{n}" for n in range(0, 100_000, 20)).encode()[:60_000].rpartition(b",")[0]
    answer = get(modes["serve"].port, "/big.bin", b"Range: bytes=" + ranges)
    assert answer.status in (200, 206, 400, 416)
    assert len(answer.body) < 1_000_000
