"""The options of the commands, as the fields of the settings describe them."""

from __future__ import annotations

from dataclasses import fields
from itertools import groupby
from typing import get_args

import pytest

from livereload_loc.cli.commands import SettingsCommand, with_values
from livereload_loc.cli.main import cli
from livereload_loc.cli.options import options, options_of
from livereload_loc.cli.param_types import TYPES
from livereload_loc.settings import ALL, CounterSettings, Kind, Option, Settings

OPTIONS: list[Option] = [
    option
    for settings in (Settings, CounterSettings)
    for field in fields(settings)
    for option in field.metadata.get("options", ())
]


def test_every_command_that_starts_a_server_is_there_with_its_options() -> None:
    commands = {name for name, command in cli.commands.items() if isinstance(command, SettingsCommand)}
    assert commands == set(ALL)
    for name in ALL:
        usages = [option.usage for option in OPTIONS if name in option.commands]
        assert [option.opts[0] for option in options_of(cli.commands[name])] == [
            usage.partition(" ")[0] for usage in usages
        ]


def test_an_option_means_one_thing_in_a_command() -> None:
    for name in ALL:
        keys = [option.key for option in options(name)]
        assert len(keys) == len(set(keys))


def test_options_of_one_section_stand_together() -> None:
    sections = [option.section for option in OPTIONS]
    assert len(list(groupby(sections))) == len(set(sections))


def test_every_kind_has_a_type_and_is_used() -> None:
    assert set(get_args(Kind)) == TYPES.keys() == {option.kind for option in OPTIONS}


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (["--poll"], ["--poll=300"]),
        (["--poll", "50"], ["--poll", "50"]),
        (["--poll", "content"], ["--poll=300", "content"]),
        (["--poll", "typo"], ["--poll", "typo"]),
        (["--poll=50", "--poll", "--open"], ["--poll=50", "--poll=300", "--open"]),
    ],
)
def test_poll_may_stand_alone(typed: list[str], completed: list[str]) -> None:
    assert with_values(typed, options("watch"), {"content"}.__contains__) == completed
