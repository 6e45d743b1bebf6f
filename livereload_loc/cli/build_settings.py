"""What was given for the options, checked: it becomes settings, or one line that says what is wrong."""

from __future__ import annotations

from dataclasses import replace

import click

from livereload_loc.cli.config_file import COMMAND, FileValue
from livereload_loc.cli.counter_options import CounterValues, counter_settings, is_counting
from livereload_loc.errors import UsageError
from livereload_loc.httputil.hosts import is_local, normal_origins, split_authority
from livereload_loc.settings import LOOPBACK, Output, Settings


class ServerValues(CounterValues):
    """The values of the options that every command has."""

    host: str
    allow_host: tuple[str, ...]
    https: bool
    cert: str | None
    key: str | None
    lan: bool
    opens: bool
    qr: bool
    output: Output | None


class WatchValues(ServerValues):
    """The values of the options that all commands have which watch."""

    ignore: tuple[str, ...]
    no_gitignore: bool
    poll: int | None
    build: str | None
    restart: tuple[str, ...]
    keys: str
    allow_origin: tuple[str, ...]
    counter: bool
    livereload_port: int | None


def settings(paths: tuple[str, ...], values: WatchValues) -> Settings:
    """The settings of what all commands have.

    Raises:
        UsageError: a value is none that could work.
    """
    context = click.get_current_context()
    given: dict[str, FileValue] = context.obj or {}
    command: tuple[str, ...] = context.meta.get("command", ())
    if not command and COMMAND in given:
        command = given[COMMAND].value
        context.meta["command file"] = given[COMMAND].file
    if values["build"] is not None and not values["build"].strip():
        raise UsageError("--exec takes a command line, and none is given.")
    if values["restart"] and not command:
        raise UsageError("--restart restarts the command after --, and there is none.")
    return replace(
        _server(values),
        paths=paths,
        ignore=values["ignore"],
        gitignore=not values["no_gitignore"],
        poll_ms=values["poll"],
        build=values["build"],
        command=command,
        restart=values["restart"],
        command_has_keys=values["keys"] == "off",
        allow_origins=_origins(values["allow_origin"]),
        livereload_port=values["livereload_port"],
        counter=counter_settings(values) if is_counting(values["counter"]) else None,
    )


def count_settings(port: int, values: ServerValues) -> Settings:
    """The settings of the counter alone.

    Raises:
        UsageError: a value is none that could work.
    """
    return replace(_server(values), port=port, counter=counter_settings(values))


def _server(values: ServerValues) -> Settings:
    _check_reach(values)
    return Settings(
        paths=(),
        host=values["host"].lower(),
        https=values["https"],
        certificate=values["cert"],
        key=values["key"],
        lan=values["lan"],
        allow_hosts=_hosts(values["allow_host"]),
        opens=values["opens"],
        qr=values["qr"],
        output=values["output"] or "normal",
    )


def _check_reach(values: ServerValues) -> None:
    for one, other in (("cert", "key"), ("key", "cert")):
        if values[one] is not None and not values[other]:  # type: ignore[literal-required]
            raise UsageError(f"--{one} needs --{other} FILE, too: one is of no use without the other.")
    if values["qr"] and not values["lan"] and is_local(values["host"].lower()):
        raise UsageError("--qr shows the address for other devices, and none can come here: add --lan.")
    if values["lan"] and values["host"].lower() != LOOPBACK:
        raise UsageError("--lan finds the addresses to listen on itself. Leave --host out, or --lan.")


def _hosts(names: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    for name in names:
        parsed = split_authority(name)
        if parsed is None or parsed[1] is not None:
            raise UsageError(f"--allow-host takes a host name without a port, not {name!r}.")
        found.add(parsed[0])
    return frozenset(found)


def _origins(origins: tuple[str, ...]) -> frozenset[str]:
    try:
        return normal_origins(origins)
    except ValueError as error:
        raise UsageError(
            f"--allow-origin takes an origin such as https://shop.example:3000, not {str(error)!r}."
        ) from None
