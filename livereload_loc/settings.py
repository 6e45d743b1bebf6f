"""The settings of all commands, and the options that set them.

Each option exists once, as metadata of the field that it sets: the command line and its help, configuration
files, environment variables and ``loc-dev config`` are made from these fields, in this order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeVar

from livereload_loc.protocol import InPlace

DEFAULT_PORT = 8081
DEFAULT_SITE_PORT = 8080
LOOPBACK = "localhost"

DEV = ("watch", "serve", "proxy")
ALL = (*DEV, "count")

Output = Literal["normal", "quiet", "verbose", "json"]
Kind = Literal[
    "text", "switch", "in place", "command line", "pattern", "url", "redis url", "address", "host", "origin",
    "site", "network", "token", "port", "open port", "milliseconds", "seconds", "limit", "rate",
]  # fmt: skip

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Option:
    """An option of ``commands``, listed in their help under the heading ``section``.

    ``usage`` is its name and the placeholder of its value, which is of ``kind``; a flag has no placeholder.
    ``default`` replaces the field's default. ``alone`` is the value that the option has when none follows it:
    True for a flag unless it is given here, while any other option needs one.
    """

    section: str
    usage: str
    help: str
    kind: Kind = "text"
    commands: tuple[str, ...] = DEV
    default: object = None
    alone: object = None


def setting(default: _Value, *options: Option) -> _Value:
    """Make a dataclass field that ``options`` set: each for other commands, or to another value."""
    return field(default=default, metadata={"options": options})


_page = partial(Option, "Pages")
_watch = partial(Option, "Watching")
_run = partial(Option, "Building and running")
_address = partial(Option, "Addresses", commands=ALL)
_output = partial(Option, "Output", commands=ALL)
_counter = partial(Option, "Counting visitors", commands=ALL)

_PORT = "Port to listen on; 0 takes any free one."
_PORT_OR_NEXT = f"{_PORT} If the default is taken, the next free one is used."


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of all commands; ``loc-dev count`` has no ``paths``. ``port`` 0 is any free one."""

    paths: tuple[str, ...] = setting(
        (),
        _page("--watch PATH", "Also watch this path, such as the pages' sources.", commands=("serve",)),
        _page("--watch PATH", "File or folder to watch.", commands=("proxy",), default=(".",)),
    )
    spa: bool = setting(
        False, _page("--spa", "Answer unknown URLs with the index page.", commands=("serve",))
    )
    in_place: InPlace = setting(
        "on",
        _page(
            "--in-place [on|off|always]",
            "Which saved pages change in place: those without scripts, none, or all.",
            "in place",
        ),
    )
    change_origin: bool = setting(
        False,
        _page(
            "--change-origin", "Send the upstream its own Host instead of the browser's.", commands=("proxy",)
        ),
    )
    insecure: bool = setting(
        False, _page("--insecure", "Do not verify the upstream's certificate.", commands=("proxy",))
    )
    ignore: tuple[str, ...] = setting(
        (), _watch("--ignore GLOB", "Do not watch these files; the syntax is that of .gitignore.")
    )
    no_gitignore: bool = setting(
        False, _watch("--no-gitignore", "Also watch what .gitignore files leave out.")
    )
    poll_ms: int | None = setting(
        None,
        _watch(
            "--poll [MS]",
            "Look for changes every MS milliseconds (300), for mounts that send no events.",
            "milliseconds",
            alone=300,
        ),
    )
    code: tuple[str, ...] = setting(
        ("*.py", "*.rb", "*.go", "*.rs", "*.java", "*.kt", "*.ex", "*.cs"),
        _watch("--code GLOB", "Files that make the backend restart.", "pattern", ("watch", "proxy")),
    )
    wait_for: str | None = setting(
        None, _watch("--wait-for URL", "Backend to wait for after such a change.", "url", ("watch",))
    )
    build: str | None = setting(
        None, _run("--exec CMD", "Build step to run on each change, before the pages update.", "command line")
    )
    restart: tuple[str, ...] = setting(
        (), _run("--restart GLOB", "Restart COMMAND when such a file changes.", "pattern")
    )
    keys: Literal["on", "off"] = setting(
        "on", _run("--keys [on|off]", "off leaves the keyboard to COMMAND.", "switch")
    )
    port: int = setting(
        DEFAULT_PORT,
        _address("--port PORT", _PORT, "port", commands=("watch", "count")),
        _address("--port PORT", _PORT_OR_NEXT, "port", commands=("serve",), default=DEFAULT_SITE_PORT),
        _address("--port PORT", _PORT_OR_NEXT, "port", commands=("proxy",)),
    )
    host: str = setting(LOOPBACK, _address("--host HOST", "Address to listen on.", "address"))
    lan: bool = setting(False, _address("--lan", "Also serve phones and other devices on the local network."))
    qr: bool = setting(False, _address("--qr", "Also show the URL for other devices as a QR code."))
    https: bool = setting(
        False, _address("--https", "Serve over HTTPS, with mkcert's certificate or a self-signed one.")
    )
    certificate: str | None = setting(
        None, _address("--cert FILE", "Serve over HTTPS with this certificate (PEM); needs --key.")
    )
    key: str | None = setting(None, _address("--key FILE", "Private key of --cert (PEM)."))
    allow_hosts: frozenset[str] = setting(
        frozenset(), _address("--allow-host HOST", "Also answer requests for this host name.", "host")
    )
    allow_origins: frozenset[str] = setting(
        frozenset(),
        _address("--allow-origin ORIGIN", "Also let pages of this origin connect.", "origin", commands=DEV),
    )
    livereload_port: int | None = setting(
        None,
        _address(
            "--livereload-port PORT",
            "Also listen here (35729) for LiveReload's extensions and clients.",
            "open port",
            commands=DEV,
        ),
    )
    open_browser: bool = setting(False, _output("--open", "Open the browser once the server is ready."))
    output: Output = setting(
        "normal",
        # The first one that a file sets wins: a program that reads JSON must not wait in vain.
        _output("--json", "Print one JSON object per line, for programs.", alone="json"),
        _output("--quiet", "Print problems only.", alone="quiet"),
        _output(
            "--verbose",
            "Also print pages that come and go, what each did, and editor leftovers.",
            alone="verbose",
        ),
    )
    counter: CounterSettings | None = setting(
        None, _counter("--counter", "Also count visitors, as loc-dev count does.", commands=DEV)
    )

    # The arguments of the commands: the folder to serve, the URL to proxy, and the command line to start,
    # show and stop together with loc-dev.
    site: str | None = None
    upstream: str | None = None
    command: tuple[str, ...] = ()
    # Whether the server fails when its port is taken, and does not move to the next free one.
    strict_port: bool = True


@dataclass(frozen=True, slots=True)
class CounterSettings:
    """The settings of the visitor counter, of ``loc-dev count`` and of ``--counter``."""

    sites: tuple[str, ...] = setting(
        (), _counter("--site HOST", "Count only this site, or *.example.com.", "site")
    )
    redis: str | None = setting(
        None, _counter("--redis URL", "Share the counts of several nodes in this Redis.", "redis url")
    )
    linger: float = setting(
        2.0, _counter("--linger SECONDS", "How long a closed page still counts.", "seconds")
    )
    trusted_proxies: tuple[str, ...] = setting(
        (), _counter("--trusted-proxy CIDR", "Trust the X-Forwarded-For of these proxies.", "network")
    )
    admin_token: str | None = setting(
        None,
        _counter(
            "--admin-token TOKEN", "Open all sites' figures to other machines with this token.", "token"
        ),
    )
    max_per_address: int = setting(
        200, _counter("--max-per-address N", "Maximum open pages per address (IPv6: per /64).", "limit")
    )
    max_per_site: int = setting(50_000, _counter("--max-per-site N", "Maximum open pages per site.", "limit"))
    max_visitors: int = setting(100_000, _counter("--max-visitors N", "Maximum open pages in all.", "limit"))
    max_sites: int = setting(
        10_000, _counter("--max-sites N", "Maximum sites; a new one replaces one without visitors.", "limit")
    )
    join_rate: float = setting(
        10.0,
        _counter("--join-rate N", "Maximum new pages per address and second, after a first burst.", "rate"),
    )
