"""``--restart``: the command after ``--`` is restarted, and pages are told once it responds."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2

from tests.support.backends import upstream
from tests.support.loc_dev import LocDev
from tests.support.ports import free_port
from tests.support.reload_sockets import opened, told, told_nothing
from tests.support.waiting import DEADLINE, until

SERVER = """
import http.server, pathlib, sys, time

VERSION = 1


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"<!doctype html><p>version {VERSION}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def get(dev: LocDev) -> str:
    return httpx2.get(dev.url, timeout=DEADLINE).text


@contextmanager
def restarting(server: Path) -> Iterator[LocDev]:
    """loc-dev before SERVER, which it restarts with each save."""
    server.write_text(SERVER)
    port = free_port()
    options = ["--watch", str(server.parent), "--restart", "*.py", "--port", "0"]
    command = [sys.executable, server.name, str(port)]
    with LocDev("proxy", f"http://127.0.0.1:{port}", *options, "--", *command, cwd=server.parent) as dev:
        yield dev


def test_a_command_is_restarted_and_pages_are_told_once_it_is_back(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    with restarting(server) as dev, opened(dev) as page:
        assert "version 1" in get(dev)  # the first request waits for it
        for version in (2, 3):
            server.write_text(SERVER.replace("VERSION = 1", f"VERSION = {version}"))
            assert told(page, "update")["paths"] == ["server.py"]
            assert f"version {version}" in get(dev)
        told_nothing(page)
        server.write_text("raise SystemExit(7)")
        dev.wait_for("problem", lambda event: "ended with exit code 7" in event["title"])
        server.write_text(SERVER.replace("VERSION = 1", "VERSION = 4"))
        until(lambda: "version 4" in get(dev))


def test_a_command_that_was_broken_and_mended_is_restarted_and_told_of_once(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    with restarting(server) as dev, opened(dev) as page:
        assert "version 1" in get(dev)
        server.write_text("raise SystemExit(7)")
        assert str(told(page, "problem")["title"]).endswith("exit code 7")
        mended = time.monotonic()
        server.write_text(SERVER.replace("VERSION = 1", "VERSION = 2; print('mended', flush=True)"))
        told(page, "solved")
        update = told(page, "update")
        assert update["paths"] == ["server.py"]
        assert "version 2" in get(dev)
        page.send(json.dumps({"type": "applied", "seq": update["seq"], "did": "reload", "why": ""}))
        delay = dev.wait_for("applied")["ms"]
        assert delay < (time.monotonic() - mended) * 1000, "it counts from the broken save"
        told_nothing(page, 3.0)
        assert dev.errors.count("mended") == 1


def test_a_command_that_crashes_after_a_save_is_shown_in_the_page_at_once(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    with restarting(server) as dev, opened(dev) as page:
        assert "version 1" in get(dev)
        server.write_text("raise ValueError('no such thing')")
        problem = told(page, "problem")
        title, detail = str(problem["title"]), str(problem["detail"])
        assert title.startswith("server.py: ")
        assert title.endswith(" ended with exit code 1")
        assert detail.endswith("ValueError: no such thing")
        answer = httpx2.get(dev.url, headers={"Accept": "text/html"}, timeout=DEADLINE)
        assert answer.status_code == 502
        assert "ended with exit code 1" in answer.text
        server.write_text(SERVER.replace("VERSION = 1", "VERSION = 2"))
        told(page, "solved")
        assert told(page, "update")["paths"] == ["server.py"]
        assert "version 2" in get(dev)


def test_a_style_sheet_that_is_saved_while_the_command_starts_does_not_restart_it(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    with restarting(server) as dev, opened(dev) as page:
        assert "version 1" in get(dev)
        server.write_text(f"import time; print('slowly', flush=True); time.sleep(1)\n{SERVER}")
        until(lambda: "slowly" in dev.errors)
        (tmp_path / "site.css").write_text("a { order: 1 }")
        assert [told(page, "update")["paths"] for _ in range(2)] == [["server.py"], ["site.css"]]
        assert dev.errors.count("slowly") == 1


def test_a_command_that_fails_at_its_start_is_said_in_the_page(tmp_path: Path) -> None:
    upstream = f"http://localhost:{free_port()}"
    code = "import os; os._exit(3)"
    with LocDev("proxy", upstream, "--port", "0", "--", sys.executable, "-c", code, cwd=tmp_path) as dev:
        trouble = dev.wait_for("problem")
        assert trouble["title"].endswith("ended with exit code 3")
        assert "--restart" in trouble["detail"]
        page = httpx2.get(dev.url, headers={"Accept": "text/html"}, timeout=DEADLINE)
        assert page.status_code == 502
        assert "ended with exit code 3" in page.text


def test_a_command_whose_port_is_taken_is_not_taken_for_the_one_that_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code = f"import socket; socket.create_server(('127.0.0.1', {port}))"
        command = ("--", sys.executable, "-c", code)
        with LocDev("proxy", f"http://127.0.0.1:{port}", "--port", "0", *command, cwd=tmp_path) as dev:
            trouble = dev.wait_for("problem")
            assert trouble["title"].endswith("ended with exit code 1")
            assert f"Something else was listening at http://127.0.0.1:{port} before" in trouble["detail"]


def test_a_server_that_is_not_the_commands_is_waited_for_though_the_command_failed(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    port = free_port()
    with ThreadPoolExecutor() as threads, ExitStack() as stack:
        with upstream(tmp_path, sys.executable, "server.py", "PORT", port=port) as url:
            failing = ("--", sys.executable, "-c", "raise SystemExit(3)")
            dev = stack.enter_context(LocDev("proxy", url, "--port", "0", *failing, cwd=tmp_path))
            dev.wait_for("problem", lambda event: event["title"].endswith("exit code 3"))
            assert "version 1" in get(dev)
        (tmp_path / "server.py").write_text(SERVER.replace("VERSION = 1", "VERSION = 2"))
        waiting = threads.submit(httpx2.get, dev.url, timeout=DEADLINE)
        with upstream(tmp_path, sys.executable, "server.py", "PORT", port=port):
            assert "version 2" in waiting.result(DEADLINE).text
