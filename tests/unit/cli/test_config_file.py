"""Options that stand in files."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livereload_loc.cli import config_file as config
from livereload_loc.cli.main import count, proxy, serve, watch
from livereload_loc.cli.options import options_of
from livereload_loc.errors import UsageError
from livereload_loc.settings import Kind

COMMANDS: list[click.Command] = [watch, serve, proxy, count]
OPTIONS = {option.key: option for command in COMMANDS for option in options_of(command)}

VALUES: dict[Kind, str] = {
    "switch": '"off"',
    "in place": '"always"',
    "origin": '"http://a.test"',
    "seconds": "2.5",
    "rate": "0.5",
}
VALUES |= {"redis url": '"redis://a.test"'}
VALUES |= dict.fromkeys(("port", "open port", "milliseconds", "limit"), "1000")


def test_every_option_may_be_set(tmp_path: Path) -> None:
    lines = []
    for key, option in OPTIONS.items():
        value = "true" if option.is_flag else VALUES.get(option.kind, '"127.0.0.1"')
        lines.append(f"{key} = {[value] if option.multiple else value}".replace("'", ""))
    (tmp_path / "loc-dev.toml").write_text("\n".join(lines))
    found = config.read(str(tmp_path), COMMANDS)
    assert found.keys() == OPTIONS.keys()
    for command in COMMANDS:
        assert config.defaults(command, found)


def test_loc_dev_toml_wins_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").write_text("port = 1\n")
    (tmp_path / "pyproject.toml").write_text("[tool.loc-dev]\nport = 2\nspa = true\n[tool.other]\nx = 1\n")
    found = config.read(str(tmp_path), COMMANDS)
    assert found == {
        "port": config.FileValue(1, "loc-dev.toml"),
        "spa": config.FileValue(True, "pyproject.toml"),
    }
    assert config.defaults(serve, found) == {"port": 1, "spa": True}
    assert config.defaults(watch, found) == {"port": 1}


@pytest.mark.parametrize(("text", "value"), [("true", 300), ("false", None), ("1000", 1000)])
def test_what_may_stand_without_a_value_is_on_or_off(tmp_path: Path, text: str, value: int | None) -> None:
    (tmp_path / "loc-dev.toml").write_text(f"poll = {text}\n")
    (tmp_path / "pyproject.toml").write_text("[tool.loc-dev]\npoll = 500\n")
    found = config.read(str(tmp_path), COMMANDS)
    assert config.defaults(serve, found) == {"poll_ms": value}


def test_without_files_there_is_nothing(tmp_path: Path) -> None:
    assert config.read(str(tmp_path), COMMANDS) == {}
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert config.read(str(tmp_path), COMMANDS) == {}


def test_a_program_that_reads_json_never_waits_in_vain(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").write_text("verbose = true\nquiet = true\njson = true\n")
    assert config.defaults(watch, config.read(str(tmp_path), COMMANDS)) == {"output": "json"}


@pytest.mark.parametrize(
    ("text", "words"),
    [('"php -S localhost:1"', ("php", "-S", "localhost:1")), ('["a b", "c"]', ("a b", "c"))],
)
def test_a_command_is_a_line_or_its_words(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "loc-dev.toml").write_text(f"command = {text}\n")
    assert config.read(str(tmp_path), COMMANDS)["command"].value == words


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1", "no option 'prot'; did you mean port?"),
        ("xyzzy = 1", "no option 'xyzzy'."),
        ("[port]\na = 1", "port takes one value"),
        ('port = "abc"', "port: 'abc' is not a number from 0 to 65535."),
        ("port = 70000", "port: 70000 is not a number from 0 to 65535."),
        ("port = true", "port takes one value"),
        ('spa = "yes"', "spa takes true or false"),
        ("ignore = [1]", "ignore takes a list of strings"),
        ('keys = "maybe"', "keys: 'maybe' is not one of"),
        ('allow-host = ["a.test", "b:1"]', "allow-host: 'b:1' is not a host name without a port."),
        ('wait-for = "99999"', "wait-for: '99999' is not a URL such as http://localhost:8000: its port"),
        ('redis = "foo"', "redis: 'foo' is not a URL such as redis://localhost:6379."),
        ('host = ""', "host: '' is not an address or a name such as localhost or 0.0.0.0."),
        ('exec = ""', "exec: '' is not a command line."),
        ("command = 7", "command takes a command line"),
        ("command = []", "command takes a command line"),
        ('command = "a \'b"', "command: No closing quotation"),
        ("x = [", "is not valid TOML"),
        ("\x00", "is not valid TOML"),
    ],
)
@pytest.mark.parametrize("file", ["loc-dev.toml", "pyproject.toml"])
def test_what_cannot_be_meant_is_named(tmp_path: Path, text: str, says: str, file: str) -> None:
    table = "[tool.loc-dev]\n" if file == "pyproject.toml" else ""
    if table and text.startswith("[port]"):
        text = "[tool.loc-dev.port]\na = 1"
    (tmp_path / file).write_text(table + text)
    with pytest.raises(UsageError) as error:
        config.read(str(tmp_path), COMMANDS)
    assert str(error.value).startswith(file)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("file", "section", "where"),
    [
        ("loc-dev.toml", "[serve]", "at the top of the file, without a section"),
        ("pyproject.toml", "[tool.loc-dev.serve]", "in [tool.loc-dev] itself"),
    ],
)
def test_a_section_for_a_command_is_told_where_options_go(
    tmp_path: Path, file: str, section: str, where: str
) -> None:
    (tmp_path / file).write_text(f"{section}\nport = 1\n")
    with pytest.raises(UsageError) as error:
        config.read(str(tmp_path), COMMANDS)
    assert str(error.value) == f"{file}: there is no section {section}; options go {where}."


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").mkdir()
    with pytest.raises(UsageError, match=r"loc-dev.toml cannot be read"):
        config.read(str(tmp_path), COMMANDS)
    (tmp_path / "loc-dev.toml").rmdir()
    (tmp_path / "loc-dev.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match=r"loc-dev.toml is not valid TOML"):
        config.read(str(tmp_path), COMMANDS)


@given(st.text(max_size=60))
def test_no_text_is_too_odd(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("odd")
    (folder / "loc-dev.toml").write_text(text, "utf-8", errors="replace")
    try:
        config.read(str(folder), COMMANDS)
    except UsageError as error:
        assert str(error).startswith("loc-dev.toml")  # noqa: PT017 - most raise nothing
