"""The commands that start a server: how they read their arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import click
from click.core import ParameterSource

from livereload_loc.cli.help import SectionedHelpCommand
from livereload_loc.cli.options import SettingOption, options, options_of
from livereload_loc.errors import UsageError


class SettingsCommand(SectionedHelpCommand):
    """A command that has the options of its name."""

    def __init__(self, name: str, *args: Any, **given: Any) -> None:
        super().__init__(name, *args, **given)
        self.params += options(name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell each error whose help says more, which click leaves out where a value is missing."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise


class DevServerCommand(SettingsCommand):
    """A command with the value ``command``: the command line of a dev server, after ``--`` or in a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what follows ``--`` aside; without it, take the command of a configuration file."""
        args, source = list(args), ParameterSource.DEFAULT_MAP
        command = (ctx.default_map or {}).get("command", ())
        if "--" in args:
            at = args.index("--")
            args, command, source = args[:at], tuple(args[at + 1 :]), ParameterSource.COMMANDLINE
            if not command:
                raise UsageError("Name the command to start after --, such as php -S localhost:8000.")
        is_path = os.path.lexists if self.name != "proxy" else bool
        rest = super().parse_args(ctx, with_values(args, options_of(self), is_path))
        ctx.params["command"] = command
        ctx.set_parameter_source("command", source)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Name in the usage line what may follow."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


def with_values(
    args: list[str], known: Iterable[SettingOption], is_argument: Callable[[str], bool] = bool
) -> list[str]:
    """Complete each of ``known`` in ``args`` that stands without a value, perhaps right before an argument.

    What is neither a number nor an argument is left to be refused as the option's value.
    """
    alone = {option.opts[0]: option.alone for option in known if option.alone and not option.is_flag}
    return [
        f"{arg}={alone[arg]}"
        if arg in alone
        and not following.isdecimal()
        and (following[:1] in ("", "-") or is_argument(following))
        else arg
        for arg, following in pairwise([*args, ""])
    ]
