"""The start of an HTML document as a parser reads it: comments, doctypes, tags and text, by their bytes.

Finds only where tokens begin and end, which is all it takes to know where a tag may go. The state machine
is that of the HTML standard, section 13.2.5, over bytes of any encoding in which ASCII is plain
(:mod:`.encoding` gives such a view of the others).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["space", "comment", "doctype", "start", "end", "text"]

# Browsers drop a NUL in text before they ask what the text is.
_SPACE = re.compile(
    rb"(?:[\0\t\n\f\r ]"
    rb"|&#0*(?:9|1[023]|32)(?![0-9]);?|&#[xX]0*(?:9|[aAcCdD]|20)(?![0-9a-fA-F]);?|&Tab;|&NewLine;)+"
)
# A reference cut off by the end of the data may become another one, or no white space, with what follows.
_OPEN_REFERENCE = re.compile(rb"&(?:#[0-9]*|#[xX][0-9a-fA-F]*|[A-Za-z]*)\Z")
_NAME = re.compile(rb"</?([A-Za-z][^\t\n\f\r />]*)")
# An attribute may begin with "=" and hold quotes; a value that begins without a quote ends at white space.
_ATTRIBUTE = re.compile(rb"[\t\n\f\r /]*([^\t\n\f\r />][^\t\n\f\r />=]*)")
_EQUALS = re.compile(rb"[\t\n\f\r ]*=[\t\n\f\r ]*")
_UNQUOTED = re.compile(rb"[^\t\n\f\r >]*")
_SHORT_COMMENT = re.compile(rb"-?>")
_COMMENT_END = re.compile(rb"--!?>")

# Elements whose content is text up to their own end tag, where scripting is on.
RAW_TEXT = frozenset(
    [b"title", b"textarea", b"style", b"script", b"xmp", b"iframe", b"noembed", b"noframes", b"noscript"]
)
_IN_SCRIPT = re.compile(rb"<!--|-->|<(/?)script(?=[\t\n\f\r />])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """A token from ``start`` up to and without ``end``; ``name`` is that of a tag, in lower case."""

    kind: Kind
    start: int
    end: int
    name: bytes = b""
    attributes: tuple[tuple[bytes, bytes], ...] = ()


def token(data: bytes, at: int) -> Token | Kind:
    """Return the token that begins at ``at``, or only its kind where ``data`` ends before the token does.

    An incomplete token has the kind that the parser takes it for when the document ends there.
    """
    space = _SPACE.match(data, at)
    if space:
        unsure = _OPEN_REFERENCE.search(data, at) if space.end() == len(data) else None
        end = unsure.start() if unsure else space.end()
        return Token("space", at, end) if end > at else "space"
    if _OPEN_REFERENCE.match(data, at):
        return "text"
    if data[at : at + 1] != b"<":
        end = data.find(b"<", at)
        return Token("text", at, end if end >= 0 else len(data))
    following = data[at + 1 : at + 2]
    if following == b"!":
        return _declaration(data, at)
    if following == b"?":
        return _until_bracket(data, at, "comment")
    if following == b"/":
        return _closing(data, at)
    if following.isalpha() and following.isascii():
        return _tag(data, at, "start")
    return "text" if not following else Token("text", at, at + 1)


def raw_text_end(data: bytes, at: int, name: bytes) -> int | None:
    """Return where the end tag of the raw text element ``name`` begins, from ``at`` on; None: not there yet.

    Within a script, ``<!--`` and a nested ``<script`` hide one end tag (section 13.2.5.20).
    """
    if name == b"script":
        return _script_end(data, at)
    found = re.compile(rb"</" + name + rb"(?=[\t\n\f\r />])", re.IGNORECASE).search(data, at)
    return found.start() if found else None


def _script_end(data: bytes, at: int) -> int | None:
    escaped = nested = False
    while found := _IN_SCRIPT.search(data, at):
        at = found.end()
        if found[0] == b"<!--":
            escaped = True
            # The dashes of "<!--" may also be those of "-->", as in "<!-->".
            at -= 2
        elif found[0] == b"-->":
            escaped = nested = False
        elif not found[1]:
            nested = escaped
        elif nested:
            nested = False
        else:
            return found.start()
    return None


def _declaration(data: bytes, at: int) -> Token | Kind:
    if data.startswith(b"<!--", at):
        found = _SHORT_COMMENT.match(data, at + 4) or _COMMENT_END.search(data, at + 4)
        return Token("comment", at, found.end()) if found else "comment"
    opening = data[at + 2 : at + 9].lower()
    return _until_bracket(data, at, "doctype" if opening == b"doctype" else "comment")


def _until_bracket(data: bytes, at: int, kind: Kind) -> Token | Kind:
    # A ">" ends a doctype even within the quotes of its identifiers (sections 13.2.5.59 and 13.2.5.60).
    end = data.find(b">", at)
    return Token(kind, at, end + 1) if end >= 0 else kind


def _closing(data: bytes, at: int) -> Token | Kind:
    following = data[at + 2 : at + 3]
    if not following:
        return "text"
    if following.isalpha() and following.isascii():
        return _tag(data, at, "end")
    return _until_bracket(data, at, "comment")  # the parser drops "</>", which is as good as one


def _tag(data: bytes, at: int, kind: Kind) -> Token | Kind:
    name = _NAME.match(data, at)
    if name is None:
        return kind
    position = name.end()
    attributes: list[tuple[bytes, bytes]] = []
    while True:
        found = _ATTRIBUTE.match(data, position)
        if found is None:  # next is a ">", or the end of the data
            end = data.find(b">", position)
            return Token(kind, at, end + 1, name[1].lower(), tuple(attributes)) if end >= 0 else kind
        value, position = _value(data, found.end())
        if position > len(data):
            return kind
        attributes.append((found[1].lower(), value))


def _value(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the value after an attribute's name and where it ends: beyond ``data`` where it is cut off."""
    equals = _EQUALS.match(data, at)
    if equals is None:
        return b"", at
    at = equals.end()
    quote = data[at : at + 1]
    if quote in (b'"', b"'"):
        end = data.find(quote, at + 1)
        return (data[at + 1 : end], end + 1) if end >= 0 else (b"", len(data) + 1)
    found = _UNQUOTED.match(data, at)
    return (found[0], found.end()) if found else (b"", at)
