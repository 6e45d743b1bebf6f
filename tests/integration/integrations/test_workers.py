"""Servers of several workers: the middleware stays off, wherever their number stands."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.backends import free_port
from tests.support.harness import ended, wait_until

PAGE = "<!doctype html><title>x</title>"
ASGI = f"""
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from livereload_loc import LiveReloadMiddleware

app = Starlette(debug=True, routes=[Route("/", lambda request: HTMLResponse({PAGE!r}))])
app.add_middleware(LiveReloadMiddleware, watch=["."])
"""
WSGI = f"""
from flask import Flask

from livereload_loc.wsgi import LiveReloadMiddleware

flask = Flask(__name__)
flask.debug = True
flask.add_url_rule("/", view_func=lambda: {PAGE!r})
app = LiveReloadMiddleware(flask.wsgi_app, watch=["."], enabled=None)
"""
RUN = """
import sys
import uvicorn

if __name__ == "__main__":
    uvicorn.run("site_app:app", port=int(sys.argv[1]), workers=int(sys.argv[2]))
"""


@contextmanager
def answering(folder: Path, *command: str, port: int) -> Iterator[str]:
    """The page that a server in ``folder`` gives once it is there."""
    url = f"http://127.0.0.1:{port}"

    def page() -> str:
        try:
            return httpx2.get(url, headers={"Accept": "text/html"}).text
        except httpx2.TransportError:
            return ""

    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with ended(process):
        wait_until(page)
        yield page()


@pytest.mark.parametrize(("workers", "tagged"), [(1, True), (2, False)])
def test_workers_that_uvicorn_is_told_of_in_code(tmp_path: Path, workers: int, tagged: bool) -> None:
    (tmp_path / "site_app.py").write_text(ASGI)
    (tmp_path / "run.py").write_text(RUN)
    port = free_port()
    with answering(tmp_path, sys.executable, "run.py", str(port), str(workers), port=port) as page:
        assert ("/_loc/reload.js" in page) is tagged


@pytest.mark.parametrize(("workers", "tagged"), [(1, True), (2, False)])
def test_workers_that_gunicorn_is_told_of_in_a_file(tmp_path: Path, workers: int, tagged: bool) -> None:
    (tmp_path / "site_app.py").write_text(WSGI)
    port = free_port()
    (tmp_path / "gunicorn.conf.py").write_text(f"workers = {workers}\nbind = '127.0.0.1:{port}'\n")
    with answering(tmp_path, sys.executable, "-m", "gunicorn", "site_app:app", port=port) as page:
        assert ("/_loc/reload.js" in page) is tagged
