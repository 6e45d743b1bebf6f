"""A page of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles


@dataclass(frozen=True)
class Goal:
    """A figure, and the most that it may be, or the ``least``; both in ``unit``."""

    what: str
    figure: float
    limit: float
    unit: str = ""
    least: bool = False

    @property
    def met(self) -> bool:
        return self.figure >= self.limit if self.least else self.figure <= self.limit

    def row(self) -> tuple[str, ...]:
        figure, limit = (f"{number:.4g} {self.unit}".strip() for number in (self.figure, self.limit))
        return (self.what, figure, f"{'>=' if self.least else '<='} {limit}", "yes" if self.met else "NO")


@dataclass
class Section:
    """One measured thing: a table, what to know about it, and the goals that its figures have to meet."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    note: str = ""
    goals: list[Goal] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(
            [f"## {self.title}", "", table(self.head, self.rows), *(["", self.note] if self.note else []), ""]
        )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that reads well as plain text; all columns but the first stand to the right."""
    widths = [max(len(line[column]) for line in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = zip(cells, widths, strict=True)
        return f"| {' | '.join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])} |"

    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([line(head), f"|{rule}|", *map(line, rows)])


def p95(figures: Sequence[float]) -> float:
    return quantiles(figures, n=20, method="inclusive")[-1] if len(figures) > 1 else figures[0]


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def middle(figures: Sequence[float]) -> float:
    return median(figures) if figures else float("nan")
