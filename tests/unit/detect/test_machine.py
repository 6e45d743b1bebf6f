"""The Python and the ports of this machine."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from livereload_loc.detect.machine import Machine


def test_a_free_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        assert Machine(".").port(port) > port
        assert Machine(".", {port + 1}).port(port) > port + 1


def test_the_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    machine = Machine(str(tmp_path))
    assert machine.python("flask") == sys.executable
    assert machine.python("no_such_package") == "python3"
    for name in ("active/bin/python", "venv/bin/python", ".venv/bin/python"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
        if name.startswith("active"):
            monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
            assert machine.python("flask") == str(tmp_path / name)
            monkeypatch.setenv("PATH", str(tmp_path / "active/bin"))
            assert machine.python("flask") == "python"
        else:
            assert machine.python("flask") == name
