"""Entity tags and the lists of them in If-None-Match (RFC 9110, sections 8.8.3 and 13.1.2)."""

from __future__ import annotations

import re

ETAG = re.compile(rb'(W/)?"([^"]*)"')


def split_etags(value: bytes) -> list[bytes]:
    """Return the tags of a list, each with its quotes and its ``W/``."""
    return [found[0] for found in ETAG.finditer(value)]


def is_known(etag: bytes, if_none_match: bytes | None) -> bool:
    """Return whether a client with ``if_none_match`` has the response with this tag (weak comparison)."""
    if if_none_match is None:
        return False
    known = {tag.removeprefix(b"W/") for tag in split_etags(if_none_match)}
    return if_none_match.strip() == b"*" or etag.removeprefix(b"W/") in known
