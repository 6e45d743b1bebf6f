"""``loc-dev config``: what is in force for a command, and where each value comes from."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
from click.core import ParameterSource

from livereload_loc.cli import config_file as config
from livereload_loc.cli.options import PortOption
from livereload_loc.terminal.text import printable


def show(context: click.Context, command: click.Command, given: dict[str, config.FileValue]) -> None:
    """Print a line for each option of ``command``, as ``context``, the one around it, sets its value."""
    rows = list(_rows(click.Context(command, parent=context, info_name=command.name), given))
    width = max(len(key) for key, _, _ in rows)
    for key, value, where in rows:
        click.echo(f"{key:{width}}  {printable(value):24}  {where}")


def _rows(own: click.Context, given: dict[str, config.FileValue]) -> Iterator[tuple[str, str, str]]:
    for option in config.options_of(own.command):
        key = config.name_of(option)
        value, source = option.consume_value(own, {})
        if option.is_flag and not option.is_bool_flag:
            value = value == option.flag_value or value is True
            source = source if value else ParameterSource.DEFAULT
        if isinstance(option, PortOption) and source is ParameterSource.DEFAULT:
            value = option.usual
        where = {
            ParameterSource.ENVIRONMENT: str(option.envvar),
            ParameterSource.DEFAULT_MAP: given[key].file if key in given else "",
        }.get(source, "default")
        yield key, _shown(key, value), where
    if config.COMMAND in given:
        yield config.COMMAND, shlex.join(given[config.COMMAND].value), given[config.COMMAND].file


def _shown(key: str, value: object) -> str:
    """A value as it stands in a file; secrets are not shown."""
    if value in ((), "") or not isinstance(value, str | int | float | tuple | list):
        return "-"
    if key == "admin-token":
        return "***"
    if key == "redis":
        return re.sub(r"//[^@/]*@", "//***@", str(value))
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
