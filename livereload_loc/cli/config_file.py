"""Options in configuration files: loc-dev.toml, and ``[tool.loc-dev]`` of pyproject.toml.

Both are read from the working folder only. Their keys are the names of the options, and ``command`` for what
follows ``--``. An unknown key is an error, so that no misspelt one goes unnoticed.
"""

from __future__ import annotations

import difflib
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from livereload_loc.cli.options import SettingOption, options_of
from livereload_loc.errors import UsageError

# The key of the command that loc-dev starts.
COMMAND = "command"

# A key in the first file hides the same key in the second.
FILES = ("loc-dev.toml", "pyproject.toml")


@dataclass(frozen=True, slots=True)
class FileValue:
    """A value from a file."""

    value: Any
    file: str


def read(folder: str, commands: Iterable[click.Command]) -> dict[str, FileValue]:
    """Return the values in the files of ``folder`` by their keys, each as the command line would give it.

    Raises:
        UsageError: a file cannot be read, or has a key or a value that no option of ``commands`` takes.
    """
    options = {option.key: option for command in commands for option in options_of(command)}
    found: dict[str, FileValue] = {}
    for file in FILES:
        for key, value in _table(folder, file).items():
            if key == COMMAND:
                checked: Any = _command(file, value)
            elif key in options:
                checked = _checked(file, options[key], value)
            else:
                raise UsageError(f"{file}: {_unknown(file, key, value, [*options, COMMAND])}")
            found.setdefault(key, FileValue(checked, file))
    return found


def defaults(command: click.Command, found: Mapping[str, FileValue]) -> dict[str, Any]:
    """Return what the files say to ``command``, by the names of its parameters."""
    values = {COMMAND: found[COMMAND].value} if COMMAND in found else {}
    for option in options_of(command):
        if option.key not in found or option.name is None:
            continue
        value = found[option.key].value
        if not option.is_flag or option.alone is None:
            values[option.name] = value
        elif value:  # one of several flags for one setting
            values.setdefault(option.name, option.alone)
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
        raise UsageError(f"{file} is not valid TOML: {error}.") from None
    if file == "pyproject.toml":
        table = table.get("tool", {})
        table = table.get("loc-dev", {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise UsageError(f"{file}: [tool.loc-dev] has to be a table of options.")
    return table


def _unknown(file: str, key: str, value: object, known: list[str]) -> str:
    """Say what is wrong with a key that is no option: a section, as other tools have, or a slip."""
    if isinstance(value, dict):
        if file == "pyproject.toml":
            return f"there is no section [tool.loc-dev.{key}]; options go in [tool.loc-dev] itself."
        return f"there is no section [{key}]; options go at the top of the file, without a section."
    near = difflib.get_close_matches(key, known, 1)
    return f"there is no option {key!r}" + (f"; did you mean {near[0]}?" if near else ".")


def _checked(file: str, option: SettingOption, value: Any) -> Any:
    """Return ``value`` as the command line would give it."""
    name = f"{file}: {option.key}"
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{name} takes true or false, not {value!r}.")
        return value
    if option.alone is not None and isinstance(value, bool):
        return option.alone if value else None
    if option.multiple:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise UsageError(f"{name} takes a list of strings, not {value!r}.")
    else:
        values = [value]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UsageError(f"{name} takes one value, not {value!r}.")
    try:
        converted = tuple(option.type.convert(one, option, None) for one in values)
    except click.BadParameter as error:
        raise UsageError(f"{name}: {error.message}") from None
    return converted if option.multiple else converted[0]


def _command(file: str, value: Any) -> tuple[str, ...]:
    try:
        words = shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        raise UsageError(f"{file}: {COMMAND}: {error}.") from None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise UsageError(f"{file}: {COMMAND} takes a command line, or a list of its words, not {value!r}.")
    return tuple(words)
