"""Who may see the figures of all sites, and which are shown."""

from __future__ import annotations

import base64

import pytest
from starlette.datastructures import Headers

from livereload_loc.counter.counter import Counter
from livereload_loc.counter.http_api import MAX_SHOWN, MAX_SHOWN_LIVE, CounterApi, refuse_stranger
from livereload_loc.settings import CounterSettings
from tests.support.manual_clock import join

TOKEN = "correct horse"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("peer", "headers", "token", "status"),
    [
        ("127.0.0.1", {}, None, None),
        ("::1", {}, None, None),
        ("::ffff:127.0.0.1", {}, None, None),
        ("127.0.0.1", {"X-Forwarded-For": "1.2.3.4"}, None, 403),
        ("127.0.0.1", {"Forwarded": "for=1.2.3.4"}, None, 403),
        ("127.0.0.1", {"X-Real-IP": "1.2.3.4"}, None, 403),
        ("127.0.0.1", {"Via": "1.1 nginx"}, TOKEN, 401),
        ("127.0.0.1", {"Host": "evil.example"}, None, 403),  # DNS rebinding
        ("127.0.0.1", {"Host": ""}, None, 403),
        ("1.2.3.4", {}, None, 403),
        (None, {}, None, 403),
        ("1.2.3.4", {}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": f"Bearer {TOKEN}"}, TOKEN, None),
        ("1.2.3.4", {"Authorization": f"Bearer {TOKEN}x"}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": "Bearer "}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": "Bearer "}, None, 403),
        ("1.2.3.4", {"Authorization": TOKEN}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": basic("me:" + TOKEN)}, TOKEN, None),
        ("1.2.3.4", {"Authorization": basic("me:no")}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": "Basic ???"}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": "Basic /w=="}, TOKEN, 401),
        ("1.2.3.4", {"Authorization": "Basic \xe9"}, TOKEN, 401),
    ],
)  # fmt: skip
def test_the_owner_is_distinguished_from_a_stranger(
    peer: str | None, headers: dict[str, str], token: str | None, status: int | None
) -> None:
    refusal = refuse_stranger(peer, Headers({"Host": "localhost:8081", **headers}), token)
    assert (refusal.status if refusal else None) == status


def test_the_fullest_sites_are_shown() -> None:
    counter = Counter(CounterSettings(max_per_address=10_000))
    for number in range(MAX_SHOWN + 5):
        join(counter, f"{number:03}.example")
    join(counter, "100.example")
    api = CounterApi(counter)
    sites = api.sites()
    assert len(sites) == MAX_SHOWN_LIVE
    assert [site["site"] for site in sites[:2]] == ["100.example", "000.example"]
    assert (sites[0]["total"], sites[0]["peak"]) == (2, 2)
    table = api.table()
    assert table.count("<td>") == 4 * MAX_SHOWN
    assert "<td>100.example</td><td>2</td><td>2</td><td><svg" in table
    assert table.endswith("<p>and 5 more</p>")
