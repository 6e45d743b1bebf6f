"""Options from files and the environment, as the command takes them."""

from __future__ import annotations

from pathlib import Path

from tests.support.calls import call
from tests.support.loc_dev import LocDev


def in_force(folder: Path, *arguments: str, **environment: str) -> dict[str, tuple[str, str]]:
    """Return the value and the source of each option, as ``loc-dev config`` prints them."""
    done = call("config", *arguments, cwd=folder, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[0]: (" ".join(row[1:-1]), row[-1]) for row in rows}


def test_environment_wins_over_files_and_loc_dev_toml_over_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.loc-dev]\nport = 0\nhost = '::1'\nspa = true\n")
    (tmp_path / "loc-dev.toml").write_text("host = '127.0.0.1'\nquiet = true\n")
    found = in_force(tmp_path, "serve", LOC_DEV_HOST="localhost", LOC_DEV_ALLOW_HOST="a.example b.example",
                     LOC_DEV_NONSENSE="1")  # fmt: skip
    assert found["port"] == ("0", "pyproject.toml")
    assert found["host"] == ("localhost", "LOC_DEV_HOST")
    assert found["spa"] == ("true", "pyproject.toml")
    assert found["quiet"] == ("true", "loc-dev.toml")
    assert found["allow-host"] == ("a.example b.example", "LOC_DEV_ALLOW_HOST")
    assert found["poll"] == ("-", "default")
    with LocDev("serve", cwd=tmp_path, env={"LOC_DEV_HOST": "localhost"}) as dev:  # --json wins over quiet
        assert dev.url.startswith("http://localhost:")


def test_each_command_has_its_default_port(tmp_path: Path) -> None:
    ports = {name: in_force(tmp_path, name)["port"] for name in ("watch", "serve", "proxy", "count")}
    assert ports == {
        "watch": ("8081", "default"),
        "serve": ("8080", "default"),
        "proxy": ("8081", "default"),
        "count": ("8081", "default"),
    }


def test_the_sources_are_in_one_column(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").write_text(f"ignore = ['{'x' * 60}']\ncommand = 'make watch'\n")
    lines = call("config", "watch", cwd=tmp_path).stdout.splitlines()
    assert len({line.rindex(" ") for line in lines}) == 1


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").write_text(
        "admin-token = 'correct horse'\nredis = 'redis://me:pass@host/0'\n"
    )
    done = call("config", "count", cwd=tmp_path)
    assert "horse" not in done.stdout
    assert "pass" not in done.stdout
    assert "redis://***@host/0" in done.stdout


def test_what_a_file_runs_is_shown_before(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").write_text(
        """port = 0\nexec = "echo \\u001b]0;built"\ncommand = ["sleep", "60 "]\n"""
    )
    with LocDev("watch", ".", cwd=tmp_path) as dev:
        pass
    assert "loc-dev.toml runs on each change: echo \N{REPLACEMENT CHARACTER}]0;built\n" in dev.errors
    assert "loc-dev.toml starts: sleep '60 '\n" in dev.errors
    with LocDev("watch", ".", "--exec", "true", "--", "sleep", "60", cwd=tmp_path) as dev:
        pass
    assert "loc-dev.toml" not in dev.errors


def test_an_unknown_key_is_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "loc-dev.toml").write_text("prot = 1\n")
    done = call("watch", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "loc-dev: loc-dev.toml: there is no option 'prot'; did you mean port?\n"


def test_a_wrong_value_in_the_environment_names_it(tmp_path: Path) -> None:
    done = call("watch", ".", cwd=tmp_path, LOC_DEV_PORT="abc")
    assert done.returncode == 2
    assert "LOC_DEV_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def test_shells_complete_options(tmp_path: Path) -> None:
    words = {"COMP_WORDS": "loc-dev watch --po", "COMP_CWORD": "2", "_LOC_DEV_COMPLETE": "bash_complete"}
    assert call(cwd=tmp_path, **words).stdout.split() == ["plain,--poll", "plain,--port"]
