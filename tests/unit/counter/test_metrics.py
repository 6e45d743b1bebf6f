"""The figures for Prometheus, as its own parser reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from livereload_loc.counter.counter import Counter, VisitorRefused
from livereload_loc.counter.metrics import MetricFamily, exposition, families
from livereload_loc.settings import CounterSettings
from tests.support.manual_clock import join


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
    text = exposition([MetricFamily("x", "help", {value: 1.5}, "site")])
    (family,) = text_string_to_metric_families(text)
    assert family.samples[0].labels == {"site": value}
