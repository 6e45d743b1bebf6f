"""Warnings in the log that may repeat with every request."""

from __future__ import annotations

import logging

# Different warnings that are logged; their words may come from an attacker.
LIMIT = 16

logger = logging.getLogger("livereload_loc")


class WarnOnce:
    """Logs each warning once, and no more than ``LIMIT`` of them."""

    def __init__(self) -> None:
        self._logged: set[str] = set()

    def __call__(self, text: str) -> None:
        """Log ``text``; an empty one is none."""
        if text and text not in self._logged and len(self._logged) < LIMIT:
            self._logged.add(text)
            logger.warning("%s", text)
