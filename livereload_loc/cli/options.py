"""The options of a command for click, made from the fields of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any

import click

from livereload_loc.cli.param_types import TYPES
from livereload_loc.settings import CounterSettings, Option, Settings


class SettingOption(click.Option):
    """An option that sets a field of the settings; in the environment --port is LOC_DEV_PORT."""

    def __init__(self, target: Field[Any], option: Option) -> None:
        usage, _, metavar = option.usage.partition(" ")
        self.key = usage.removeprefix("--")
        self.section, self.kind, self.alone = option.section, option.kind, option.alone
        default = option.default or target.default
        given: dict[str, Any] = {"multiple": isinstance(default, tuple | frozenset)}
        if not metavar:
            given["is_flag"] = True
        else:
            given |= {"metavar": metavar, "type": TYPES[option.kind]}
            if default:
                given |= {"default": default, "show_default": True}
        if option.alone is not None:
            given |= {"flag_value": option.alone, "is_flag": not metavar}
        super().__init__(
            [usage, target.name],
            help=f"{option.help} Repeatable." if given["multiple"] else option.help,
            envvar=f"LOC_DEV_{self.key.upper().replace('-', '_')}",
            **given,
        )


def options(command: str) -> Iterator[SettingOption]:
    """Make the options of ``command``, in the order of the fields that they set."""
    for target in (*fields(Settings), *fields(CounterSettings)):
        for option in target.metadata.get("options", ()):
            if command in option.commands:
                yield SettingOption(target, option)


def options_of(command: click.Command) -> list[SettingOption]:
    """Return the options of ``command`` that set something."""
    return [param for param in command.params if isinstance(param, SettingOption)]
