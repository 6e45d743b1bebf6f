"""What the counter shows over HTTP, and to whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.counter_requests import get, refused, status_under
from tests.support.loc_dev import LocDev
from tests.support.visitors import Visitor


def test_the_badge_is_a_picture_for_any_page(counter: LocDev) -> None:
    with Visitor(counter.url, "a.example:8080") as visitor:
        visitor.expect(1)
        status, body, headers = get(f"{counter.url}/_loc/badge/a.example:8080.svg")
        assert (status, headers["content-type"]) == (200, "image/svg+xml")
        assert headers["cache-control"] == "public, max-age=10"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert 'aria-label="online: 1"' in body
    assert 'aria-label="online: 0"' in get(f"{counter.url}/_loc/badge/%3Cscript%3E.svg")[1]


def test_a_site_is_told_its_own_figure_only() -> None:
    token = "correct horse"
    with (
        LocDev("count", "--port", "0", env={"LOC_DEV_ADMIN_TOKEN": token}) as counter,
        Visitor(counter.url, "a.example") as visitor,
        Visitor(counter.url, "b.example") as other,
    ):
        visitor.expect(1)
        other.expect(1)
        url = f"{counter.url}/_loc/api/totals"
        _, body, headers = get(url, Origin="https://a.example")
        assert json.loads(body) == {"site": "a.example", "total": 1, "state": "live"}
        assert headers["access-control-allow-origin"] == "https://a.example"
        assert headers["vary"] == "Origin"
        assert json.loads(get(url)[1]) == {"site": "local", "total": 0, "state": "live"}
        _, body, headers = get(url, Origin="https://a.example", Authorization=f"Bearer {token}")
        assert json.loads(body)["totals"] == {"a.example": 1, "b.example": 1}
        assert "access-control-allow-origin" not in headers
        assert get(url, Origin="https:// a")[0] == 403


@pytest.mark.parametrize("path", ["/_loc/", "/_loc/api/status", "/_loc/metrics"])
def test_what_is_the_owners_is_shown_to_nobody_else(path: str) -> None:
    token = "correct horse"
    with LocDev("count", "--port", "0", "--admin-token", token) as counter:
        assert get(counter.url + path)[0] == 200
        status, body, headers = get(counter.url + path, X_Forwarded_For="1.2.3.4")
        assert status == 401
        assert "Basic" in headers["www-authenticate"]
        assert "token" in body
        assert get(counter.url + path, X_Forwarded_For="1.2.3.4", Authorization=f"Bearer {token}")[0] == 200
    with LocDev("count", "--port", "0") as counter:
        status, body, _ = get(counter.url + path, Forwarded="for=1.2.3.4")
        assert status == 403
        assert "--admin-token" in body


def test_any_name_will_do_unless_some_are_named(counter: LocDev) -> None:
    assert get(f"{counter.url}/_loc/healthz", Host="count.example")[0] == 200
    with LocDev("count", "--port", "0", "--allow-host", "count.example") as named:
        assert get(f"{named.url}/_loc/healthz", Host="count.example")[0] == 200
        assert get(f"{named.url}/_loc/healthz", Host="evil.example")[0] == 421
        assert status_under(named, "count.example") == 101
        assert status_under(named, "evil.example") == 421


def test_the_script_is_at_the_root_and_the_page_for_its_owner(counter: LocDev) -> None:
    status, body, headers = get(counter.url)
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert "locWidget" in body
    assert get(f"{counter.url}/_loc/widget.js")[1] == body
    with Visitor(counter.url, "a.example") as visitor:
        visitor.expect(1)
        page = get(counter.url, Accept="text/html")[1]
        assert "<td>a.example</td><td>1</td><td>1</td><td><svg" in page


def test_the_counter_beside_another_command(tmp_path: Any) -> None:
    with LocDev("watch", tmp_path, "--port", "0", "--counter", "--site", "a.example") as dev:
        script = get(dev.url)[1]
        assert "locWidget" in script
        assert "loc-dev" in script
        with Visitor(dev.url, "a.example") as visitor:
            visitor.expect(1)
            assert refused(dev, site="b.example") == 403
            (site,) = json.loads(get(f"{dev.url}/_loc/api/status")[1])["sites"]
            assert (site["site"], site["total"], site["peak"]) == ("a.example", 1, 1)
        assert status_under(dev, "evil.example") == 421
        assert status_under(dev, "localhost") == 101
    with LocDev("watch", tmp_path, "--port", "0") as dev:
        assert "locWidget" not in get(dev.url)[1]
        assert get(f"{dev.url}/_loc/badge/a.svg")[0] == 404
        assert refused(dev) in (403, 404)
