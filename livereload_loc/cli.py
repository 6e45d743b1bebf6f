"""The command line: argv becomes settings, and errors become one or two lines and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypedDict, TypeVar, Unpack

import click

from . import __version__
from .errors import LocError, NoSuchPath, OutputLost, UsageError
from .guard import normal_origins, split_authority
from .settings import DEFAULT_PORT, DEFAULT_SITE_PORT, LOOPBACK, Output, Settings

DEFAULT_POLL_MS = 300

_Function = TypeVar("_Function", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loc-dev")
def cli() -> None:
    """Shows each save in every open browser at once, beside any dev server."""


class OptionalPoll(click.Command):
    """``--poll`` may stand alone, also right before a path, which is then no number of milliseconds."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a ``--poll`` without a number its default."""
        if "--" in args:
            raise UsageError("A command after -- is not run by this version; start it yourself.")
        alone = [arg == "--poll" and not after.isdecimal() for arg, after in pairwise([*args, ""])]
        return super().parse_args(
            ctx,
            [
                f"--poll={DEFAULT_POLL_MS}" if default else arg
                for arg, default in zip(args, alone, strict=True)
            ],
        )


_COMMON = (
    click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on."),
    click.option(
        "--ignore", multiple=True, metavar="GLOB", help="What not to watch, as in .gitignore. Repeatable."
    ),
    click.option("--no-gitignore", is_flag=True, help="Watch what .gitignore files leave out, too."),
    click.option(
        "--poll",
        type=click.IntRange(min=10),
        metavar="[MS]",
        help=f"Look for changes every MS milliseconds ({DEFAULT_POLL_MS}), for mounts that send no events.",
    ),
    click.option("--allow-host", multiple=True, metavar="HOST", help="Answer to this Host, too. Repeatable."),
    click.option(
        "--allow-origin",
        multiple=True,
        metavar="ORIGIN",
        help="Let pages of this origin connect. Repeatable.",
    ),
    click.option("--json", "output", flag_value="json", help="One JSON object a line, for programs."),
    click.option("--quiet", "output", flag_value="quiet", help="Print troubles only."),
    click.option("--verbose", "output", flag_value="verbose", help="Print each page and ignored file, too."),
)


def _port(default: int, otherwise: str) -> Callable[[_Function], _Function]:
    text = f"Port to listen on; 0 takes any free one. Default: {default}{otherwise}."
    return click.option("--port", type=click.IntRange(0, 65535), help=text)


def _common(command: _Function) -> _Function:
    for option in reversed(_COMMON):
        command = option(command)
    return command


@cli.command(cls=OptionalPoll)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_port(DEFAULT_PORT, "")
@_common
def watch(paths: tuple[str, ...], port: int | None, **common: Unpack[_Common]) -> None:
    """Watch files and tell the pages that carry the script tag, beside any server."""
    for path in paths:
        if not os.path.lexists(path):
            raise NoSuchPath(path)
    _start(replace(_settings(paths, common), port=DEFAULT_PORT if port is None else port))


@cli.command(cls=OptionalPoll)
@click.argument("directory", default=".", metavar="[DIR]")
@_port(DEFAULT_SITE_PORT, ", or the next free one")
@click.option("--spa", is_flag=True, help="Answer unknown addresses with the index page.")
@_common
def serve(directory: str, port: int | None, spa: bool, **common: Unpack[_Common]) -> None:
    """Serve a folder of files whose pages reload by themselves."""
    if not os.path.isdir(directory):
        raise UsageError(f"There is no folder {directory!r} to serve.")
    asked, port = port is not None, DEFAULT_SITE_PORT if port is None else port
    settings = _settings((directory,), common)
    _start(replace(settings, port=port, port_asked=asked, site=directory, spa=spa))


class _Common(TypedDict):
    host: str
    ignore: tuple[str, ...]
    no_gitignore: bool
    poll: int | None
    allow_host: tuple[str, ...]
    allow_origin: tuple[str, ...]
    output: Output | None


def _settings(paths: tuple[str, ...], common: _Common) -> Settings:
    return Settings(
        paths=paths,
        host=common["host"].lower(),
        ignore=common["ignore"],
        gitignore=not common["no_gitignore"],
        poll_ms=common["poll"],
        allow_hosts=_hosts(common["allow_host"]),
        allow_origins=_origins(common["allow_origin"]),
        output=common["output"] or "normal",
    )


def _start(settings: Settings) -> None:
    from .console import reporter
    from .server import serve

    serve(settings, reporter(settings.output))


def run() -> int:
    """Carry out the command line; the exit code. Whatever a user can meet is said in a line or two."""
    try:
        code = cli.main(prog_name="loc-dev", standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "loc-dev"
        click.echo(f"loc-dev: {error.format_message()}\nSee {where} --help.", err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 0
    except (OutputLost, BrokenPipeError) as error:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        click.echo(f"loc-dev: {error}", err=True)
        return 1
    except LocError as error:
        click.echo(f"loc-dev: {error}", err=True)
        return error.exit_code
    return code if isinstance(code, int) else 0


def _hosts(names: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        parsed = split_authority(name)
        if parsed is None or parsed[1] is not None:
            raise UsageError(f"--allow-host takes a host name without a port, not {name!r}.")
        found.add(parsed[0])
    return frozenset(found)


def _origins(origins: tuple[str, ...]) -> frozenset[str]:
    try:
        return normal_origins(origins)
    except ValueError as error:
        raise UsageError(
            f"--allow-origin takes an origin such as https://shop.example:3000, not {str(error)!r}."
        ) from None
