"""What the machine does to a run: few descriptors, roots that change, dead peers, clocks, signals."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from websockets.sync.client import connect

from livereload_loc.server.http_protocol import REQUEST_SECONDS
from tests.support.fault_pages import INTRODUCTION, RUN, page, save, told
from tests.support.loc_dev import LocDev
from tests.support.paths import ROOT
from tests.support.raw_http import UPGRADE, get
from tests.support.waiting import DEADLINE, until

CLOCK = """
import time

seconds, nanoseconds = time.time, time.time_ns


def jumped():
    with open({clock!r}) as file:
        return int(file.read() or 0)


time.time = lambda: seconds() + jumped()
time.time_ns = lambda: nanoseconds() + jumped() * 10**9
"""
"""What a process does that finds another time of the day than the files have."""


def test_few_file_descriptors_are_said_and_survived(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><p>Hi")
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48));"
        f"sys.argv = ['loc-dev', 'serve', {str(tmp_path)!r}, '--port', '0', '--json'];"
        "from livereload_loc.__main__ import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    try:
        port = int(json.loads(process.stdout.readline())["url"].rpartition(":")[2])
        connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
        trouble = next(event for event in map(json.loads, process.stdout) if event["event"] == "problem")
        assert "file descriptor" in trouble["title"]
        for connection in connections:
            connection.close()
        assert get(port, "/", b"Accept: text/html").status == 200
    finally:
        process.terminate()
        assert "Traceback" not in process.communicate(timeout=DEADLINE)[1]


@pytest.mark.parametrize("moment", ["file", "fifo", "socket", "link to itself", "nothing"])
def test_a_root_that_becomes_something_else_and_comes_back(tmp_path: Path, moment: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with LocDev("watch", root, "--port", "0") as dev, page(dev) as pages:
        save(root / "a.html", "one")
        assert told(pages)
        since = dev.mark()
        root.rename(tmp_path / "away")
        if moment == "file":
            root.write_text("x")
        elif moment == "fifo":
            os.mkfifo(root)
        elif moment == "socket":
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(root))
        elif moment == "link to itself":
            root.symlink_to(root)
        dev.wait_for("change", lambda event: "a.html" in event["paths"], since=since)  # it is deleted
        since = dev.mark()
        if moment != "nothing":
            root.unlink()
        (tmp_path / "away").rename(root)
        save(root / "b.html", "one")
        dev.wait_for("change", lambda event: "b.html" in event["paths"], since=since)
        since = dev.mark()
        save(root / "b.html", "two")
        dev.wait_for("change", lambda event: event["paths"] == ["b.html"], since=since)
        assert dev.process.poll() is None
    assert "Traceback" not in dev.errors


UNMOUNTED = """
import subprocess, sys
from pathlib import Path
from tests.support.fault_pages import save
from tests.support.loc_dev import LocDev

root = Path(sys.argv[1])
mount = ["mount", "-t", "tmpfs", "none", str(root)]
subprocess.run(mount, check=True)
with LocDev("watch", root, "--port", "0") as dev:
    save(root / "a.html", "one")
    dev.wait_for("change")
    subprocess.run(["umount", str(root)], check=True)
    since = dev.mark()
    subprocess.run(mount, check=True)
    save(root / "b.html", "one")
    dev.wait_for("change", lambda event: "b.html" in event["paths"], since=since)
    assert dev.process.poll() is None
assert dev.errors == "", dev.errors
"""


def test_a_root_that_is_unmounted_and_mounted_again(tmp_path: Path) -> None:
    """In a namespace of its own, where anybody may mount."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-c", UNMOUNTED, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=2 * DEADLINE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_quiet_page_stays(tmp_path: Path) -> None:
    """Longer than a request may take, and than an idle connection is kept."""
    with LocDev("watch", tmp_path, "--port", "0", "--counter") as dev, page(dev) as quiet:
        counter = dev.socket_url.replace("reload", "counter")
        with connect(counter, proxy=None, origin="http://localhost") as visitor:  # type: ignore[arg-type]
            assert json.loads(visitor.recv(DEADLINE))["total"] == 1
            time.sleep(REQUEST_SECONDS + 2)
            save(tmp_path / "a.html", "x")
            assert told(quiet)["paths"] == ["a.html"]
            assert dev.count("client") == 1
            with connect(counter, proxy=None, origin="http://localhost"):  # type: ignore[arg-type]
                assert json.loads(visitor.recv(DEADLINE))["total"] == 2


def test_a_dead_peer_is_found(tmp_path: Path) -> None:
    """Its network is gone: nothing is answered, and nothing is closed."""
    with LocDev("watch", tmp_path, "--port", "0", "--counter") as dev, contextlib.ExitStack() as stack:
        frames = bytes((0x81, 0x80 | len(INTRODUCTION), 0, 0, 0, 0)) + INTRODUCTION.encode()
        for path, said in ((b"/_loc/ws/reload", frames), (b"/_loc/ws/counter", b"")):
            dead = stack.enter_context(socket.create_connection(("127.0.0.1", dev.port), DEADLINE))
            head = b" HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
            dead.sendall(b"GET " + path + head + UPGRADE + b"\r\n")
            assert b" 101 " in dead.recv(4096)
            dead.sendall(said)
        dev.wait_for("client", lambda event: event["state"] == "joined")
        dev.wait_for("total", lambda event: event["total"] == 1)
        dev.wait_for("client", lambda event: event["state"] == "left", within=3 * DEADLINE)
        dev.wait_for("total", lambda event: event["total"] == 0)


def test_the_clock_may_jump(tmp_path: Path) -> None:
    """An hour back, ten days on: each save is told once, and shown as it is."""
    clock = tmp_path / "clock"
    clock.write_text("0")
    (tmp_path / "sitecustomize.py").write_text(CLOCK.format(clock=str(clock)))
    site = tmp_path / "site"
    site.mkdir()
    environment = {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    with LocDev("serve", site, "--port", "0", "--counter", env=environment) as dev, page(dev) as socket:
        for number, jump in enumerate([0, -3600, 864_000, -864_000, 0]):
            clock.write_text(f"{jump}")
            save(site / "index.html", f"<!doctype html><p>{number}")
            assert told(socket)["paths"] == ["index.html"]
            assert b"<p>%d" % number in get(dev.port, "/", b"Accept: text/html").body
            until(lambda jump=jump: abs(_date(dev) - time.time() - jump) < 60)  # type: ignore[misc]
        assert dev.count("change") == 5
        assert get(dev.port, "/_loc/metrics").status == 200
    assert dev.errors == ""


def _date(dev: LocDev) -> float:
    """What time the server takes it to be."""
    return parsedate_to_datetime(get(dev.port, "/_loc/healthz").headers["date"]).timestamp()


@pytest.mark.parametrize("attempt", range(12))
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_at_any_moment_ends_it(tmp_path: Path, number: signal.Signals, attempt: int) -> None:
    """While it starts, builds, restarts its command, and in the midst of a storm."""
    chance = random.Random(100 * number + attempt)
    process = subprocess.Popen(
        [*RUN, "serve", str(tmp_path), "--port", "0", "--json", "--exec", "sleep 0.05", "--restart", "*.py",
         "--", sys.executable, "-c", "import time; time.sleep(60)"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    moment = time.monotonic() + chance.uniform(0, 1.2)
    for written in range(1000):
        if time.monotonic() > moment:
            break
        (tmp_path / f"{written % 50}.{chance.choice(['html', 'css', 'py'])}").write_text(str(written))
        time.sleep(0.001)
    process.send_signal(number)
    _, errors = process.communicate(timeout=DEADLINE)
    # Before our main runs, the interpreter is on its own.
    alone = b"Traceback" in errors and not re.search(rb'__main__\.py", line \d+, in main', errors)
    if not alone:
        assert (process.returncode, errors) in ((0, b""), (-number, b""))


def test_descriptors_stay_while_much_happens(tmp_path: Path) -> None:
    """In small what the benchmark ``soak`` does at length."""
    with LocDev("serve", tmp_path, "--port", "0") as dev:
        (tmp_path / "index.html").write_text("<!doctype html><p>Hi")

        def some() -> int:
            for number in range(150):
                save(tmp_path / f"{number % 10}.html", str(number))
                get(dev.port, "/", b"Accept: text/html")
                if number % 10 == 0:
                    with page(dev):
                        pass
            return len(os.listdir(f"/proc/{dev.process.pid}/fd"))

        some()
        before = some()
        assert some() <= before + 3
