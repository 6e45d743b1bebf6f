"""Settings that stand in files: ``[tool.loc-dev]`` of pyproject.toml, and loc-dev.toml, which wins.

Both are read from the working folder only. Their keys are the names of the options, and of ``command``, what
stands after ``--``; one that no command knows is an error, so that no slip of the pen goes unseen.
"""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import click

from livereload_loc.errors import UsageError

COMMAND = "command"
"""The key of what is started beside us."""

FILES = ("loc-dev.toml", "pyproject.toml")
"""The first that speaks wins."""


class OptionalValue(click.Option):
    """An option that may stand without its value, which is ``usual`` then; in a file that is ``true``."""

    def __init__(self, *args: Any, usual: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.usual = usual


@dataclass(frozen=True, slots=True)
class FileValue:
    """A value that stands in a file."""

    value: Any
    file: str


def read(folder: str, options: Mapping[str, click.Option]) -> dict[str, FileValue]:
    """What the files in ``folder`` say, by the names of the options, checked against what each one takes.

    Raises:
        UsageError: a file cannot be read, or says what no option can mean.
    """
    found: dict[str, FileValue] = {}
    for file in FILES:
        for key, value in _table(folder, file).items():
            if key != COMMAND and key not in options:
                if isinstance(value, dict):
                    raise UsageError(f"{file}: {_section(file, key)}")
                near = difflib.get_close_matches(key, [*options, COMMAND], 1)
                hint = f"; did you mean {near[0]}?" if near else "."
                raise UsageError(f"{file}: there is no option {key!r}{hint}")
            checked = _command(file, value) if key == COMMAND else _checked(file, key, options[key], value)
            found.setdefault(key, FileValue(checked, file))
    return found


def named(commands: Iterable[click.Command]) -> dict[str, click.Option]:
    """All options of ``commands`` by the names that they have in a file."""
    return {name_of(option): option for command in commands for option in options_of(command)}


def options_of(command: click.Command) -> Iterator[click.Option]:
    """The options of one command."""
    return (param for param in command.params if isinstance(param, click.Option))


def name_of(option: click.Option) -> str:
    """The name of an option in a file: its long one, without dashes before it."""
    return max(option.opts, key=len).lstrip("-")


def defaults(command: click.Command, found: Mapping[str, FileValue]) -> dict[str, Any]:
    """What the files say to ``command``, by the names of its parameters."""
    values: dict[str, Any] = {}
    for option in options_of(command):
        given = found.get(name_of(option))
        if given is None or option.name is None:
            continue
        if option.is_flag and not option.is_bool_flag:
            if given.value:  # one of several flags that say one thing
                values.setdefault(option.name, option.flag_value)
        else:
            values[option.name] = given.value
    return values


def _table(folder: str, file: str) -> dict[str, Any]:
    try:
        with open(os.path.join(folder, file), "rb") as stream:
            import tomllib  # only where there is something to read

            table: Any = tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no TOML: {error}.") from None
    if file == "pyproject.toml":
        table = table.get("tool", {})
        table = table.get("loc-dev", {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{file}: [tool.loc-dev] has to be a table of options.")
    return table


def _checked(file: str, key: str, option: click.Option, value: Any) -> Any:
    """``value`` as the command line would give it."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{file}: {key} takes true or false, not {value!r}.")
        return value
    if option.multiple:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise UsageError(f"{file}: {key} takes a list of texts, not {value!r}.")
        return tuple(values)
    if isinstance(option, OptionalValue) and isinstance(value, bool):
        return option.usual if value else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"{file}: {key} takes one value, not {value!r}.")
    try:
        return option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise UsageError(f"{file}: {key}: {error.message}") from None


def _section(file: str, key: str) -> str:
    """What to say of a section, which people know from other tools."""
    if file == "pyproject.toml":
        return f"there is no section [tool.loc-dev.{key}]; options stand in [tool.loc-dev] itself."
    return f"there is no section [{key}]; options stand at the top of the file, without one."


def _command(file: str, value: Any) -> tuple[str, ...]:
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        raise UsageError(f"{file}: {COMMAND}: {error}.") from None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise UsageError(f"{file}: {COMMAND} takes a command line, or a list of its words, not {value!r}.")
    return tuple(words)
