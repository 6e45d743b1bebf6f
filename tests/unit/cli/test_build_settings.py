"""The settings that a command line makes, and the options that do not go together."""

from __future__ import annotations

from typing import Any

import click
import pytest

from livereload_loc.cli.build_settings import build_settings
from livereload_loc.cli.main import cli
from livereload_loc.errors import UsageError
from livereload_loc.settings import CounterSettings, Settings


def built(name: str, *arguments: str, **files: Any) -> Settings:
    """Return the settings of a command line, over the values that configuration files give."""
    context = cli.commands[name].make_context(
        name, [*arguments], parent=click.Context(cli, default_map={name: files})
    )
    return build_settings(context, context.params, strict_port=name in ("watch", "count"))


def test_without_options_the_settings_have_their_defaults() -> None:
    assert built("watch", ".") == Settings((".",))
    assert built("serve") == Settings(site=".", port=8080, strict_port=False)
    assert built("proxy", "8000") == Settings((".",), upstream="http://localhost:8000", strict_port=False)
    assert built("count") == Settings(counter=CounterSettings())


def test_a_port_that_is_named_has_to_be_free() -> None:
    assert built("serve", "--port", "8080").strict_port
    assert built("serve", port=8080).strict_port


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        (["--poll"], {"poll_ms": 300}),
        (["--quiet"], {"output": "quiet"}),
        (["--json", "--verbose"], {"output": "verbose"}),
        (["--keys=off", "--exec", "make"], {"keys": "off", "build": "make"}),
        (["--host", "LOCALHOST", "--allow-host", "B.test", "--allow-host=a.test"],
         {"allow_hosts": frozenset({"a.test", "b.test"})}),
        (["--cert", "c.pem", "--key", "k.pem"], {"certificate": "c.pem", "key": "k.pem"}),
        (["--counter", "--site", "a.test"], {"counter": CounterSettings(sites=("a.test",))}),
        (["--", "php", "-S", "localhost:8000"], {"command": ("php", "-S", "localhost:8000")}),
    ],
)  # fmt: skip
def test_options_change_their_fields(arguments: list[str], changed: dict[str, Any]) -> None:
    assert built("watch", ".", *arguments) == Settings((".",), **changed)


def test_the_command_line_wins_over_the_command_of_a_file() -> None:
    assert built("watch", ".", command=("a",)).command == ("a",)
    assert built("watch", ".", "--", "b", command=("a",)).command == ("b",)
    assert built("count", command=("a",)).command == ()


def test_a_file_may_set_the_counter_without_turning_it_on() -> None:
    assert built("watch", ".", sites=("a.test",)).counter is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "Cannot watch 'nowhere': there is no such file or folder."),
        ([".", "--restart", "*.py"], "--restart needs a command after -- to restart."),
        ([".", "--restart", "*.py", "--", "true"], "--restart needs --wait-for URL here"),
        ([".", "--cert", "c.pem"], "--cert needs --key FILE, too."),
        ([".", "--key", "k.pem"], "--key needs --cert FILE, too."),
        ([".", "--qr"], "add --lan"),
        ([".", "--lan", "--host", "::1"], "Use either --lan or --host."),
        ([".", "--max-sites", "7"], "--max-sites is for the visitor counter: add --counter."),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], says: str) -> None:
    with pytest.raises(UsageError) as error:
        built("watch", *arguments)
    assert says in str(error.value)
