"""What README.md tells people to paste is pasted: into real shells on a real terminal, in a fresh clone."""

from __future__ import annotations

import http.client
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from livereload_loc.cli.main import count, proxy, serve, watch
from tests.support.backends import upstream
from tests.support.paths import ROOT
from tests.support.ports import accepts, free_port
from tests.support.waiting import until

BLOCKS = re.findall(
    r"^```(\w+)\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)
SHELL_BLOCKS = [text for kind, text in BLOCKS if kind == "sh"]
PYTHON_BLOCKS = [text for kind, text in BLOCKS if kind == "python" and "asyncio.run" in text]
APP_BLOCKS = [text for kind, text in BLOCKS if kind == "python" and "asyncio.run" not in text]
PAGE = "<!doctype html><html><head><title>Hi</title></head></html>"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, wants setsid")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone: what git tracks, or would if it were added."""
    target = tmp_path_factory.mktemp("clone")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def get(port: int, path: str = "/") -> str:
    """The body of the answer; empty while nobody answers."""
    connection = http.client.HTTPConnection("localhost", port, timeout=5)
    with closing(connection):
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{port}"})
            answer = connection.getresponse()
            return answer.read().decode() if answer.status == 200 else ""
        except (OSError, http.client.HTTPException):
            return ""


class Terminal:
    """An interactive shell on a terminal of its own."""

    def __init__(self, shell: str, cwd: Path) -> None:
        python = Path(getattr(sys, "_base_executable", sys.executable)).parent
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("VIRTUAL_ENV", "PYTHON"))
        }
        env |= {"PATH": f"{python}:{env['PATH']}", "TERM": "dumb", "ENV": "", "HISTFILE": "/dev/null"}
        self._master, terminal = pty.openpty()
        os.set_blocking(self._master, False)
        self.shell = subprocess.Popen(
            ["setsid", "--ctty", *shell.split()],
            cwd=cwd,
            env=env,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        self._said = b""

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def said(self) -> str:
        try:
            while chunk := os.read(self._master, 65536):
                self._said += chunk
        except OSError:  # nothing to read now, or the shell has gone
            pass
        return self._said.decode(errors="replace")

    def running(self) -> list[str]:
        """What runs on this terminal beside the shell."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                session = int((process / "stat").read_text().rpartition(")")[2].split()[3])
                if session == self.shell.pid != int(process.name):
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:  # gone meanwhile
                continue
        return found

    def close(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if int((process / "stat").read_text().rpartition(")")[2].split()[3]) == self.shell.pid:
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue
        self.shell.wait(10)
        os.close(self._master)


@contextmanager
def terminal(shell: str, cwd: Path) -> Iterator[Terminal]:
    opened = Terminal(shell, cwd)
    try:
        yield opened
    finally:
        opened.close()


def test_no_shell_block_stands_before_the_two_and_none_is_unknown() -> None:
    assert len(SHELL_BLOCKS) >= 2
    assert [kind for kind, _ in BLOCKS][:2] == ["sh", "sh"]
    assert {kind for kind, _ in BLOCKS} <= {"sh", "html", "python", "text", "json", "nginx", "toml"}


@pytest.mark.parametrize("shell", ["bash --norc --noprofile -i", "sh -i"])
def test_the_first_block_shows_the_demo_and_ctrl_c_ends_it_all(clone: Path, shell: str) -> None:
    port = free_port()
    block = SHELL_BLOCKS[0].replace("serve demo_content", f"serve demo_content --port {port}")
    assert str(port) in block

    with terminal(shell, clone) as screen:
        screen.type(block)
        failed = re.compile(r"Traceback|^(loc-dev|ERROR): ", re.MULTILINE)
        until(lambda: failed.search(screen.said()) or get(port), "an answer", 400)
        assert not failed.search(screen.said()), screen.said()
        assert '<script src="/_loc/reload.js" async' in get(port)
        assert "WebSocket" in get(port, "/_loc/reload.js")
        screen.type("\x03")
        until(lambda: not screen.running() and screen.said(), f"an end of {screen.running()}", 5)
        assert not accepts(port)
        assert not failed.search(screen.said()), screen.said()
        screen.type("exit\n")
        until(lambda: screen.said() and screen.shell.poll() is not None, "an end of the shell", 5)


def test_the_options_are_those_that_exist() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    rows = "".join(line for line in lines if line.startswith("| `--"))
    named = set(re.findall(r"`(--[a-z-]+)", rows))
    parameters = [*watch.params, *serve.params, *proxy.params, *count.params]
    assert named == {option for parameter in parameters for option in parameter.opts if option[0] == "-"}


def test_the_second_block_is_the_test_script() -> None:
    assert SHELL_BLOCKS[1] == "tests/run\n"
    script = ROOT / "tests/run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True, timeout=20)


STARTS = {
    "FastAPI": (
        "app.py",
        "from fastapi.responses import HTMLResponse\n"
        f"@app.get('/')\ndef page():\n  return HTMLResponse({PAGE!r})",
        ("-m", "uvicorn", "app:app", "--port", "PORT"),
    ),
    "Flask": (
        "app.py",
        f"@app.get('/')\ndef page():\n  return {PAGE!r}",
        ("-m", "flask", "run", "--debug", "--no-reload", "--port", "PORT"),
    ),
    "Django": (
        "settings.py",
        "import django.http, django.urls\nSECRET_KEY = 'x'\nDEBUG = True\nROOT_URLCONF = 'settings'\n"
        f"urlpatterns = [django.urls.path('', lambda request: django.http.HttpResponse({PAGE!r}))]",
        ("-m", "django", "runserver", "--noreload", "--settings=settings", "--pythonpath=.", "PORT"),
    ),
}


def test_the_blocks_of_apps_are_those_that_are_tried() -> None:
    assert len(APP_BLOCKS) == len(STARTS)


@pytest.mark.parametrize("name", STARTS)
def test_each_app_in_it_bears_the_tag(tmp_path: Path, name: str) -> None:
    (block,) = (text for text in APP_BLOCKS if name in text)
    file, rest, arguments = STARTS[name]
    (tmp_path / file).write_text(f"{block}\n{rest}\n")
    for folder in ("templates", "static"):
        (tmp_path / folder).mkdir()
    with upstream(tmp_path, sys.executable, *arguments) as url:
        page = httpx2.get(url, headers={"Accept": "text/html"}).text
        assert page.startswith('<!doctype html><html><head><script src="/_loc/reload.js" async')
        script = httpx2.get(f"{url}/_loc/reload.js")
        assert "WebSocket" in script.text


@pytest.mark.parametrize("number", range(len(PYTHON_BLOCKS)))
def test_each_python_block_runs_and_prints_a_save(tmp_path: Path, number: int) -> None:
    shutil.copytree(ROOT / "demo_content", tmp_path / "demo_content")
    page = tmp_path / "demo_content/index.html"
    heard = tmp_path / "heard.txt"
    with heard.open("wb") as out:
        running = subprocess.Popen(
            [sys.executable, "-u", "-c", PYTHON_BLOCKS[number]],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:

        def save() -> bool:
            page.write_bytes(page.read_bytes() + b"\n")
            time.sleep(0.2)
            return "index.html" in heard.read_text() or running.poll() is not None

        until(save, "word of the save", 30)
        assert "index.html" in heard.read_text()
        assert "Traceback" not in heard.read_text()
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(10)
        finally:
            running.kill()
