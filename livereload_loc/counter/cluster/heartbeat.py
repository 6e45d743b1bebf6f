"""The message that each node sends the others once a second: what has changed since the last one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

# The field of a stored row that holds its sequence number; no site has this name.
SEQ = ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The message number ``seq`` of ``node``.

    ``counts`` holds the sites that changed, with 0 where nobody is left; with ``whole``, all sites of the
    node. ``bye``: the node leaves, and this is its last message.
    """

    node: str
    seq: int
    counts: Mapping[str, int]
    whole: bool = False
    bye: bool = False

    def to_json(self) -> str:
        """Return the message as it is sent."""
        message = {field: getattr(self, field) for field in self.__slots__}
        return json.dumps(message, separators=(",", ":"))


class StoredRow(NamedTuple):
    """The counts of a node as Redis keeps them, after its message number ``seq``."""

    seq: int
    counts: Mapping[str, int]


def parse_heartbeat(text: str | bytes) -> Heartbeat | None:
    """Return the message in ``text``, or None where there is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    match message:
        case {"node": str(node), "seq": int(seq), "counts": dict(counts)}:
            if all(type(count) is int and count >= 0 for count in counts.values()):
                return Heartbeat(node, seq, counts, message.get("whole") is True, message.get("bye") is True)
    return None


def parse_row(fields: Mapping[bytes, bytes]) -> StoredRow | None:
    """Return the row in the fields of a hash, or None where there is none."""
    try:
        counts = {site.decode(): int(count) for site, count in fields.items()}
        seq = counts.pop(SEQ)
    except (KeyError, ValueError):
        return None
    return StoredRow(seq, {site: count for site, count in counts.items() if count > 0})
