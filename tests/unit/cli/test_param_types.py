"""What is no number within the bounds of an option is told which would be."""

from __future__ import annotations

import click
import pytest

from livereload_loc.cli.param_types import DecimalRange, IntegerRange


@pytest.mark.parametrize(
    ("bounds", "value", "says"),
    [
        (IntegerRange(0, 65535), "abc", "'abc' is not a number from 0 to 65535."),
        (IntegerRange(0, 65535), 70000, "70000 is not a number from 0 to 65535."),
        (IntegerRange(0, 65535), float("inf"), "inf is not a number from 0 to 65535."),
        (IntegerRange(min=10), "9", "'9' is not a number of at least 10."),
        (DecimalRange(0, 60), "", "'' is not a number from 0 to 60."),
        (DecimalRange(0, 60), "nan", "'nan' is not a number from 0 to 60."),
        (DecimalRange(0, min_open=True), 0.0, "0.0 is not a number above 0."),
    ],
)
def test_what_is_not_within_bounds(
    bounds: IntegerRange | DecimalRange, value: str | float, says: str
) -> None:
    with pytest.raises(click.BadParameter) as error:
        bounds.convert(value, None, None)
    assert error.value.message == says


def test_what_is_within_bounds() -> None:
    assert IntegerRange(0, 65535).convert("65535", None, None) == 65535
    assert DecimalRange(0, 60).convert("2.5", None, None) == 2.5
