"""The tool on a real terminal: what a person sees of it, and what their keys do."""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.support.ports import free_port
from tests.support.pseudo_terminals import Terminal
from tests.support.waiting import DEADLINE, until


def loc_dev(*arguments: str | Path) -> tuple[str | Path, ...]:
    return (sys.executable, "-m", "livereload_loc", *arguments)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("<!doctype html><p>Hello")
    return site


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def page(stack: ExitStack, url: str) -> None:
    """An open page that says at once that it reloads; it is gone when the test ends."""
    address = url.replace("http", "ws", 1) + "/_loc/ws/reload"
    connection = stack.enter_context(connect(address, proxy=None))
    connection.recv(DEADLINE)
    connection.send('{"type":"page","url":"/","seq":null,"run":null,"age":0}')

    def answer() -> None:
        with contextlib.suppress(ConnectionClosed):
            for frame in connection:
                found = re.search(r'"type": ?"update", ?"seq": ?(\d+)', str(frame))
                if found:
                    connection.send(f'{{"type":"applied","seq":{found[1]},"did":"reload","why":""}}')

    threading.Thread(target=answer, daemon=True).start()


def leave_shell(terminal: Terminal) -> None:
    """Wait for the prompt of bash, and end it."""
    until(lambda: re.fullmatch(r"bash\S+[#$]", terminal.lines[-1]))
    terminal.type("exit\n")
    assert terminal.process.wait(DEADLINE) == 0


def test_a_save_is_a_line_above_how_things_stand(stack: ExitStack, site: Path) -> None:
    with Terminal(*loc_dev("serve", "site", "--port", "0"), cwd=site.parent) as terminal:
        page(stack, terminal.url)
        terminal.shows(r"^  http://localhost:\d+  .  1 page open$")
        assert any(re.search(r"Watching  site  1 file$", line) for line in terminal.lines)
        (site / "index.html").write_text("<!doctype html><p>Hi")
        terminal.shows(r"index.html: 1 tab reloaded  \d+ ms$")
        terminal.shows(r"  .  1 page open  .  last index.html in \d+ ms$")
        assert "  1 page open  " in terminal.lines[-1]
        (site / "index.html").write_text("<!doctype html><p>Ho")
        until(lambda: sum("1 tab reloaded" in line for line in terminal.lines) == 2)
        stack.close()
        terminal.shows(r"^  http://localhost:\d+  .  no page is open")


def test_an_upstream_that_is_not_there_yet_is_named_at_the_start(site: Path) -> None:
    url = f"http://localhost:{free_port()}"
    with Terminal(*loc_dev("proxy", url, "--watch", "site", "--port", "0"), cwd=site.parent) as terminal:
        terminal.shows(rf"^Nothing listens at {url} yet; requests wait for it up to 10 s\.$")
    with socket.create_server(("127.0.0.1", 0)) as upstream:
        upstream.settimeout(DEADLINE)
        url = f"http://127.0.0.1:{upstream.getsockname()[1]}"
        with Terminal(*loc_dev("proxy", url, "--watch", "site", "--port", "0"), cwd=site.parent) as terminal:
            connection, _ = upstream.accept()
            with connection:
                connection.settimeout(DEADLINE)
                assert connection.recv(1) == b"", "it sent something, or keeps the connection"
    assert b"Nothing listens" not in terminal.raw


def test_the_keys(stack: ExitStack, site: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >"{tmp_path}/asked"\n')
    browser.chmod(0o755)
    command = loc_dev("serve", "site", "--port", "0")
    with Terminal(*command, cwd=site.parent, env={"BROWSER": str(browser)}) as terminal:
        url = terminal.url
        page(stack, url)
        terminal.shows(r"1 page open")
        terminal.type("h")
        terminal.shows(r"^  q  quit$")
        terminal.type("r")
        terminal.shows(r"all pages: 1 tab reloaded")
        terminal.type("p")
        terminal.shows(r"^  paused")
        (site / "index.html").write_text("<!doctype html><p>Hi")
        (site / ".ignored").write_text("the watcher has seen both")
        terminal.shows(r"\.ignored")
        assert not any("index.html" in line for line in terminal.lines)
        terminal.type("p")
        terminal.shows(r"resumed: 1 file saved meanwhile")
        terminal.shows(r"index.html: 1 tab reloaded")
        terminal.type("o")
        until(lambda: (tmp_path / "asked").exists() and (tmp_path / "asked").read_text())
        assert (tmp_path / "asked").read_text() == f"{url}\n"
        terminal.type("u")
        until(lambda: sum("Local" in line for line in terminal.lines) == 2)
        terminal.type("c")
        until(lambda: len(terminal.lines) == 1)
        terminal.type("\x1b[C\x1b[A")  # arrow keys
        terminal.type("q")
        assert terminal.process.wait(DEADLINE) == 0
        until(lambda: not terminal.lines)


def test_the_terminal_is_left_as_it_was(site: Path) -> None:
    command = " ".join(map(str, loc_dev("serve", "site", "--port", "0")))
    script = f"stty -a >before; {command}; stty -a >after; echo the end"
    with Terminal("sh", "-c", script, cwd=site.parent) as terminal:
        terminal.shows("press h for help")
        terminal.type("q")
        terminal.shows("^the end$")
        assert terminal.process.wait(DEADLINE) == 0
    before, after = ((site.parent / name).read_text() for name in ("before", "after"))
    assert before == after
    assert "icanon" in before


def test_in_the_background_it_is_not_stopped_and_takes_no_keys(site: Path) -> None:
    command = " ".join(map(str, loc_dev("serve", "site", "--port", "0", "--poll")))
    with Terminal("bash", "--norc", "--noprofile", "-i", cwd=site.parent) as terminal:
        terminal.type(f"{command} &\n")
        terminal.shows("press h for help")
        terminal.type("echo q:$((6 * 7))\n")
        terminal.shows("^q:42")
        (site / "index.html").write_text("<!doctype html><p>Hi")
        terminal.shows("index.html: no page is open")
        assert any(re.search("q:42$", line) for line in terminal.lines)
        terminal.type("echo half a comm")
        (site / "index.html").write_text("<!doctype html><p>Ho")
        until(lambda: sum("no page is open" in line for line in terminal.lines) == 2)
        assert any("echo half a comm" in line for line in terminal.lines), (
            "it took another program's line away"
        )
        terminal.type("\x15fg\n")
        terminal.shows(r" fg\n.*livereload_loc serve")  # the shell has brought it to the front
        terminal.type("h")
        terminal.shows("reload all pages")
        terminal.type("\x03")
        leave_shell(terminal)


def test_two_that_share_a_terminal_hold_each_other_up_in_nothing(site: Path) -> None:
    both = (
        "import subprocess, sys\n"
        "running = [subprocess.Popen(sys.argv[1:]) for _ in range(2)]\n"
        "try:\n    [one.wait() for one in running]\n"
        "except KeyboardInterrupt:\n    sys.exit(max(one.wait() for one in running))"
    )
    command = (sys.executable, "-c", both, *loc_dev("serve", "site", "--port", "0"))
    with Terminal(*command, cwd=site.parent, size=(80, 60)) as terminal:
        until(lambda: len(re.findall(r"Local +http://\S+", "\n".join(terminal.lines))) == 2)
        urls = re.findall(r"Local +(http://\S+)", "\n".join(terminal.lines))
        until(lambda: sum("press h" in line for line in terminal.lines) == 2)
        for _ in range(10):
            terminal.type("h")
            for url in urls:
                assert httpx2.get(f"{url}/_loc/healthz", timeout=DEADLINE).status_code == 200
        terminal.type("\x03")
        assert terminal.process.wait(DEADLINE) == 0


def test_what_comes_from_a_pipe_is_no_key(site: Path) -> None:
    with subprocess.Popen(
        loc_dev("serve", "site", "--port", "0"), cwd=site.parent, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        process.stdin.write("q")
        process.stdin.flush()
        try:
            while "press Ctrl+C to stop" not in (line := process.stdout.readline()):
                assert line, "it ended"
            (site / "index.html").write_text("<!doctype html><p>Hi")
            while "index.html: no page is open" not in (line := process.stdout.readline()):
                assert line, "it ended"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0


def test_after_a_stop_things_stand_at_the_bottom_again(site: Path) -> None:
    command = " ".join(map(str, loc_dev("serve", "site", "--port", "0")))
    with Terminal("bash", "--norc", "--noprofile", "-i", cwd=site.parent) as terminal:
        terminal.type(f"{command}\n")
        terminal.shows("  no page is open$")
        terminal.type("\x1a")
        terminal.shows("Stopped")
        terminal.type("fg\n")
        until(lambda: terminal.lines[-1].endswith("  no page is open"))
        terminal.type("h")
        terminal.shows("^  q  quit$")
        terminal.type("q")
        leave_shell(terminal)


def test_what_a_command_writes_is_whole(site: Path) -> None:
    says = (
        "import time\nfor n in range(200):\n print('line', n, 'end', flush=True)\n time.sleep(.004)\n"
        "time.sleep(99)"
    )
    command = loc_dev("watch", "site", "--port", "0", "--", sys.executable, "-c", says)
    with Terminal(*command, cwd=site.parent) as terminal:
        terminal.shows(r"line 199 end$")
        terminal.shows(r"^  no page is open$")
        assert terminal.lines[-1] == "  no page is open"
        said = [line for line in terminal.lines if "line" in line]
        assert [re.sub(r"^\S+ . ", "", line) for line in said] == [
            f"line {number} end" for number in range(200 - len(said), 200)
        ]
        # Scrolled away or not: each line was written once, and nothing amid it.
        text = re.sub(r"\x1b\[[\d;]*[mJKA]", "", terminal.raw.decode())
        assert re.findall(r"line (\d+) end\r\n", text) == [str(number) for number in range(200)]


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_plain_terminals_and_no_colour(site: Path, environment: dict[str, str]) -> None:
    with Terminal(*loc_dev("serve", "site", "--port", "0"), cwd=site.parent, env=environment) as terminal:
        terminal.shows("press h for help")
        (site / "index.html").write_text("<!doctype html><p>Hi")
        terminal.shows("index.html: no page is open")
        text = terminal.raw.decode()
    assert not re.search(r"\x1b\[[\d;]*3\dm", text), "a colour"
    assert ("\x1b" in text) is ("NO_COLOR" in environment)


def test_an_error_stands_on_a_line_of_its_own(site: Path) -> None:
    with Terminal(
        *loc_dev("watch", "site", "--port", "0", "--", "no-such-program"), cwd=site.parent
    ) as terminal:
        assert terminal.process.wait(DEADLINE) == 1
        terminal.shows(r"^loc-dev: Cannot run 'no-such-program'")


def test_a_large_tree_is_followed_while_it_is_read(site: Path) -> None:
    """With a watcher that takes its time, since no test should write so many files."""
    slow = (
        "import os, time\nscandir = os.scandir\n"
        "def slowly(*a):\n    time.sleep(.15)\n    return scandir(*a)\n"
        "os.scandir = slowly\n"
        "from livereload_loc.__main__ import main\nmain()"
    )
    for number in range(15):
        (site / f"folder{number}").mkdir()
        (site / f"folder{number}/page.html").write_text("x")
    command = (sys.executable, "-c", slow, "watch", "site", "--port", "0")
    with Terminal(*command, cwd=site.parent) as terminal:
        terminal.shows(r"^  reading site, \d+ files so far$")
        terminal.shows(r"^  no page is open$")
        assert not any("reading" in line for line in terminal.lines)
