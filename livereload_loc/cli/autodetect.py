"""``loc-dev`` without a command: looks at the working folder, says what it will run, and runs it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from livereload_loc.cli import config_file as config
from livereload_loc.cli.options import DevServerCommand
from livereload_loc.cli.param_types import IntegerRange
from livereload_loc.errors import LocError, NoSuchCommand, UsageError
from livereload_loc.terminal.text import printable

if TYPE_CHECKING:
    from types import FrameType

    from livereload_loc.detect.model import Suggestion

_FURTHER = "livereload_loc.cli.autodetect"
"""Where a context keeps the options that were given without a command."""

PATIENCE_SECONDS = 2.0
"""How long a first build that is asked to end may take before it is killed."""

_PORT = re.compile(r"(?:^|[:=\s])(\d{2,5})\b")


class FirstBuildFailed(LocError):
    """The site that is to be served could not be built."""

    def __init__(self, line: str, code: int) -> None:
        self.line, self.code = line, code
        super().__init__(f"{line} ended with exit code {code}, so there is nothing to serve. Mend it first.")


class AutodetectGroup(click.Group):
    """The commands, and options without one, which are for what the folder calls for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options aside that stand without a command."""
        own = {name for param in self.get_params(ctx) for name in param.opts}
        ours = args[: args.index("--")] if "--" in args else args
        asks = next((arg for arg in ours if arg in own), "")
        if not ctx.resilient_parsing and not asks and args and args[0].startswith("-"):
            ctx.meta[_FURTHER] = tuple(args)
            args = []
        return super().parse_args(ctx, [asks] if asks and args[0].startswith("-") else args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which command is for a folder or an address that stands in the place of one."""
        first = args[0]
        if first not in self.commands:
            if os.path.isdir(first):
                raise UsageError(f"To show the pages of a folder: loc-dev serve {shlex.quote(first)}")
            if first.startswith(("http://", "https://")):
                raise UsageError(f"To stand in front of a server: loc-dev proxy {shlex.quote(first)}")
        return super().resolve_command(ctx, args)


def run(context: click.Context) -> object:
    """Run what the working folder calls for, with the options that were given.

    Raises:
        UsageError: nothing is found there, or more than one thing while nobody can be asked.
        LocError: what was found cannot be run.
    """
    assert isinstance(context.command, AutodetectGroup)
    further: tuple[str, ...] = context.meta.get(_FURTHER, ())
    _check(context, further)
    chosen = _chosen([_as_asked(context, found) for found in _found(context, further)], further)
    click.echo(f"loc-dev: {printable(chosen.why)}, so this runs: {_line(chosen, further)}", err=True)
    if chosen.first:
        _build(chosen.first)
    name, *arguments = chosen.argv(further)
    command = context.command.commands[name]
    with command.make_context(name, arguments, parent=context) as own:
        return command.invoke(own)


def _check(context: click.Context, further: tuple[str, ...]) -> None:
    """Nothing but options may stand there.

    Raises:
        UsageError: a command stands after its options, or what to run after no command.
    """
    assert isinstance(context.command, AutodetectGroup)
    if "--" in further:
        raise UsageError("What stands before -- has to name what to do: loc-dev proxy URL -- COMMAND, say.")
    options = config.named(context.command.commands.values()).values()
    known = DevServerCommand("loc-dev", params=list(options), add_help_option=False)
    parser = known.make_parser(context)
    _, left, _ = parser.parse_args(DevServerCommand.with_poll(list(further)))
    if left and left[0] in context.command.commands:
        raise UsageError(f"Options stand after the command: loc-dev {left[0]} ...")
    if left:
        raise UsageError(f"There is no command {printable(left[0])!r}. See loc-dev --help.")


def _found(context: click.Context, further: tuple[str, ...]) -> list[Suggestion]:
    from livereload_loc.detect.model import DetectionContext
    from livereload_loc.detect.recipes import advice, suggestions
    from livereload_loc.detect.scan import free_port, interpreter, look

    taken = {int(word) for word in " ".join(further).replace("=", " ").split() if word.isdecimal()}
    asked = os.environ.get("LOC_DEV_PORT", ""), context.obj.get("port", config.FileValue("", "")).value
    taken |= {int(port) for port in asked if str(port).isdecimal()}
    here = DetectionContext(
        lambda package: interpreter(".", package), lambda start: free_port(start, frozenset(taken))
    )
    view = look(".")
    found = suggestions(view, here)
    if not found:
        raise UsageError(advice(view))
    return found


def _as_asked(context: click.Context, found: Suggestion) -> Suggestion:
    """``found`` without what files and environment have other words for."""
    given: dict[str, config.FileValue] = context.obj
    kept = tuple(
        (name, value)
        for name, value in found.options
        if name not in given and not os.environ.get(f"LOC_DEV_{name.upper()}")
    )
    found = replace(found, options=kept)
    if config.COMMAND not in given:
        return found
    words, command = found.words, given[config.COMMAND].value
    if words[0] == "proxy" and (port := _PORT.search(" ".join(command))):
        words = ("proxy", f"http://localhost:{port[1]}")
    return replace(found, words=words, command=())


def _chosen(found: list[Suggestion], further: tuple[str, ...]) -> Suggestion:
    """The one of ``found`` that is meant; the user is asked where there are several."""
    if len(found) == 1:
        return found[0]
    lines = [f"{printable(each.why)}: {_line(each, further)}" for each in found]
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        several = "\n".join(f"  {_line(each, further)}" for each in found)
        raise UsageError(f"There is more than one thing to run here. Say which:\n{several}")
    click.echo("loc-dev: there is more than one thing to run here:", err=True)
    for number, line in enumerate(lines, 1):
        click.echo(f"  {number}  {line}", err=True)
    number = click.prompt("Which", type=IntegerRange(1, len(found)), default=1, err=True)
    return found[int(number) - 1]


def _line(found: Suggestion, further: tuple[str, ...]) -> str:
    """What to type for it."""
    line = shlex.join(("loc-dev", *found.argv(further)))
    return printable(f"{shlex.join(found.first)} && {line}" if found.first else line)


def _build(command: tuple[str, ...]) -> None:
    """Make the site for the first time; what it says goes to stderr, and it ends with us.

    Raises:
        NoSuchCommand: it is not there.
        FirstBuildFailed: it says so.
    """
    import subprocess

    try:
        # In a session of its own, so that it can be ended with all that it starts.
        process = subprocess.Popen(  # noqa: S603 - it was shown just now
            command, stdout=sys.stderr.fileno(), start_new_session=True
        )
    except OSError:
        raise NoSuchCommand(command[0]) from None

    def end(_number: int, _frame: FrameType | None) -> None:
        _end(process.pid)
        os._exit(0)

    before = {number: signal.signal(number, end) for number in _asking()}
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if code:
        raise FirstBuildFailed(printable(shlex.join(command)), code)


def _asking() -> Iterator[int]:
    """The signals that ask us to end. SIGHUP is none under nohup, whose user wants us to stay."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            yield number


def _end(leader: int) -> None:
    """End a build and all that it started: SIGTERM, and SIGKILL for what is left after our patience."""
    if sys.platform == "win32":
        os.kill(leader, signal.SIGTERM)
        return
    with suppress(OSError):
        os.killpg(leader, signal.SIGTERM)
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with suppress(ChildProcessError):
                os.waitpid(leader, os.WNOHANG)  # the dead stay in their group until they are buried
            os.killpg(leader, 0)  # an error once nobody is left
            time.sleep(0.02)
        os.killpg(leader, signal.SIGKILL)
