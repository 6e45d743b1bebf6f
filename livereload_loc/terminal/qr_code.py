"""QR codes in a terminal, for the camera of a phone."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

# Light modules around the code; ISO/IEC 18004 asks for four, cameras are content with less.
MARGIN = 2

_HALVES = {
    (0, 0): "\N{FULL BLOCK}",
    (0, 1): "\N{UPPER HALF BLOCK}",
    (1, 0): "\N{LOWER HALF BLOCK}",
    (1, 1): " ",
}


def qr_code(text: str) -> Iterator[Text]:
    """Yield the lines of a QR code, each with two of its rows; light on dark in every colour scheme."""
    import segno

    rows = [list(row) for row in segno.make_qr(text, error="l").matrix_iter(border=MARGIN)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        drawn = "".join(
            _HALVES[int(above > 0), int(below > 0)] for above, below in zip(upper, lower, strict=True)
        )
        yield Text.assemble("  ", (drawn, "white on black"))
