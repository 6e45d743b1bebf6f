"""Makes lines that can be printed among ours of what a program writes to its terminal.

Colours stay (they never run on into the next line of somebody else); what moves the cursor, clears the
screen, sets the title or asks the terminal something goes. A line that was written over, as progress bars
are, is given as it was last. Control sequences by ECMA-48 and xterm's ctlseqs.
"""

from __future__ import annotations

import asyncio
import codecs
import re
from collections.abc import Callable

from livereload_loc.process.ansi import ColourState

# Characters after which a line is given in pieces, so that one without an end takes no memory.
MAX_LINE = 16_384

# So long after the last output a line without an end is taken for a prompt and given. A busy system may pass
# on the rest of a line that was written as one so late.
PROMPT_SECONDS = 0.2

# The same for a line that has been written over: the next state of a progress bar may follow.
PROGRESS_SECONDS = 1.0

_EMPTY = re.compile(r"(?:\s|\x1b\[[\d;:]*m)*")
_MAX_PARAMETERS = 100

# A sequence that the end of the text cuts has the group that ends in "cut".
_TOKEN = re.compile(
    r"""
    (?P<text> [^\x00-\x1f\x7f-\x9f]+ | \t )
    # a control sequence
    | (?: \x1b\[ | \x9b ) (?P<parameters> [\x20-\x3f]* ) (?: (?P<final> [@-~] ) | (?P<control_cut> \Z ) )?
    # a title, a link, a picture: to its end, at the latest to the end of the line
    | (?: \x1b[]PX^_k] | [\x90\x98\x9d\x9e\x9f] ) [^\x07\x18\x1a\x9c\x1b\r\n]*
      (?: [\x07\x18\x1a\x9c] | (?P<string_cut> \Z ) )?
    # another escape sequence
    | \x1b [\x20-\x2f]* (?: [0-~] | (?P<escape_cut> \Z ) )?
    | (?P<character> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class LineSplitter:
    """Splits bytes into lines, which are the same however the bytes are cut."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._pieces: list[str] = []
        self._length = 0
        self._returned = False
        self._continued = False
        self._colours = ColourState()
        self._lines: list[str] = []
        self._rewritten = False

    def feed(self, data: bytes, *, final: bool = False) -> list[str]:
        """Return the lines that ``data`` completes; with ``final``, the last one, too."""
        text, self._rest = self._rest + self._decoder.decode(data, final), ""
        for token in _TOKEN.finditer(text):
            match token.lastgroup:
                case "text":
                    self._write(token[0])
                case "final":
                    self._control(token["final"], token["parameters"])
                case "character":
                    self._character(token[0])
                case "control_cut" | "string_cut" | "escape_cut":
                    self._rest = token[0][: _MAX_PARAMETERS + 2]
        if final:
            self._give(even_if_empty=False)
        lines, self._lines = self._lines, []
        return lines

    @property
    def unfinished(self) -> bool:
        """Whether a line has begun and not ended."""
        return bool(self._length)

    @property
    def progress(self) -> bool:
        """Whether that line has been written over, or is about to be."""
        return self._rewritten or self._returned

    def flush(self) -> list[str]:
        """Return the line that has not ended, if there is one; what follows of it is given as another."""
        self._give(even_if_empty=False)
        lines, self._lines = self._lines, []
        self._continued = bool(lines) or self._continued
        return lines

    def _character(self, character: str) -> None:
        if character == "\n":
            self._give(even_if_empty=not self._continued)
            self._continued = False
        elif character == "\r":
            self._returned = True
        elif character == "\b":
            self._back()

    def _control(self, final: str, parameters: str) -> None:
        if final == "m" and len(parameters) < _MAX_PARAMETERS:
            self._colours.set(parameters)
        elif final == "K" and (parameters == "2" or (self._returned and parameters in ("", "0"))):
            self._clear()
            self._rewritten = True
        elif final == "G" and parameters in ("", "0", "1"):
            self._returned = True

    def _write(self, text: str) -> None:
        if self._returned:
            self._clear()
            self._rewritten = True
        while text:
            piece, text = text[: MAX_LINE - self._length], text[MAX_LINE - self._length :]
            self._pieces += filter(None, (self._colours.change(), piece))
            self._length += len(piece)
            if self._length == MAX_LINE:
                self._give(even_if_empty=False)
                self._continued = True

    def _back(self) -> None:
        """Take the last character back, as spinners do."""
        if not self._length or self._returned:
            return
        last = max(at for at, piece in enumerate(self._pieces) if not piece.startswith("\x1b"))
        self._pieces[last] = self._pieces[last][:-1]
        if not self._pieces[last]:
            del self._pieces[last]
        self._length -= 1
        self._rewritten = True

    def _clear(self) -> None:
        self._pieces.clear()
        self._length = 0
        self._returned = False
        self._colours.begin()

    def _give(self, *, even_if_empty: bool) -> None:
        if self._length or even_if_empty:
            self._lines.append("".join(self._pieces) + self._colours.end())
        self._clear()
        self._rewritten = False


class LineOutput:
    """Calls ``on_line`` with each line of a program, and with its prompts after a moment.

    Of several empty lines in a row it passes one: a program that clears the screen by them, as Vite and tsc
    do, would push the output of others out of sight.
    """

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._lines = LineSplitter()
        self._was_empty = False
        self._timer: asyncio.TimerHandle | None = None

    def write(self, data: bytes, *, final: bool = False) -> None:
        """Take ``data``; with ``final``, nothing follows."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._give(self._lines.feed(data, final=final))
        if self._lines.unfinished:
            pause = PROGRESS_SECONDS if self._lines.progress else PROMPT_SECONDS
            self._timer = asyncio.get_running_loop().call_later(pause, self._flush)

    def _flush(self) -> None:
        self._give(self._lines.flush())

    def _give(self, lines: list[str]) -> None:
        for line in lines:
            is_empty = _EMPTY.fullmatch(line) is not None
            if not (is_empty and self._was_empty):
                self._on_line(line)
            self._was_empty = is_empty
