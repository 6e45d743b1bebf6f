"""Draws figures as SVG that needs no script and no style sheet."""

from __future__ import annotations

import html
from collections.abc import Sequence

# About how wide characters of 11 px Verdana are, in px; ``textLength`` makes them so.
_WIDTH = 7.0
_WIDTHS = {" ": 3.9, ",": 3.9, ".": 3.9, "i": 3.1, "l": 3.1, "1": 7.0}
_PAD = 6.0

_BADGE = """<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{name}"
 width="{width:.0f}" height="20">
<title>{name}</title>
<rect width="{width:.0f}" height="20" rx="3" fill="#555"/>
<path fill="{colour}" d="M{middle:.0f} 0h{right:.0f}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{middle:.0f}z"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_at:.1f}" y="14" textLength="{label_width:.1f}">{label}</text>
<text x="{text_at:.1f}" y="14" textLength="{text_width:.1f}">{text}</text>
</g>
</svg>
"""


def badge(label: str, text: str, *, faded: bool = False) -> str:
    """Draw a label and a text side by side, as an SVG document; ``faded`` where the text may be outdated."""
    label_width, text_width = _length(label), _length(text)
    middle = label_width + 2 * _PAD
    width = middle + text_width + 2 * _PAD
    return _BADGE.format(
        width=width,
        middle=middle,
        right=width - middle - 3,
        colour="#9f9f9f" if faded else "#2f7d32",
        name=html.escape(f"{label}: {text}"),
        label=html.escape(label),
        text=html.escape(text),
        label_at=_PAD,
        text_at=middle + _PAD,
        label_width=label_width,
        text_width=text_width,
    )


def sparkline(values: Sequence[int], *, width: int = 192, height: int = 28) -> str:
    """Draw a line through ``values``, the oldest at the left, to be embedded in an HTML page."""
    top = max(1, *values)
    step = width / max(1, len(values) - 1)
    points = " ".join(
        f"{at * step:.1f},{height - 1.5 - (height - 3) * value / top:.1f}" for at, value in enumerate(values)
    )
    return (
        f'<svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="between {min(values)} and {max(values)}"><polyline points="{points}" fill="none" '
        'stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/></svg>'
    )


def _length(text: str) -> float:
    return sum(_WIDTHS.get(char, _WIDTH) for char in text)
