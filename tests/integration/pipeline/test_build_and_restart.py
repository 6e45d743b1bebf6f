"""``--exec`` and ``--restart`` on the command line: what is done before pages are told."""

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
import pytest
from websockets.sync.client import ClientConnection, connect

from livereload_loc.proxy.pool import PoolLimits
from tests.support.backends import upstream
from tests.support.loc_dev import LocDev
from tests.support.ports import free_port
from tests.support.waiting import DEADLINE, until

BUILD = """
import pathlib, sys
source = pathlib.Path("src/site.scss").read_text()
if "oops" in source:
    print("\\033[31msite.scss:1\\033[0m <b>oops</b>")
    sys.exit(65)
pathlib.Path("out/site.css").write_text(source.replace("$", ""))
print("built")
"""

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


@contextmanager
def building(site: Path, *arguments: object) -> Iterator[LocDev]:
    """loc-dev, which runs ``build.py`` of SITE."""
    build = ("--exec", f"{sys.executable} build.py")
    with LocDev(*arguments, "--port", "0", *build, cwd=site) as dev:  # type: ignore[arg-type]
        yield dev


@contextmanager
def opened(dev: LocDev) -> Iterator[ClientConnection]:
    """A page that has introduced itself."""
    with connect(dev.socket_url) as page:
        hello = told(page, "hello")
        page.send(json.dumps({**hello, "type": "page", "url": "/", "age": 0}))
        yield page


def told(page: ClientConnection, kind: str) -> dict[str, object]:
    """Return the next message, which must be of this kind."""
    message: dict[str, object] = json.loads(page.recv(DEADLINE))
    assert message["type"] == kind, message
    return message


def told_nothing(page: ClientConnection, seconds: float = 1.0) -> None:
    with pytest.raises(TimeoutError):
        page.recv(seconds)


def get(dev: LocDev) -> str:
    return httpx2.get(dev.url, timeout=DEADLINE).text


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("src", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "build.py").write_text(BUILD)
    (tmp_path / "src/site.scss").write_text("a { $order: 1 }")
    (tmp_path / "out/index.html").write_text("<!doctype html><p>page")
    return tmp_path


def test_a_build_is_told_by_its_output_and_a_failure_in_every_page(site: Path) -> None:
    with building(site, "watch", "src", "out") as dev, opened(dev) as page:
        (site / "src/site.scss").write_text("a { $order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"]) == (["site.css"], "css")
        assert (site / "out/site.css").read_text() == "a { order: 2 }"
        assert "built" in dev.errors
        since = dev.mark()
        (site / "src/site.scss").write_text("oops")
        problem = told(page, "problem")
        assert problem["title"] == f"{sys.executable} build.py ended with exit code 65"
        assert problem["detail"] == "site.scss:1 <b>oops</b>"
        dev.wait_for("problem", lambda event: event["title"] == problem["title"], since=since)
        with connect(dev.socket_url) as late:
            told(late, "hello")
            assert told(late, "problem") == problem
        (site / "src/site.scss").write_text("a { $order: 3 }")
        assert told(page, "solved")
        assert told(page, "update")["paths"] == ["site.css"]
        told_nothing(page)
    assert dev.errors.count("built") <= 4, "it builds what it has built"


def test_a_served_folder_is_built_of_what_is_watched_beside_it(site: Path) -> None:
    with building(site, "serve", "out", "--watch", "src") as dev, opened(dev) as page:
        (site / "src/site.scss").write_text("a { $order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"], update.get("all")) == (["site.css"], "css", None)
        assert httpx2.get(f"{dev.url}/site.css", timeout=DEADLINE).text == "a { order: 2 }"
        told_nothing(page)


def test_what_is_watched_beside_a_served_folder_concerns_every_page(site: Path) -> None:
    (site / "out/site.css").write_text("a { order: 1 }")
    arguments = ["serve", "out", "--watch", ".", "--port", "0"]
    with LocDev(*arguments, cwd=site) as dev, opened(dev) as page:
        (site / "src/site.css").write_text("a { order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"], update["all"]) == (["src/site.css"], "reload", True)
        (site / "out/site.css").write_text("a { order: 2 }")
        update = told(page, "update")
        assert (update["paths"], update["action"], update.get("all")) == (["site.css"], "css", None)


def test_saves_while_it_builds_are_built_once_more(site: Path) -> None:
    (site / "build.py").write_text("import time; print('begun', flush=True); time.sleep(0.5)")
    with building(site, "watch", "src") as dev:
        (site / "src/site.scss").write_text("1")
        until(lambda: "begun" in dev.errors)
        for name in ("a", "b", "c"):
            (site / f"src/{name}.scss").write_text("2")
            time.sleep(0.05)
        dev.wait_for("change", lambda event: event["paths"] == ["a.scss", "b.scss", "c.scss"])
        assert dev.errors.count("begun") == 2


def test_a_page_that_is_saved_in_each_run_of_a_slow_build_is_built(site: Path) -> None:
    (site / "build.py").write_text(
        "import time; from pathlib import Path; text = Path('src/a.md').read_text()\n"
        "print('begun', flush=True); time.sleep(0.4); Path('src/a.html').write_text(text)\n"
    )
    with building(site, "watch", "src") as dev:
        page = site / "src/a.html"
        for number, word in enumerate(("one", "two", "three", "four")):
            until(lambda number=number: dev.errors.count("begun") >= number)  # type: ignore[misc]
            (site / "src/a.md").write_text(word)
        until(lambda: page.exists() and page.read_text() == "four")


def test_a_page_that_is_saved_while_it_is_built_is_told_when_that_is_built(site: Path) -> None:
    """Its output is not watched; a server reads it, say."""
    (site / "build.py").write_text(
        "import time; from pathlib import Path; text = Path('src/a.html').read_text()\n"
        "print('begun', flush=True); time.sleep(0.6); Path('out/a.html').write_text(text)\n"
    )
    with building(site, "watch", "src") as dev, opened(dev) as page:
        (site / "src/a.html").write_text("one")
        until(lambda: "begun" in dev.errors)
        (site / "src/a.html").write_text("two")
        for text in ("one", "two"):
            assert told(page, "update")["paths"] == ["a.html"]
            assert (site / "out/a.html").read_text() == text
        told_nothing(page)


def test_a_site_that_is_written_again_is_told_once_and_then_by_what_differs(site: Path) -> None:
    (site / "build.py").write_text(
        "from pathlib import Path\n"
        "for name in 'ab':\n"
        "    source = Path(f'src/{name}.scss')\n"
        "    Path(f'out/{name}.css').write_text(source.read_text() if source.exists() else '')\n"
    )
    with building(site, "watch", "src", "out") as dev, opened(dev) as page:
        for name, paths in (("a", ["a.css", "b.css"]), ("b", ["b.css"])):
            (site / f"src/{name}.scss").write_text("a {}")
            assert told(page, "update")["paths"] == paths
            told_nothing(page, 1.5)


def test_a_build_that_is_polled_for_ends(site: Path) -> None:
    (site / "build.py").write_text("print('begun', flush=True); open('src/site.css', 'w').write('a {}')")
    with building(site, "watch", "src", "--poll", "600") as dev:
        (site / "src/site.scss").write_text("1")
        dev.wait_for("change", lambda event: event["paths"] == ["site.css"])
        time.sleep(4)
        assert dev.errors.count("begun") <= 3


def test_a_build_is_ended_with_the_tool(site: Path) -> None:
    (site / "build.py").write_text("import time; print('begun', flush=True); time.sleep(3600)")
    with building(site, "watch", "src") as dev:
        (site / "src/site.scss").write_text("1")
        until(lambda: "begun" in dev.errors)
        assert dev.stop() == 0


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
        dev.wait_for("problem", lambda event: event["title"].endswith("exit code 7"))
        mended = time.monotonic()
        server.write_text(SERVER.replace("VERSION = 1", "VERSION = 2; print('mended', flush=True)"))
        assert str(told(page, "problem")["title"]).endswith("exit code 7")
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
        begun = time.monotonic()
        answer = httpx2.get(dev.url, headers={"Accept": "text/html"}, timeout=DEADLINE)
        assert answer.status_code == 502
        assert "ended with exit code 1" in answer.text
        assert time.monotonic() - begun < PoolLimits.hold
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
