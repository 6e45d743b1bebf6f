"""What the user asked for, checked and in one place; ``cli`` makes it, everything else reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFAULT_PORT = 8081
DEFAULT_SITE_PORT = 8080
LOOPBACK = "localhost"
CODE = ("*.py", "*.rb", "*.go", "*.rs", "*.java", "*.kt", "*.ex", "*.cs")
"""The files whose change makes a backend restart, unless the user names others."""

Output = Literal["normal", "quiet", "verbose", "json"]


@dataclass(frozen=True, slots=True)
class CounterSettings:
    """The settings of ``loc-dev count`` and ``--counter``; those without a docstring are the options of the
    same names."""

    sites: tuple[str, ...] = ()
    """The sites that are counted; all if there are none."""
    redis: str | None = None
    """The URL of what several nodes share; without it, this is the only one."""
    max_per_address: int = 200
    max_per_site: int = 50_000
    max_visitors: int = 100_000
    max_sites: int = 10_000
    join_rate: float = 10.0
    """Joins per second and address, beyond a first burst."""
    linger: float = 2.0
    """The seconds for which a page that went away counts on."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks whose X-Forwarded-For is believed."""
    admin_token: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of all commands; without ``paths``, those of ``loc-dev count``.

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
    opens: bool = False
    """Whether to show it in the browser."""
    qr: bool = False
    """Whether to show a QR code of the address."""
    output: Output = "normal"
    site: str | None = None
    """The folder whose files are served; without one, only told of."""
    spa: bool = False
    port_asked: bool = True
    """Whether the port has to be this one; else the next free one will do."""
    upstream: str | None = None
    """The URL that is stood in front of."""
    change_origin: bool = False
    insecure: bool = False
    """Whether an upstream's certificate is believed unseen."""
    code: tuple[str, ...] = CODE
    wait_for: str | None = None
    """The URL of a backend that pages come from, where it is not the upstream."""
    build: str | None = None
    """The shell command that is run on each change, before the pages are told."""
    command: tuple[str, ...] = ()
    """What is started, shown and stopped with us."""
    restart: tuple[str, ...] = ()
    """The files whose change restarts ``command``."""
    command_has_keys: bool = False
    counter: CounterSettings | None = None
    https: bool = False
    """Whether to speak TLS, with a certificate that stands in the folder or is made."""
    certificate: str | None = None
    key: str | None = None
    """The files of a certificate and its key, in PEM form: both or neither; with them, TLS is spoken."""
    lan: bool = False
    """Whether other devices of the local network are served, too."""
    livereload_port: int | None = None
    """Where clients of LiveReload look for a server, too."""
