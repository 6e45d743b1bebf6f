"""The command line: argv becomes settings, and errors become one or two lines and an exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import Unpack

import click

from . import __version__, options
from .errors import LocError, NoSuchPath, OutputLost, UsageError
from .settings import DEFAULT_PORT, DEFAULT_SITE_PORT, Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loc-dev")
def cli() -> None:
    """Shows each save in every open browser at once, beside any dev server."""


@cli.command(cls=options.WithCommand)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.port(DEFAULT_PORT)
@options.code
@click.option("--wait-for", metavar="URL", help="The backend to wait for when such a file changes.")
@options.common
def watch(
    paths: tuple[str, ...],
    port: int | None,
    code: tuple[str, ...],
    wait_for: str | None,
    **common: Unpack[options.Common],
) -> None:
    """Watch files and tell the pages that carry the script tag, beside any server."""
    settings = options.settings(_existing(paths), common)
    if settings.restart and not wait_for:
        raise UsageError("--restart needs --wait-for URL here, so that no page asks COMMAND too early.")
    _start(
        replace(settings, port=DEFAULT_PORT if port is None else port, code=code, wait_for=wait_for),
    )


@cli.command(cls=options.WithCommand)
@click.argument("directory", default=".", metavar="[DIR]")
@options.port(DEFAULT_SITE_PORT, ", or the next free one")
@click.option("--spa", is_flag=True, help="Answer unknown addresses with the index page.")
@options.common
def serve(directory: str, port: int | None, spa: bool, **common: Unpack[options.Common]) -> None:
    """Serve a folder of files whose pages reload by themselves."""
    if not os.path.isdir(directory):
        raise UsageError(f"There is no folder {directory!r} to serve.")
    settings = replace(options.settings((directory,), common), site=directory, spa=spa)
    _start(_near(settings, port, DEFAULT_SITE_PORT))


@cli.command(cls=options.WithCommand)
@click.argument("url", metavar="URL")
@click.option(
    "--watch",
    "paths",
    multiple=True,
    default=(".",),
    metavar="PATH",
    help="What to watch; the working folder. Repeatable.",
)
@options.port(DEFAULT_PORT, ", or the next free one")
@options.code
@click.option("--change-origin", is_flag=True, help="Send the upstream its own Host, not the browser's.")
@click.option("--insecure", is_flag=True, help="Believe the upstream's certificate unseen.")
@options.common
def proxy(
    url: str,
    paths: tuple[str, ...],
    port: int | None,
    code: tuple[str, ...],
    change_origin: bool,
    insecure: bool,
    **common: Unpack[options.Common],
) -> None:
    """Stand in front of any dev server, whose pages reload by themselves."""
    settings = options.settings(_existing(paths), common)
    settings = replace(settings, upstream=url, code=code, change_origin=change_origin, insecure=insecure)
    _start(_near(settings, port, DEFAULT_PORT))


@cli.command()
@options.port(DEFAULT_PORT)
@options.counting
def count(port: int | None, **values: Unpack[options.Server]) -> None:
    """Count the visitors of each site that are there right now, alone and for production."""
    _start(options.count_settings(DEFAULT_PORT if port is None else port, values))


def _existing(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if not os.path.lexists(path):
            raise NoSuchPath(path)
    return paths


def _near(settings: Settings, port: int | None, default: int) -> Settings:
    """With the port that was asked for, or with ``default`` or one near it."""
    return replace(settings, port=default if port is None else port, port_asked=port is not None)


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
