"""Figures as pictures."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.counter.badges import badge, sparkline


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
