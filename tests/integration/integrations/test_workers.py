"""Servers of several workers: the middleware stays off, wherever their number is set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.backends import upstream
from tests.support.middleware_pages import wait

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


@pytest.mark.parametrize(("workers", "tagged"), [(1, True), (2, False)])
def test_workers_that_uvicorn_is_told_of_in_code(tmp_path: Path, workers: int, tagged: bool) -> None:
    (tmp_path / "site_app.py").write_text(ASGI)
    (tmp_path / "run.py").write_text(RUN)
    with upstream(tmp_path, sys.executable, "run.py", "PORT", str(workers)) as url:
        assert ("/_loc/reload.js" in wait(url, "<title>")) is tagged


@pytest.mark.parametrize(("workers", "tagged"), [(1, True), (2, False)])
def test_workers_that_gunicorn_is_told_of_in_a_file(tmp_path: Path, workers: int, tagged: bool) -> None:
    (tmp_path / "site_app.py").write_text(WSGI)
    (tmp_path / "gunicorn.conf.py").write_text(f"workers = {workers}\n")
    command = (sys.executable, "-m", "gunicorn", "--bind", "localhost:PORT", "site_app:app")
    with upstream(tmp_path, *command) as url:
        assert ("/_loc/reload.js" in wait(url, "<title>")) is tagged
