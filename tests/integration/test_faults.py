"""An odd machine, a bad day: the tool goes on, or ends with a line; never a traceback, never silence."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.fault_pages import RUN, page, save, told
from tests.support.loc_dev import LocDev
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.raw_http import get
from tests.support.waiting import DEADLINE, until


@pytest.mark.parametrize(
    "name",
    [
        "with spaces.html",
        'it\'s "quoted".html',
        "line\nbreak.html",
        "tab\there.html",
        "\U0001f600.html",
        "100%.html",
        "%2e%2e.html",
        "-rf.html",
        "[a-z]*?.html",
        "\x1b[31mred.html",
        "$(id).html",
        "a;b&c|d.html",
        os.fsdecode(b"\xff\xfe.html"),
        "é.html",
    ],
)
def test_a_path_may_have_any_name(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name.removesuffix(".html")
    folder.mkdir()
    with LocDev("watch", folder, "--port", "0") as dev, page(dev) as socket:
        save(folder / name, "one")
        update = told(socket)
        assert update["action"] == "reload"
        shown = os.fsencode(name).decode("utf-8", "replace")
        assert update["paths"] in ([shown], [])
        dev.wait_for("change")
    assert dev.errors == ""


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
        {"LC_ALL": "nonsense"},
        {"HOME": "/nowhere"},
        {"TERM": "dumb"},
        {"TERM": ""},
        {"COLUMNS": "3"},
        {"NO_COLOR": "1"},
        {"TZ": "Nowhere/Land"},
        {"PYTHONIOENCODING": "ascii"},
    ],
)
def test_it_works_wherever_it_runs(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "\U0001f600é").mkdir()
    with LocDev("serve", tmp_path, "--port", "0", env=environment) as dev, page(dev) as socket:
        save(tmp_path / "\U0001f600é/a.html", "x")
        assert told(socket)["paths"] == ["\U0001f600é/a.html"]
    assert dev.errors == ""
    people = subprocess.Popen(
        [*RUN, "watch", str(tmp_path), "--port", "0", "--verbose"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert people.stdout
    assert people.stdout.readline()
    people.terminate()
    _, errors = people.communicate(timeout=DEADLINE)
    assert (people.returncode, errors) == (0, b"")


def test_without_home_or_any_variable(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*RUN, "watch", str(tmp_path), "--port", "0", "--json"],
        env={}, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert b"ready" in process.stdout.readline()
    process.terminate()
    assert process.communicate(timeout=DEADLINE)[1] == b""
    assert process.returncode == 0


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/self/ns/mnt").exists(), reason="needs namespaces")
def test_a_folder_that_nobody_may_write_to(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><p>Hi")
    tmp_path.chmod(0o555)
    try:
        with LocDev("serve", ".", "--port", "0", cwd=tmp_path, env={"PYTHONPATH": os.getcwd()}) as dev:
            assert get(dev.port, "/", b"Accept: text/html").status == 200
            assert sorted(os.listdir(tmp_path)) == ["index.html"], "it writes nothing of its own"
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams(tmp_path: Path, closed: str) -> None:
    """Without stdout there is nobody to speak to; it serves all the same, or says so and ends."""
    port = free_port()
    process = subprocess.Popen(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *RUN, "watch", str(tmp_path), "--port", str(port)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def serves() -> bool:
        with contextlib.suppress(OSError):
            return get(port, "/_loc/healthz").status == 200
        return False

    until(lambda: process.poll() is not None or serves(), "it neither serves nor ends")
    process.terminate()
    _, errors = process.communicate(timeout=DEADLINE)
    assert b"Traceback" not in errors
    assert process.returncode in (0, 1)


def test_a_terminal_that_is_gone_ends_it(tmp_path: Path) -> None:
    master, slave = os.openpty()
    process = subprocess.Popen(
        [*RUN, "watch", str(tmp_path), "--port", "0"], stdin=slave, stdout=slave, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    assert os.read(master, 100)
    os.close(master)
    save(tmp_path / "a.html", "x")  # it has to say so, and there is nobody
    _, errors = process.communicate(timeout=DEADLINE)
    assert b"Traceback" not in errors
    assert process.returncode in (0, 1)
