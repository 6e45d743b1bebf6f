"""The command line: argv becomes settings, and errors become one or two lines and an exit code."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from typing import Unpack

import click
from click.core import ParameterSource

from livereload_loc import __version__
from livereload_loc.cli import autodetect as bare
from livereload_loc.cli import build_settings as option_values
from livereload_loc.cli import config_file as config
from livereload_loc.cli import options
from livereload_loc.cli import show_config as showing
from livereload_loc.errors import LocError, NoSuchPath, OutputLost, UsageError
from livereload_loc.settings import DEFAULT_PORT, DEFAULT_SITE_PORT, Settings
from livereload_loc.terminal.text import printable


@click.group(
    cls=bare.AutodetectGroup,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND [ARGS]...]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="loc-dev")
@click.pass_context
def cli(context: click.Context) -> object:
    """Shows each save in every open browser at once, beside any dev server.

    Without a command it looks at the folder, says what it will run there, and runs it: an app of Django,
    Flask or FastAPI, PHP, a site of Hugo, MkDocs or Eleventy, or plain pages. Options are passed on.

    Each option of the commands may stand in loc-dev.toml, in [tool.loc-dev] of pyproject.toml, or in the
    environment as LOC_DEV_PORT, say. The command line wins, then the environment, then loc-dev.toml.
    """
    commands = {command.name: command for command in (watch, serve, proxy, count)}
    context.obj = config.read(".", config.named(commands.values()))
    context.default_map = {
        str(name): config.defaults(command, context.obj) for name, command in commands.items()
    }
    return bare.run(context) if context.invoked_subcommand is None else None


@cli.command(cls=options.DevServerCommand, short_help="Watch files beside any server.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@options.port(DEFAULT_PORT)
@options.code
@click.option(
    "--wait-for",
    type=options.UrlType(),
    metavar="URL",
    help="The backend to wait for when such a file changes.",
)
@options.common
def watch(
    paths: tuple[str, ...],
    port: int | None,
    code: tuple[str, ...],
    wait_for: str | None,
    **common: Unpack[option_values.WatchValues],
) -> None:
    """Watch files and tell the pages that carry the script tag, beside any server.

    Each page takes new style sheets and images as it stands, and reloads for all else that it uses. What
    stands after -- is started, shown and stopped with the tool.
    """
    settings = option_values.settings(_existing(paths), common)
    if settings.restart and not wait_for:
        raise UsageError("--restart needs --wait-for URL here, so that no page asks COMMAND too early.")
    _start(
        replace(settings, port=DEFAULT_PORT if port is None else port, code=code, wait_for=wait_for),
    )


@cli.command(cls=options.DevServerCommand, short_help="Serve a folder whose pages reload.")
@click.argument("directory", default=".", metavar="[DIR]")
@click.option("--watch", "sources", multiple=True, metavar="PATH", help="Watch this, too. Repeatable.")
@options.port(DEFAULT_SITE_PORT, ", or the next free one")
@click.option("--spa", is_flag=True, help="Answer unknown addresses with the index page.")
@options.common
def serve(
    directory: str,
    sources: tuple[str, ...],
    port: int | None,
    spa: bool,
    **common: Unpack[option_values.WatchValues],
) -> None:
    """Serve a folder of files whose pages reload by themselves.

    The pages get the script tag on the way; the files stay as they are. Dotfiles and private keys are never
    served.
    """
    if os.path.isfile(directory):
        folder = shlex.quote(os.path.dirname(directory) or ".")
        raise UsageError(f"{directory!r} is a file, and a folder is served: loc-dev serve {folder}")
    if not os.path.isdir(directory):
        raise UsageError(f"There is no folder {directory!r} to serve.")
    paths = (directory, *_existing(sources))
    settings = replace(option_values.settings(paths, common), site=directory, spa=spa)
    _start(_near(settings, port, DEFAULT_SITE_PORT))


@cli.command(cls=options.DevServerCommand, short_help="Stand in front of any dev server.")
@click.argument("url", type=options.UrlType(), metavar="URL")
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
    **common: Unpack[option_values.WatchValues],
) -> None:
    """Stand in front of any dev server, whose pages reload by themselves.

    Pages get the script tag on the way, all else passes as it is. While the server restarts, requests wait
    for it; after a change of code pages are told once the new code answers.
    """
    settings = option_values.settings(_existing(paths), common)
    settings = replace(settings, upstream=url, code=code, change_origin=change_origin, insecure=insecure)
    _start(_near(settings, port, DEFAULT_PORT))


@cli.command(cls=options.EnvironmentCommand, short_help="Count who is online, for production.")
@options.port(DEFAULT_PORT)
@options.counting
def count(port: int | None, **values: Unpack[option_values.ServerValues]) -> None:
    """Count the visitors of each site that are there right now, alone and for production.

    Pages show the figure by <script src="http://localhost:8081/_loc/widget.js" data-auto async></script>.
    """
    _start(option_values.count_settings(DEFAULT_PORT if port is None else port, values))


@cli.command("config", short_help="Print what is in force, and where it comes from.")
@click.argument("name", default="watch", type=click.Choice(["watch", "serve", "proxy", "count"]))
@click.pass_context
def show_config(context: click.Context, name: str) -> None:
    """Print what is in force for a command, and where each value comes from."""
    assert context.parent
    showing.show(context.parent, cli.commands[name], context.obj)


@cli.command(short_help="Say why a page reloads, or does not.")
@click.argument("url", type=options.UrlType(), metavar="URL")
def doctor(url: str) -> int:
    """Fetch a page as a browser would, and say why it reloads or does not."""
    from livereload_loc.doctor.checks import examine

    wrong = 0
    for finding in examine(url):
        mark = click.style("ok", fg="green") if finding.well else click.style("no", fg="red", bold=True)
        click.echo(f"{mark}  {printable(finding.what)}")
        if not finding.well:
            wrong += 1
            click.echo(f"    {printable(finding.cure)}")
    if wrong:
        click.echo(f"\n{wrong} thing{'s' if wrong > 1 else ''} to mend: see the lines that begin with no.")
    else:
        click.echo("\nAll is well: a save shows in this page at once.")
    return min(wrong, 1)


def _existing(paths: tuple[str, ...]) -> tuple[str, ...]:
    for path in paths:
        if not os.path.lexists(path):
            raise NoSuchPath(path)
    return paths


def _near(settings: Settings, port: int | None, default: int) -> Settings:
    """With the port that was asked for, or with ``default`` or one near it."""
    return replace(settings, port=default if port is None else port, port_asked=port is not None)


def _start(settings: Settings) -> None:
    from livereload_loc.server.run import serve
    from livereload_loc.terminal.reporter import reporter

    _show_commands(settings)
    with reporter(settings.output) as report:
        serve(settings, report)


def _show_commands(settings: Settings) -> None:
    """Show what a file has us run, before it runs: the folder may be somebody else's."""
    context = click.get_current_context()
    given: dict[str, config.FileValue] = context.obj or {}
    if settings.build and context.get_parameter_source("build") is ParameterSource.DEFAULT_MAP:
        click.echo(
            f"loc-dev: {given['exec'].file} runs at each change: {printable(settings.build)}", err=True
        )
    file = context.meta.get("command file")
    if file:
        click.echo(f"loc-dev: {file} starts: {printable(shlex.join(settings.command))}", err=True)


def _origin(error: click.UsageError) -> str:
    """Where a wrong value comes from, if it does not stand on the command line."""
    param = getattr(error, "param", None)
    if not isinstance(param, click.Option) or error.ctx is None or param.name is None:
        return ""
    if error.ctx.get_parameter_source(param.name) is not ParameterSource.ENVIRONMENT:
        return ""
    return f" It comes from {param.envvar} in the environment."


def run() -> int:
    """Carry out the command line; the exit code. Whatever a user can meet is said in a line or two."""
    try:
        code = cli.main(prog_name="loc-dev", standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "loc-dev"
        click.echo(f"loc-dev: {error.format_message()}{_origin(error)}\nSee {where} --help.", err=True)
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
