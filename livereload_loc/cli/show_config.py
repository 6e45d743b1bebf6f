"""``loc-dev config``: what is in force for a command, and where each value comes from."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

import click
from click.core import ParameterSource

from livereload_loc.cli.config_file import COMMAND, FileValue
from livereload_loc.cli.options import SettingOption, options_of
from livereload_loc.terminal.text import printable


def show(parent: click.Context, command: click.Command, from_files: Mapping[str, FileValue]) -> None:
    """Print a line for each option of ``command``, a command of ``parent``."""
    rows = list(_rows(click.Context(command, parent=parent, info_name=command.name), from_files))
    key_width, value_width = (max(len(row[column]) for row in rows) for column in (0, 1))
    for key, value, source in rows:
        click.echo(f"{key:{key_width}}  {value:{value_width}}  {source}")


def _rows(context: click.Context, from_files: Mapping[str, FileValue]) -> Iterator[tuple[str, str, str]]:
    for option in options_of(context.command):
        value, source = option.consume_value(context, {})
        if option.is_flag and option.alone is not None:  # one of several flags for one setting
            value = value in (option.alone, True)
            source = source if value else ParameterSource.DEFAULT
        shown = "default"
        if source is ParameterSource.ENVIRONMENT:
            shown = str(option.envvar)
        elif source is ParameterSource.DEFAULT_MAP and option.key in from_files:
            shown = from_files[option.key].file
        yield option.key, printable(_text(option, value)), shown
    if COMMAND in from_files:
        yield COMMAND, printable(shlex.join(from_files[COMMAND].value)), from_files[COMMAND].file


def _text(option: SettingOption, value: object) -> str:
    """Return a value as it is written in a file, without the secrets in it."""
    if value in ((), "") or not isinstance(value, str | int | float | tuple | list):
        return "-"
    if option.kind == "token":
        return "***"
    if option.key == "redis":
        return re.sub(r"//[^@/]*@", "//***@", str(value))
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
