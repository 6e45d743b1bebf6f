"""Pictures, metrics, and who may see what."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from starlette.datastructures import Headers

from livereload_loc.counter.badges import badge, sparkline
from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.http_api import refuse_stranger
from livereload_loc.counter.metrics import MetricFamily, exposition, families
from livereload_loc.settings import CounterSettings
from tests.support.stepping import join

TOKEN = "correct horse"


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20), st.text("0123456789,"))
def test_a_badge_is_a_picture_whatever_stands_on_it(label: str, text: str) -> None:
    root = ElementTree.fromstring(badge(label, text))
    assert root.attrib["aria-label"] == f"{label}: {text}"
    assert float(root.attrib["width"]) > 20


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=96))
def test_a_sparkline_stays_in_its_box(values: list[int]) -> None:
    root = ElementTree.fromstring(sparkline(values))
    points = [tuple(map(float, point.split(","))) for point in root[0].attrib["points"].split()]
    assert len(points) == len(values)
    assert all(0 <= x <= 192 and 0 <= y <= 28 for x, y in points)


def test_metrics_are_read_as_they_are_meant() -> None:
    counter = Counter(CounterSettings(sites=("a.example",)))
    join(counter)
    with pytest.raises(VisitorRefused):
        join(counter, "b.example")
    found = {
        (sample.name, tuple(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition(families(counter)))
        for sample in family.samples
    }
    assert found["loc_visitors", ()] == 1
    assert found["loc_joins_total", ()] == 1
    assert found["loc_refusals_total", (("option", "--site"),)] == 1
    assert found["loc_site_visitors", (("site", "a.example"),)] == 1
    assert found["process_open_fds", ()] > 2
    assert found["process_resident_memory_bytes", ()] > 10**7


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30))
def test_a_label_may_be_anything(value: str) -> None:
    text = exposition([MetricFamily("x", "help", {(("site", value),): 1.5})])
    (family,) = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"site": value}


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
def test_the_owner_is_told_from_a_stranger(
    peer: str | None, headers: dict[str, str], token: str | None, status: int | None
) -> None:
    refusal = refuse_stranger(peer, Headers({"Host": "localhost:8081", **headers}), token)
    assert (refusal.status if refusal else None) == status
