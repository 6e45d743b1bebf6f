"""What the user asked for, checked and in one place; ``cli`` makes it, everything else reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFAULT_PORT = 8081
DEFAULT_SITE_PORT = 8080
LOOPBACK = "localhost"
Output = Literal["normal", "quiet", "verbose", "json"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of ``loc-dev watch`` and ``loc-dev serve``.

    ``port`` 0 means any free one; ``poll_ms`` asks to look for changes every so many milliseconds instead
    of waiting for the system's events. ``allow_hosts`` are host names, ``allow_origins`` whole origins.
    """

    paths: tuple[str, ...]
    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    ignore: tuple[str, ...] = ()
    gitignore: bool = True
    poll_ms: int | None = None
    allow_hosts: frozenset[str] = frozenset()
    allow_origins: frozenset[str] = frozenset()
    output: Output = "normal"
    site: str | None = None
    """The folder whose files are served; without one, only told of."""
    spa: bool = False
    port_asked: bool = True
    """Whether the port has to be this one; else the next free one will do."""
