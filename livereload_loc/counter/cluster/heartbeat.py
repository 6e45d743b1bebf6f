"""What nodes say to each other, once a second: what changed since the last time, as one JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

SEQ = ""
"""The field of a row that has its number; no site has this name."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The message ``seq`` of ``node``. ``counts`` are the sites that changed, 0 for those that it has no
    more; with ``whole``, all that it has. ``bye``: there is no more to come."""

    node: str
    seq: int
    counts: Mapping[str, int]
    whole: bool = False
    bye: bool = False

    def text(self) -> str:
        """As it is sent."""
        message: dict[str, object] = {"node": self.node, "seq": self.seq, "counts": dict(self.counts)}
        if self.whole:
            message["whole"] = True
        if self.bye:
            message["bye"] = True
        return json.dumps(message, separators=(",", ":"))


def read_beat(text: str | bytes) -> Heartbeat | None:
    """What was sent; None where it is none of ours."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    node, seq, counts = message.get("node"), message.get("seq"), message.get("counts")
    if not isinstance(node, str) or not isinstance(seq, int) or not isinstance(counts, dict):
        return None
    if not all(type(count) is int and count >= 0 for count in counts.values()):
        return None
    return Heartbeat(node, seq, counts, message.get("whole") is True, message.get("bye") is True)


def read_row(fields: Mapping[bytes, bytes]) -> tuple[int, dict[str, int]] | None:
    """Number and counts of a row as it is stored; None where there is no such row."""
    try:
        counts = {site.decode(): int(count) for site, count in fields.items()}
        seq = counts.pop(SEQ)
    except (KeyError, ValueError):
        return None
    return seq, {site: count for site, count in counts.items() if count > 0}
