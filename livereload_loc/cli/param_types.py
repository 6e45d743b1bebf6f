"""Numbers within bounds, as the values of options: what is none is told which would be."""

from __future__ import annotations

import math
from typing import Any

import click


class IntegerRange(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """``value`` as a number. Raises click.BadParameter where it is none of these."""
        try:
            return super().convert(value, param, ctx)
        except (click.BadParameter, OverflowError):
            self.fail(_refusal(value, self), param, ctx)


class DecimalRange(click.FloatRange):
    """A number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """``value`` as a number. Raises click.BadParameter where it is none of these."""
        try:
            number = super().convert(value, param, ctx)
        except click.BadParameter:
            number = math.nan  # which TOML knows, too, and which is within any bounds
        if math.isnan(number):
            self.fail(_refusal(value, self), param, ctx)
        return number


def _refusal(value: object, bounds: click.IntRange | click.FloatRange) -> str:
    least = f"above {bounds.min}" if bounds.min_open else f"of at least {bounds.min}"
    within = least if bounds.max is None else f"from {bounds.min} to {bounds.max}"
    return f"{value!r} is not a number {within}."
