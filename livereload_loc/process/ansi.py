"""The colours and weights of text, as ``ESC [ ... m`` sets them (ECMA-48 8.3.117, and xterm's ctlseqs)."""

from __future__ import annotations

import re
from itertools import islice

_RESET = "\x1b[0m"
# The codes that each code ends; "front", "back" and "line" stand for all colours of these.
_ENDS = {"22": ("1", "2"), "25": ("5", "6"), "39": ("front",), "49": ("back",), "59": ("line",)}
_ENDS |= {f"2{code}": (code,) for code in "34789"}
_LONG = {"38": "front", "48": "back", "58": "line"}
_VALUES = {"5": 1, "2": 3}  # a number of the palette, or red, green and blue
_KNOWN = re.compile(r"[0-9;:]*")


class ColourState:
    """Tracks what is on in a program's text, and what is shown in the line that is being made."""

    def __init__(self) -> None:
        self._on: dict[str, str] = {}
        self._shown: dict[str, str] = {}

    def set(self, parameters: str) -> None:
        """Follow one control sequence, given its parameters between ``ESC [`` and ``m``."""
        if not _KNOWN.fullmatch(parameters):
            return
        each = iter(parameters.split(";"))
        for code in each:
            if code in _LONG:
                kind = next(each, "")
                values = list(islice(each, _VALUES.get(kind, 0)))
                if values and len(values) == _VALUES[kind]:
                    self._on[_LONG[code]] = ";".join([code, kind, *values])
            else:
                self._set(code.lstrip("0") if ":" not in code else code)

    def change(self) -> str:
        """Return what has to come before more text of the line, so that it looks as it should."""
        if self._on == self._shown:
            return ""
        reset = _RESET if self._shown else ""
        self._shown = dict(self._on)
        return reset + (f"\x1b[{';'.join(self._on.values())}m" if self._on else "")

    def end(self) -> str:
        """Return what has to end the line, so that the next one, which may be another's, begins plain."""
        return _RESET if self._shown else ""

    def begin(self) -> None:
        """Begin a line, in which nothing is shown yet."""
        self._shown = {}

    def _set(self, code: str) -> None:
        number, _, variant = code.partition(":")
        if not code:
            self._on.clear()
        elif number in _LONG:
            self._on[_LONG[number]] = code
        elif code in _ENDS or code == "4:0":
            for name in _ENDS.get(code, ("4",)):
                self._on.pop(name, None)
        elif number in "123456789":
            self._on[number] = code if variant else number
        elif re.fullmatch("3[0-7]|9[0-7]", code):
            self._on["front"] = code
        elif re.fullmatch("4[0-7]|10[0-7]", code):
            self._on["back"] = code
