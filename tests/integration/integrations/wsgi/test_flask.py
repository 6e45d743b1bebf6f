"""The WSGI middleware under ``flask run``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.support.backends import PAGE, SLOWLY, upstream
from tests.support.middleware_pages import returned, tab, told, wait

FLASK = (
    SLOWLY
    + """
from flask import Flask, render_template

from livereload_loc.wsgi import LiveReloadMiddleware

VERSION = 1
app = Flask(__name__)
app.wsgi_app = LiveReloadMiddleware(app.wsgi_app, watch=["."])


@app.get("/")
def page():
    return render_template("page.html", version=VERSION)


@app.get("/plain")
def plain():
    return {"version": VERSION}
"""
)


@contextmanager
def flask(folder: Path, *arguments: str) -> Iterator[tuple[str, Path]]:
    """``flask run`` over an app with the middleware."""
    for name in ("templates", "static"):
        (folder / name).mkdir(parents=True)
    (folder / "app.py").write_text(FLASK)
    (folder / "templates/page.html").write_text(PAGE)
    (folder / "static/site.css").write_text("p { order: 1 }")
    with upstream(folder, sys.executable, "-m", "flask", "run", *arguments, "--port", "PORT") as url:
        wait(url, "version 1")
        yield url, folder


def test_flask_templates_sheets_and_code(tmp_path: Path) -> None:
    with flask(tmp_path / "app", "--debug") as (url, folder):
        page = wait(url, "<script src")
        assert "_loc" not in httpx2.get(f"{url}/plain").text
        with tab(page, url) as connection:
            hello = told(connection)
            (folder / "templates/page.html").write_text(PAGE.replace("one", "two"))
            assert told(connection)["paths"] == ["templates/page.html"]
            assert "<h1>two" in wait(url, "two")
            (folder / "static/site.css").write_text("p { order: 2 }")
            assert (update := told(connection))["action"] == "css"
            assert update["paths"] == ["static/site.css"]
            (folder / "app.py").write_text(FLASK.replace("VERSION = 1", "VERSION = 2"))
            with pytest.raises(Exception, match=r"1012|no close frame"):
                told(connection)
        assert returned(page, url)["run"] != hello["run"]
        assert wait(url, "version 2")


def test_flask_without_debug_shows_no_trace(tmp_path: Path) -> None:
    with flask(tmp_path / "app") as (url, _):
        response = httpx2.get(url, headers={"Accept": "text/html"})
        assert response.text == PAGE.replace("{{ version }}", "1").rstrip("\n")
        assert "no-cache" not in str(response.headers)
        assert httpx2.get(f"{url}/_loc/reload.js").status_code == 404
