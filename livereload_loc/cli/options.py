"""The options of the commands, as click has them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, TypeVar

import click

from livereload_loc.cli.config_file import OptionalValue, name_of, options_of
from livereload_loc.cli.counter_options import COUNTER
from livereload_loc.cli.help import SectionedHelpCommand
from livereload_loc.cli.param_types import IntegerRange
from livereload_loc.errors import UsageError
from livereload_loc.settings import CODE, LOOPBACK

DEFAULT_POLL_MS = 300

_Function = TypeVar("_Function", bound=Callable[..., Any])


class EnvironmentCommand(SectionedHelpCommand):
    """A command whose every option may stand in the environment as well: LOC_DEV_PORT for --port."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for option in options_of(self):
            option.envvar = f"LOC_DEV_{name_of(option).upper().replace('-', '_')}"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let each error know whose help says more, which click leaves out where a value is missing."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class DevServerCommand(EnvironmentCommand):
    """A command that may be followed by ``--`` and the command line of a dev server.

    ``--poll`` may stand alone, also right before a path, which is then no number of milliseconds.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what follows ``--`` aside, and give a ``--poll`` without a number its default."""
        if "--" in args:
            at = args.index("--")
            args, command = args[:at], args[at + 1 :]
            if not command:
                raise UsageError("After -- stands the command to start, such as php -S localhost:8000.")
            ctx.meta["command"] = tuple(command)
        return super().parse_args(ctx, self.with_poll(args))

    @staticmethod
    def with_poll(args: list[str]) -> list[str]:
        """``args`` in which each ``--poll`` has a number."""
        alone = [arg == "--poll" and not after.isdecimal() for arg, after in pairwise([*args, ""])]
        return [
            f"--poll={DEFAULT_POLL_MS}" if default else arg for arg, default in zip(args, alone, strict=True)
        ]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Name in the usage line what may follow."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


class PortOption(click.Option):
    """The port; ``usual`` is the one without it."""

    def __init__(self, *args: Any, usual: int = 0, **given: Any) -> None:
        super().__init__(*args, **given)
        self.usual = usual


class UrlType(click.ParamType[str]):
    """A URL as people write it: without a scheme it is http, and a number is a port of this machine."""

    name = "url"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """``value`` with all that it leaves out."""
        if "://" in value:
            return value
        port = value.removeprefix(":")
        return f"http://localhost:{port}" if port.isdecimal() and port.isascii() else f"http://{value}"


_SERVER = (
    click.option("--host", default=LOOPBACK, show_default=True, metavar="HOST", help="Address to listen on."),
    click.option("--allow-host", multiple=True, metavar="HOST", help="Answer to this Host, too. Repeatable."),
    click.option("--https", is_flag=True, help="Speak TLS, with mkcert's certificate or one made for it."),
    click.option("--cert", metavar="FILE", help="Speak TLS with this certificate (PEM); needs --key."),
    click.option("--key", metavar="FILE", help="The key of --cert (PEM)."),
    click.option("--lan", is_flag=True, help="Serve phones and other devices of the local network, too."),
    click.option("--open", "opens", is_flag=True, help="Show it in the browser once it is there."),
    click.option("--qr", is_flag=True, help="Show the address for other devices as a QR code, too."),
    click.option("--json", "output", flag_value="json", help="One JSON object a line, for programs."),
    click.option("--quiet", "output", flag_value="quiet", help="Print troubles only."),
    click.option("--verbose", "output", flag_value="verbose", help="Print all there is to know."),
)

_COMMON = (
    click.option(
        "--ignore", multiple=True, metavar="GLOB", help="What not to watch, as in .gitignore. Repeatable."
    ),
    click.option("--no-gitignore", is_flag=True, help="Watch what .gitignore files leave out, too."),
    click.option(
        "--poll",
        cls=OptionalValue,
        usual=DEFAULT_POLL_MS,
        type=IntegerRange(min=10),
        metavar="[MS]",
        help=f"Look for changes every MS milliseconds ({DEFAULT_POLL_MS}), for mounts that send no events.",
    ),
    click.option("--exec", "build", metavar="CMD", help="A build step to run before the pages are told."),
    click.option(
        "--restart",
        multiple=True,
        metavar="GLOB",
        callback=lambda context, option, given: _patterns(context, option, given),
        help="Restart COMMAND when such a file changes. Repeatable.",
    ),
    click.option(
        "--keys",
        type=click.Choice(["on", "off"]),
        default="on",
        show_default=True,
        help="off gives the keyboard to COMMAND.",
    ),
    click.option(
        "--allow-origin",
        multiple=True,
        metavar="ORIGIN",
        help="Let pages of this origin connect. Repeatable.",
    ),
    click.option(
        "--livereload-port",
        type=IntegerRange(1, 65535),
        metavar="PORT",
        help="Listen there, too, for LiveReload's extensions and clients (35729).",
    ),
    click.option("--counter", is_flag=True, help="Count the visitors of each site, too (loc-dev count)."),
)


def common(command: _Function) -> _Function:
    """Give ``command`` the options that all have which watch."""
    return _with(command, *_SERVER, *_COMMON, *COUNTER)


def counting(command: _Function) -> _Function:
    """Give ``command`` the options of the visitor counter, and those that every command has."""
    return _with(command, *_SERVER, *COUNTER)


def _with(command: _Function, *options: Callable[[_Function], _Function]) -> _Function:
    for option in reversed(options):
        command = option(command)
    return command


def port(default: int, otherwise: str = "") -> Callable[[_Function], _Function]:
    """The port; ``otherwise`` says what happens when the default is taken."""
    text = f"Port to listen on; 0 takes any free one. Default: {default}{otherwise}."
    return click.option(
        "--port", cls=PortOption, usual=default, type=IntegerRange(0, 65535), metavar="PORT", help=text
    )


def code(command: _Function) -> _Function:
    """Give ``command`` the option that names what makes a backend restart."""
    text = f"Files that make the backend restart ({' '.join(CODE)}). Repeatable."
    return click.option("--code", multiple=True, metavar="GLOB", default=CODE, callback=_patterns, help=text)(
        command
    )


def _patterns(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    if not all(given):
        raise UsageError(f"{option.opts[0]} takes a pattern of files such as *.py.")
    return given
