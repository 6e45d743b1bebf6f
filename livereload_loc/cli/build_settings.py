"""The settings of a command, from the values of its parameters."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import click
from click.core import ParameterSource

from livereload_loc.cli.options import options_of
from livereload_loc.errors import NoSuchPath, UsageError
from livereload_loc.httputil.hosts import is_local
from livereload_loc.settings import LOOPBACK, CounterSettings, Settings

_COUNTER = frozenset(field.name for field in fields(CounterSettings))


def build_settings(context: click.Context, values: Mapping[str, Any], *, strict_port: bool) -> Settings:
    """Return the settings that ``values`` make, which have the names of the fields.

    A port that the user names has to be free, with ``strict_port`` its default as well.

    Raises:
        UsageError: a path does not exist, or options do not go together.
    """
    for path in values.get("paths", ()):
        if not os.path.lexists(path):
            raise NoSuchPath(path)
    for conflict in _conflicts(context, values):
        raise UsageError(conflict)
    given = {name: value for name, value in values.items() if value is not None}
    counter = CounterSettings(**{name: given.pop(name) for name in _COUNTER & given.keys()})
    for name in {"allow_hosts", "allow_origins"} & given.keys():
        given[name] = frozenset(given[name])
    given["counter"] = counter if given.get("counter", True) else None
    port_source = context.get_parameter_source("port")
    return Settings(**given, strict_port=strict_port or port_source is not ParameterSource.DEFAULT)


def _conflicts(context: click.Context, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with options that are right each by itself."""
    if values.get("restart"):
        if not values["command"]:
            yield "--restart needs a command after -- to restart."
        if context.command.name == "watch" and not values["wait_for"]:
            yield "--restart needs --wait-for URL here, so that no page asks COMMAND too early."
    if values["certificate"] is not None and not values["key"]:
        yield "--cert needs --key FILE, too."
    if values["key"] is not None and not values["certificate"]:
        yield "--key needs --cert FILE, too."
    if values["qr"] and not values["lan"] and is_local(values["host"]):
        yield "--qr shows the address for other devices, but none can connect: add --lan."
    if values["lan"] and values["host"] != LOOPBACK:
        yield "--lan chooses the addresses to listen on. Use either --lan or --host."
    if not values.get("counter", True):
        for option in options_of(context.command):
            source = context.get_parameter_source(option.name or "")
            if option.name in _COUNTER and source is ParameterSource.COMMANDLINE:
                yield f"{option.opts[0]} is for the visitor counter: add --counter."
