"""What ``--help`` shows, and that its examples are command lines that work."""

from __future__ import annotations

import shlex

import click
import pytest
from click.testing import CliRunner

from livereload_loc.cli.help import EXAMPLES
from livereload_loc.cli.main import cli
from livereload_loc.cli.options import options_of
from livereload_loc.settings import ALL


def test_every_command_that_starts_a_server_has_examples() -> None:
    assert EXAMPLES.keys() == set(ALL)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_help_of_a_command_names_each_of_its_options_once(name: str) -> None:
    text = CliRunner().invoke(cli, [name, "--help"]).output
    for option in options_of(cli.commands[name]):
        assert sum(line.strip().split(" ")[0] == option.opts[0] for line in text.splitlines()) == 1
    assert text.index("Addresses:") < text.index("Output:") < text.index("Examples:")
    assert "Exit codes: 0" in text


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_the_examples_are_command_lines(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    assert program == "loc-dev"
    cli.commands[name].make_context(name, arguments, parent=click.Context(cli))


def test_the_list_of_commands_cuts_nothing_off() -> None:
    text = CliRunner().invoke(cli, ["--help"]).output
    assert "..." not in text.partition("Commands:")[2]
