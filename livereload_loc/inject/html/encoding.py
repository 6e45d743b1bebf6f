"""Views of documents in any encoding as bytes in which ASCII is plain, one byte for each unit.

The tokenizer needs to see markup only. In UTF-16 every unit becomes one byte; in ISO-2022-JP, where the
bytes of a kanji may look like ``<``, kanji are blanked out. All other encodings of the Encoding standard
that browsers read use the bytes of ``<``, ``>`` and quotes for nothing else.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The starts of documents in UTF-16 that browsers recognise without a mark.
XML_STARTS = (("<?x".encode("utf-16-le"), "utf-16-le"), ("<?x".encode("utf-16-be"), "utf-16-be"))

# The labels of the Encoding standard, section 4.2, for the encodings that are not plain extensions of ASCII.
_LABELS = {
    **dict.fromkeys(
        ("utf-16", "utf-16le", "unicode", "ucs-2", "csunicode", "iso-10646-ucs-2", "unicodefeff"), "utf-16-le"
    ),
    **dict.fromkeys(("utf-16be", "unicodefffe"), "utf-16-be"),
    **dict.fromkeys(("iso-2022-jp", "csiso2022jp"), "iso-2022-jp"),
}
_KANJI = re.compile(rb"(\x1b\$[@B])(.*?)(?=\x1b\([BJ]|\Z)", re.DOTALL)
_NO_MARKUP = 0x80


@dataclass(frozen=True, slots=True)
class DocumentEncoding:
    """How a document is encoded: ``bom`` is the length of its byte order mark, ``unit`` that of ``<``."""

    name: str
    bom: int = 0

    @property
    def unit(self) -> int:
        """The bytes of a unit."""
        return 2 if self.name.startswith("utf-16") else 1

    def view(self, data: bytes) -> bytes:
        """Return ``data`` with one byte for each unit; units beyond ASCII become a byte that is no markup."""
        if self.unit == 2:
            low, high = (data[0::2], data[1::2]) if self.name == "utf-16-le" else (data[1::2], data[0::2])
            # Half a unit at the end is left out.
            return bytes(_NO_MARKUP if above else below for below, above in zip(low, high, strict=False))
        if self.name == "iso-2022-jp":
            return _KANJI.sub(lambda found: found[1] + bytes([_NO_MARKUP]) * len(found[2]), data)
        return data

    def encode(self, markup: str) -> bytes:
        """Return ``markup``, which is ASCII, in this encoding."""
        return markup.encode(self.name if self.unit == 2 else "ascii")


def is_known(label: str | None) -> bool:
    """Return whether a label in a Content-Type settles the encoding; browsers ignore unknown labels.

    The labels that Python and browsers know differ a little. A label that is wrongly taken for unknown costs
    nothing but a wait for the document's first 1024 bytes.
    """
    try:
        return label is not None and bool(codecs.lookup(label.strip()))
    except (LookupError, ValueError):
        return (label or "").strip().lower() in _LABELS


def begins_open(data: bytes) -> bool:
    """Return whether ``data`` is too short to show the encoding by its first bytes."""
    return len(data) < 3 or any(start.startswith(data) for start, _ in XML_STARTS if start != data)


def detect(data: bytes, label: str | None) -> DocumentEncoding:
    """Return the encoding of a document that begins with ``data``.

    A byte order mark overrules the ``label`` of the Content-Type; the first bytes of ``<?xml`` come last
    (HTML standard, sections 13.2.3.2 and 13.2.3.3).
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return DocumentEncoding(name, len(mark))
    if not is_known(label):
        for start, guessed in XML_STARTS:
            if data.startswith(start):
                return DocumentEncoding(guessed)
    return DocumentEncoding(_LABELS.get((label or "").strip().lower(), ""))
