"""``loc-dev`` without a command: looks at the working folder, says what it runs there, and runs it."""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from livereload_loc.cli.commands import with_values
from livereload_loc.cli.config_file import COMMAND, FileValue
from livereload_loc.cli.options import options_of
from livereload_loc.cli.param_types import IntegerRange
from livereload_loc.errors import UsageError
from livereload_loc.terminal.text import printable

if TYPE_CHECKING:
    from livereload_loc.detect.model import Suggestion

# Where a context keeps the options that were given without a command.
_OPTIONS = "livereload_loc.cli.autodetect"

_PORT = re.compile(r"(?:^|[:=\s])(\d{2,5})\b")


class AutodetectGroup(click.Group):
    """The commands, and options without one, which are for what the folder calls for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options aside that have no command."""
        own = {name for param in self.get_params(ctx) for name in param.opts}
        ours = args[: args.index("--")] if "--" in args else args
        asks = next((arg for arg in ours if arg in own), "")
        if not ctx.resilient_parsing and not asks and args and args[0].startswith("-"):
            ctx.meta[_OPTIONS] = tuple(args)
            args = []
        return super().parse_args(ctx, [asks] if asks and args[0].startswith("-") else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which command takes a folder or a URL that stands in the place of one."""
        first = args[0]
        if first not in self.commands:
            if os.path.isdir(first):
                raise UsageError(f"To serve a folder: loc-dev serve {shlex.quote(first)}")
            if first.startswith(("http://", "https://")):
                raise UsageError(f"To proxy a server: loc-dev proxy {shlex.quote(first)}")
        return super().resolve_command(ctx, args)


def run(context: click.Context) -> object:
    """Run what the working folder calls for, with the options that were given.

    Raises:
        UsageError: nothing is found, or more than one thing and nobody can be asked.
        LocError: what was found cannot be run.
    """
    assert isinstance(context.command, AutodetectGroup)
    options: tuple[str, ...] = context.meta.get(_OPTIONS, ())
    _check(context, options)
    chosen = _choose([_without_set(context, found) for found in _suggestions(context, options)], options)
    click.echo(f"loc-dev: {printable(chosen.why)}, running: {_line(chosen, options)}", err=True)
    if chosen.first:
        from livereload_loc.cli.first_build import build  # with asyncio, which takes long

        build(chosen.first)
    name, *arguments = chosen.argv(options)
    command = context.command.commands[name]
    with command.make_context(name, arguments, parent=context) as own:
        return command.invoke(own)


def _check(context: click.Context, args: tuple[str, ...]) -> None:
    """Raise UsageError unless ``args`` are options alone: a command goes before them."""
    assert isinstance(context.command, AutodetectGroup)
    if "--" in args:
        raise UsageError("Name what to do before --, as in loc-dev proxy URL -- COMMAND.")
    commands = context.command.commands
    options = {option.key: option for each in commands.values() for option in options_of(each)}.values()
    parser = click.Command("loc-dev", params=list(options), add_help_option=False).make_parser(context)
    _, rest, _ = parser.parse_args(with_values(list(args), options))
    if rest and rest[0] in commands:
        raise UsageError(f"Options go after the command: loc-dev {rest[0]} ...")
    if rest:
        raise UsageError(f"There is no command {printable(rest[0])!r}. See loc-dev --help.")


def _suggestions(context: click.Context, options: tuple[str, ...]) -> list[Suggestion]:
    from livereload_loc.detect.machine import Machine
    from livereload_loc.detect.recipes import advice, suggestions
    from livereload_loc.detect.scan import look

    taken = {int(word) for word in " ".join(options).replace("=", " ").split() if word.isdecimal()}
    asked = os.environ.get("LOC_DEV_PORT", ""), context.obj.get("port", FileValue("", "")).value
    taken |= {int(port) for port in asked if str(port).isdecimal()}
    view = look(".")
    found = suggestions(view, Machine(".", taken))
    if not found:
        raise UsageError(advice(view))
    return found


def _without_set(context: click.Context, found: Suggestion) -> Suggestion:
    """Return ``found`` without the options and the command that files and environment set themselves."""
    from_files: dict[str, FileValue] = context.obj
    options = tuple(
        (name, value)
        for name, value in found.options
        if name not in from_files and not os.environ.get(f"LOC_DEV_{name.upper()}")
    )
    found = replace(found, options=options)
    if COMMAND not in from_files:
        return found
    words = found.words
    if words[0] == "proxy" and (port := _PORT.search(" ".join(from_files[COMMAND].value))):
        words = ("proxy", f"http://localhost:{port[1]}")
    return replace(found, words=words, command=())


def _choose(found: list[Suggestion], options: tuple[str, ...]) -> Suggestion:
    """Return the only one of ``found``, or the one that the user picks."""
    if len(found) == 1:
        return found[0]
    lines = [_line(each, options) for each in found]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("\n  ".join(["There is more than one thing to run here. Choose one:", *lines]))
    click.echo("loc-dev: there is more than one thing to run here:", err=True)
    for number, (each, line) in enumerate(zip(found, lines, strict=True), 1):
        click.echo(f"  {number}  {printable(each.why)}: {line}", err=True)
    number = click.prompt("Which", type=IntegerRange(1, len(found)), default=1, err=True)
    return found[int(number) - 1]


def _line(found: Suggestion, options: tuple[str, ...]) -> str:
    """Return the command line for ``found``, as the user could type it."""
    line = shlex.join(("loc-dev", *found.argv(options)))
    return printable(f"{shlex.join(found.first)} && {line}" if found.first else line)
