"""The command line: argv becomes settings, and errors become one or two lines and an exit code."""

from __future__ import annotations

import os
import sys
from itertools import pairwise

import click

from . import __version__
from .errors import LocError, UsageError
from .guard import normal_origins, split_authority
from .settings import DEFAULT_PORT, LOOPBACK, Output, Settings

DEFAULT_POLL_MS = 300


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="loc-dev")
def cli() -> None:
    """Shows each save in every open browser at once, beside any dev server."""


class OptionalPoll(click.Command):
    """``--poll`` may stand alone, also right before a path, which is then no number of milliseconds."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give a ``--poll`` without a number its default."""
        alone = [arg == "--poll" and not after.isdecimal() for arg, after in pairwise([*args, ""])]
        return super().parse_args(
            ctx,
            [
                f"--poll={DEFAULT_POLL_MS}" if default else arg
                for arg, default in zip(args, alone, strict=True)
            ],
        )


@cli.command(cls=OptionalPoll)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "--ignore", multiple=True, metavar="GLOB", help="What not to watch, as in .gitignore. Repeatable."
)
@click.option("--no-gitignore", is_flag=True, help="Watch what .gitignore files leave out, too.")
@click.option(
    "--poll",
    type=click.IntRange(min=10),
    metavar="[MS]",
    help=f"Look for changes every MS milliseconds ({DEFAULT_POLL_MS}), for mounts that send no events.",
)
@click.option(
    "--allow-host", multiple=True, metavar="HOST", help="Answer to this Host name, too. Repeatable."
)
@click.option(
    "--allow-origin", multiple=True, metavar="ORIGIN", help="Let pages of this origin connect. Repeatable."
)
@click.option("--json", "output", flag_value="json", help="One JSON object a line on stdout, for programs.")
@click.option("--quiet", "output", flag_value="quiet", help="Print troubles only.")
@click.option("--verbose", "output", flag_value="verbose", help="Print each page and each ignored file, too.")
def watch(
    paths: tuple[str, ...],
    host: str,
    port: int,
    ignore: tuple[str, ...],
    no_gitignore: bool,
    poll: int | None,
    allow_host: tuple[str, ...],
    allow_origin: tuple[str, ...],
    output: Output | None,
) -> None:
    """Watch files and tell the pages that carry the script tag, beside any server."""
    settings = Settings(
        paths=paths,
        host=host.lower(),
        port=port,
        ignore=ignore,
        gitignore=not no_gitignore,
        poll_ms=poll,
        allow_hosts=_hosts(allow_host),
        allow_origins=_origins(allow_origin),
        output=output or "normal",
    )
    from .console import reporter
    from .server import serve_watch

    serve_watch(settings, reporter(settings.output))


def run() -> int:
    """Carry out the command line; the exit code. Whatever a user can meet is said in a line or two."""
    try:
        code = cli.main(prog_name="loc-dev", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 0
    except LocError as error:
        click.echo(f"loc-dev: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has gone; Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
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
