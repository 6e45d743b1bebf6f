"""PHP's own server behind the proxy, as people run it."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.upstreams import Served, proxying
from tests.support.waiting import DEADLINE

LOGIN = """<?php
session_start();
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $_SESSION['name'] = $_POST['name'];
    setcookie('theme', 'dark; "quoted"');
    header('Location: http://' . $_SERVER['HTTP_HOST'] . '/login.php', true, 303);
    exit;
}
echo 'hello ', $_SESSION['name'] ?? 'nobody', ' ', $_COOKIE['theme'] ?? '-';
"""
UPLOAD = "<?php echo strlen(file_get_contents('php://input')), ' ', md5(file_get_contents('php://input'));"
STREAM = "<?php foreach (range(1, 3) as $n) { echo $n, str_repeat(' ', 5000); flush(); usleep(50000); }"


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Served]:
    php = shutil.which("php")
    assert php
    for name, text in {"login.php": LOGIN, "upload.php": UPLOAD, "stream.php": STREAM}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "page.html").write_text("<p>static")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [php, "-S", f"127.0.0.1:{port}", "-t", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        # Nobody waits for it to listen: that is what the proxy is for.
        with proxying(f"http://127.0.0.1:{port}") as running:
            yield running
    finally:
        server.terminate()
        server.wait(DEADLINE)


def ask(
    proxy: Served, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection("localhost", proxy.port, timeout=DEADLINE)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()


def test_pages_of_both_kinds_come(proxy: Served) -> None:
    assert ask(proxy, "GET", "/page.html")[1] == b"<p>static"
    assert ask(proxy, "GET", "/login.php")[1] == b"hello nobody -"
    assert ask(proxy, "HEAD", "/page.html")[1] == b""
    assert ask(proxy, "GET", "/missing.css")[0].status == 404


def test_a_form_logs_in(proxy: Served) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer, _ = ask(proxy, "POST", "/login.php", b"name=J%C3%B8rgen", form)
    assert answer.status == 303
    assert answer.headers["Location"] == f"http://localhost:{proxy.port}/login.php"
    cookies = "; ".join(cookie.partition(";")[0] for cookie in answer.headers.get_all("Set-Cookie") or [])
    assert (
        ask(proxy, "GET", "/login.php", headers={"Cookie": cookies})[1].decode()
        == 'hello Jørgen dark; "quoted"'
    )


def test_uploads_arrive(proxy: Served) -> None:
    body = bytes(range(256)) * 10_000
    _, answer = ask(proxy, "PUT", "/upload.php", body, {"Expect": "100-continue"})
    assert answer.startswith(b"2560000 ")


def test_what_php_flushes_arrives(proxy: Served) -> None:
    answer = ask(proxy, "GET", "/stream.php")[1]
    assert answer.split() == [b"1", b"2", b"3"]
