"""The command line: it becomes settings, and errors become one or two lines and an exit code."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

import click
from click.core import ParameterSource

from livereload_loc import __version__
from livereload_loc.cli import autodetect, config_file
from livereload_loc.cli.build_settings import build_settings
from livereload_loc.cli.commands import DevServerCommand, SettingsCommand
from livereload_loc.cli.param_types import TYPES
from livereload_loc.cli.show_config import show
from livereload_loc.errors import LocError, OutputLost, UsageError
from livereload_loc.settings import ALL
from livereload_loc.terminal.text import counted, printable


@click.group(
    cls=autodetect.AutodetectGroup,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND [ARGS]...]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="loc-dev")
@click.pass_context
def cli(context: click.Context) -> object:
    """Show each save in every open browser at once, beside any dev server.

    Without a command, loc-dev looks at the folder, says what it runs there, and runs it: a Django, Flask or
    FastAPI app, PHP, a Hugo, MkDocs or Eleventy site, or plain pages. Options are passed on.

    Each option of a command can also be set in loc-dev.toml, in [tool.loc-dev] of pyproject.toml, or in the
    environment, where --port is LOC_DEV_PORT. The command line wins over the environment, the environment
    over loc-dev.toml, and that over pyproject.toml.
    """
    commands = {name: cli.commands[name] for name in ALL}
    context.obj = config_file.read(".", commands.values())
    context.default_map = {
        name: config_file.defaults(command, context.obj) for name, command in commands.items()
    }
    return autodetect.run(context) if context.invoked_subcommand is None else None


@cli.command(cls=DevServerCommand, short_help="Watch files, beside any server.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.pass_context
def watch(context: click.Context, /, **values: Any) -> None:
    """Watch files and update the pages that carry the script tag, beside any server.

    Style sheets, images and pages without scripts change in place; for anything else that a page uses, it
    reloads. The command after -- starts and stops with loc-dev, and its output is shown.
    """
    _start(context, values, strict_port=True)


@cli.command(cls=DevServerCommand, short_help="Serve a folder with live reload.")
@click.argument("site", default=".", metavar="[DIR]")
@click.pass_context
def serve(context: click.Context, /, site: str, paths: tuple[str, ...], **values: Any) -> None:
    """Serve a folder of files with live reload.

    Pages get the script tag on their way to the browser; the files stay unchanged. Dotfiles and private keys
    are never served.
    """
    if os.path.isfile(site):
        folder = shlex.quote(os.path.dirname(site) or ".")
        raise UsageError(f"{site!r} is a file. Serve its folder: loc-dev serve {folder}")
    if not os.path.isdir(site):
        raise UsageError(f"There is no folder {site!r} to serve.")
    _start(context, values | {"site": site, "paths": (site, *paths)}, strict_port=False)


@cli.command(cls=DevServerCommand, short_help="Add live reload to any dev server.")
@click.argument("upstream", type=TYPES["url"], metavar="URL")
@click.pass_context
def proxy(context: click.Context, /, **values: Any) -> None:
    """Add live reload to any dev server, as a proxy in front of it.

    Pages get the script tag on their way to the browser; everything else passes through unchanged. While the
    server restarts, requests wait for it, and after a change of its code, pages update once the new code
    answers.
    """
    _start(context, values, strict_port=False)


@cli.command(cls=SettingsCommand, short_help="Count who is online, for production.")
@click.pass_context
def count(context: click.Context, /, **values: Any) -> None:
    """Count who is online on each site, for production.

    Pages show the count with <script src="http://localhost:8081/_loc/widget.js" data-auto async></script>.
    """
    _start(context, values, strict_port=True)


@cli.command("config", short_help="Print each option's value and its source.")
@click.argument("name", default="watch", type=click.Choice(ALL))
@click.pass_context
def show_config(context: click.Context, name: str) -> None:
    """Print the value of each option of a command, and where it comes from."""
    assert context.parent
    show(context.parent, cli.commands[name], context.obj)


@cli.command(short_help="Say why a page does or does not reload.")
@click.argument("url", type=TYPES["url"], metavar="URL")
def doctor(url: str) -> int:
    """Fetch a page as a browser would, and say why it does or does not reload."""
    from livereload_loc.doctor.checks import examine

    wrong = 0
    for result in examine(url):
        mark = click.style("ok", fg="green") if result.ok else click.style("no", fg="red", bold=True)
        click.echo(f"{mark}  {printable(result.text)}")
        if not result.ok:
            wrong += 1
            click.echo(f"    {printable(result.fix)}")
    if wrong:
        click.echo(f"\n{counted(wrong, 'problem')}: see the lines that begin with no.")
    else:
        click.echo("\nAll is well: this page shows each save at once.")
    return min(wrong, 1)


def _start(context: click.Context, values: dict[str, Any], *, strict_port: bool) -> None:
    from livereload_loc.server.run import serve
    from livereload_loc.terminal.reporter import reporter

    settings = build_settings(context, values, strict_port=strict_port)
    _show_commands(context, values)
    with reporter(settings.output) as (report, terminal):
        serve(settings, report, terminal)


def _show_commands(context: click.Context, values: dict[str, Any]) -> None:
    """Show what a file makes us run before it runs: the folder may be somebody else's."""
    for name, key, happens in (("build", "exec", "runs on each change"), ("command", "command", "starts")):
        if values.get(name) and context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP:
            line = values[name] if isinstance(values[name], str) else shlex.join(values[name])
            click.echo(f"loc-dev: {context.obj[key].file} {happens}: {printable(line)}", err=True)


def _environment(error: click.UsageError) -> str:
    """Name the environment variable that a wrong value comes from, if it does."""
    param = getattr(error, "param", None)
    if not isinstance(param, click.Option) or error.ctx is None or param.name is None:
        return ""
    if error.ctx.get_parameter_source(param.name) is not ParameterSource.ENVIRONMENT:
        return ""
    return f" It comes from {param.envvar} in the environment."


def run() -> int:
    """Carry out the command line; return the exit code. All that a user can meet is said in a line or two."""
    try:
        code = cli.main(prog_name="loc-dev", standalone_mode=False)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "loc-dev"
        click.echo(f"loc-dev: {error.format_message()}{_environment(error)}\nSee {where} --help.", err=True)
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
