"""QR codes in a terminal, for the camera of a phone."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

MARGIN = 2
"""Light modules around the code; ISO/IEC 18004 asks for four, cameras are content with less."""

_HALVES = {
    (0, 0): "\N{FULL BLOCK}",
    (0, 1): "\N{UPPER HALF BLOCK}",
    (1, 0): "\N{LOWER HALF BLOCK}",
    (1, 1): " ",
}


def code(text: str) -> Iterator[Text]:
    """``text`` as a QR code, two rows of it in a line; light on dark whatever the terminal's colours are."""
    import segno

    rows = [list(row) for row in segno.make_qr(text, error="l").matrix_iter(border=MARGIN)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        drawn = "".join(
            _HALVES[int(above > 0), int(below > 0)] for above, below in zip(upper, lower, strict=True)
        )
        yield Text.assemble("  ", (drawn, "white on black"))
